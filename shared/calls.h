/* calls.h -- calls: who rings whom, and what becomes of it. REST and the broker keep
 * the log of calls by the same statements.
 *
 * What people do changes their own part in a call: they are ringing, joined, declined,
 * left. The state of the call is not set by anybody: it follows from its participants
 * and the clock, in one statement (settle), which runs before everything that is asked
 * of a call and after everything that is done:
 *
 *	ringing    the initiator waits, somebody is being rung
 *	active     a second one has joined; ended as soon as fewer than two are in it
 *	declined   all who were rung said no
 *	missed     nobody said yes in time
 *	cancelled  the initiator is no longer waiting
 *
 * Out of a call are also those whose membership, account or sign-in has ended, and in
 * a direct room those who are kept apart by a block, so whoever ends such a thing need
 * not know of calls.
 *
 * Each change is one transaction: lock the call, with a snapshot from after the lock
 * settle it, check and change the participant, settle it again. So of many who race
 * for one edge the first wins, and the others are told the state they have come to.
 * A change of a call, or of somebody's part in it, makes its version one more, and says
 * what changed it: what somebody did, or of itself `missed` (nobody answered in time),
 * `left` (somebody is out of it), `ended`. So whoever has read a call can tell whether
 * there is anything new (calls_live.h).
 *
 * The calls are values, like those of roomlog.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/json.h"
#include "shared/problem.h"

enum call_kind { CALL_AUDIO, CALL_VIDEO, CALL_KIND_COUNT };
enum call_action {
	CALL_ACCEPT,
	CALL_DECLINE,
	CALL_CANCEL,
	CALL_HANGUP,
	CALL_ACTION_COUNT
};

extern const char *const call_kind_names[];
extern const char *const call_action_names[];
extern const char *const call_state_names[];
extern const char *const call_part_names[];	 /* states of a participant */
extern const char *const call_happening_names[]; /* what changes a call */

struct call_participant {
	const char *user_id, *state;
	int64_t joined_at, left_at; /* 0: never */
	/* for brokers, see calls_tell_read(); NULL and false elsewhere */
	const char *session_id; /* the device, as far as they joined; NULL: none */
	bool is_member;		/* of the room, still */
};

struct call {
	const char *id, *room_id, *kind, *state, *initiator_id;
	int64_t started_at, answered_at, ended_at; /* 0: not yet, or never */
	int64_t version;			   /* grows with each change of it */
	/* what changed it last; by NULL: nobody. For brokers, too */
	const char *action, *by;
	int participant_count;
	struct call_participant *participants; /* the initiator first */
};

struct json *json_call(struct arena *a, const struct call *c);
/* Is it going on, ringing or active? */
bool call_is_open(const struct call *c);
/* Somebody's part in it; NULL: none. */
const struct call_participant *call_part_of(const struct call *c, const char *user_id);

/* ---- changing ------------------------------------------------------------ */

enum call_result {
	CALL_OK,
	CALL_UNCHANGED, /* it was so already, by the same device */
	CALL_NONE,	/* no such call or room for this person */
	CALL_FORBIDDEN, /* they have no part in it, or the action is the initiator's */
	CALL_MUTED,	/* the muted neither call nor answer */
	CALL_STATE,	/* its state, or theirs, does not allow it */
	CALL_LIVE,	/* the room has an open call already: call_id */
	CALL_BUSY,	/* they are in another call: call_id */
	CALL_ALONE,	/* nobody else is in the room */
	CALL_REFUSED,	/* nobody there lets them call */
	CALL_FULL,	/* more people than a call may have */
	CALL_WAS_THERE, /* its key made call_id before (only with keys) */
	CALL_MISMATCH,	/* its key was used for another call */
	CALL_RESULT_COUNT
};

struct call_outcome {
	enum call_result result;
	const char *call_id; /* the one that is in the way */
	const char *state;   /* of the call, where CALL_STATE */
	const char *part;    /* and the person's own in it; NULL: none */
};

/* What it means to the client: OK for CALL_OK, _UNCHANGED and _WAS_THERE, else the err
 * with its words in p. only_room: who asks may know of one room alone, so not which other
 * call they are in. */
enum err call_problem(struct arena *a, const struct call_outcome *o, bool only_room,
		      struct problem *p);

/* Calling everybody in a room who lets them. */
struct call_draft {
	const char *id; /* of the call to be: random */
	const char *room_id, *user_id, *session_id;
	enum call_kind kind;
	int64_t ring_s, most_s, max_participants;
	bool is_live;	 /* by a frame: this device is connected */
	const char *key; /* Idempotency-Key, with its fingerprint: calls_store.h */
	int64_t fingerprint;
};

enum { CALLS_START_CALLS = 5 };
void calls_start_calls(struct arena *a, const struct call_draft *d,
		       struct db_call out[CALLS_START_CALLS]);

struct call_move {
	const char *call_id, *user_id, *session_id;
	enum call_action action;
	int64_t max_participants;
	/* only if it is in this room, by its number or id; NULL: anywhere */
	const char *room_no, *room_id;
	bool is_live; /* as above */
};

enum { CALLS_MOVE_CALLS = 4 };
void calls_move_calls(struct arena *a, const struct call_move *m,
		      struct db_call out[CALLS_MOVE_CALLS]);

/* row: the answer to the last but one of either. */
void calls_outcome_read(const struct rows *row, struct call_outcome *out);

/* ---- reading ------------------------------------------------------------- */

enum { CALLS_SETTLE_CALLS = 2 };

/* Before reading: what is due of one call, of a person's latest, of a room's; NULL:
 * not that. Where somebody else is ending one this waits for them. */
void calls_settle_calls(struct arena *a, const char *call_id, const char *user_id,
			const char *room_id, struct db_call out[CALLS_SETTLE_CALLS]);
/* What is due of all, `limit` at most; calls that somebody else is changing are passed
 * by. The first answer has a row for how many. */
void calls_settle_due_calls(struct arena *a, int64_t limit,
			    struct db_call out[CALLS_SETTLE_CALLS]);
int64_t calls_settled(const struct rows *first);

/* One call, as far as this person may know of it: who was called, and the members of
 * the room. room_no as above. */
struct db_call calls_get_call(struct arena *a, const char *call_id, const char *user_id,
			      const char *room_no);
/* ERR_NOT_FOUND without a row. */
enum err calls_get_read(struct arena *a, const struct rows *rows, struct call *out);
/* All that rows tell of. */
void calls_read(struct arena *a, const struct rows *rows, int *out_count,
		struct call **out);

extern const struct stmt *const calls_statements[];
extern const struct stmt *const calls_read_statements[];
