/* calls.h -- calls: who rings whom, and the outcome. REST and the broker keep the log of
 * calls with the same statements.
 *
 * People only change their own part in a call: they are ringing, joined, declined, left.
 * Nobody sets the state of the call: one statement (settle) derives it from the
 * participants and the clock. It runs before every read of a call and after every change:
 *
 *	ringing    the initiator waits, somebody is being rung
 *	active     a second one has joined; ended as soon as fewer than two are in it
 *	declined   everybody who was rung declined
 *	missed     nobody accepted in time
 *	cancelled  the initiator is no longer waiting
 *
 * A participant whose membership, account or sign-in has ended is out of the call too; in
 * a direct room, so is one whom a block keeps apart from the other. So the code that ends
 * such a thing need not know about calls.
 *
 * Each change is one transaction: lock the call; with a snapshot from after the lock,
 * settle it; check and change the participant; settle it again. So the first of several
 * racing for one transition wins, and the others are told the resulting state. A change
 * of a call, or of a participant's part in it, increments the call's version and records
 * its cause: a person's action or, without one, `missed` (nobody answered in time),
 * `left` (somebody is out of it), `ended`. So whoever has read a call can tell whether
 * anything is new (calls_live.h).
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
	/* for brokers, see calls_tell_read(); elsewhere NULL and false */
	const char *session_id; /* the device they joined with; NULL: none */
	bool is_member;		/* still a member of the room */
};

struct call {
	const char *id, *room_id, *kind, *state, *initiator_id;
	int64_t started_at, answered_at, ended_at; /* 0: not yet, or never */
	int64_t version; /* grows with each change of the call */
	/* the last change and whose it was; by NULL: nobody's. Also for brokers */
	const char *action, *by;
	int participant_count;
	struct call_participant *participants; /* the initiator first */
};

struct json *json_call(struct arena *a, const struct call *c);
/* Is it still ringing or active? */
bool call_is_open(const struct call *c);
/* Somebody's part in it; NULL: they have none. */
const struct call_participant *call_part_of(const struct call *c, const char *user_id);

/* ---- changing ------------------------------------------------------------ */

enum call_result {
	CALL_OK,
	CALL_UNCHANGED, /* it was so already, by the same device */
	CALL_NONE,	/* no such call or room for this person */
	CALL_FORBIDDEN, /* they have no part in it, or only the initiator may do this */
	CALL_MUTED,	/* muted members neither call nor answer */
	CALL_STATE,	/* the state of the call, or of their part, forbids it */
	CALL_LIVE,	/* the room has an open call already: call_id */
	CALL_BUSY,	/* they are in another call: call_id */
	CALL_ALONE,	/* nobody else is in the room */
	CALL_REFUSED,	/* nobody there accepts their calls */
	CALL_FULL,	/* more people than a call may have */
	CALL_WAS_THERE, /* its key made call_id before (only with keys) */
	CALL_MISMATCH,	/* its key was used for another call */
	CALL_RESULT_COUNT
};

struct call_outcome {
	enum call_result result;
	const char *call_id; /* the call that stands in the way, or was made before */
	const char *state;   /* of the call, for CALL_STATE */
	const char *part;    /* the person's own part in it; NULL: none */
};

/* What it means to the client: OK for CALL_OK, _UNCHANGED and _WAS_THERE; otherwise the
 * err, with its words in p. only_room: the caller may know of one room alone, so they are
 * not told which other call they are in. */
enum err call_problem(struct arena *a, const struct call_outcome *o, bool only_room,
		      struct problem *p);

/* A call to everybody in the room who accepts calls from the caller. */
struct call_draft {
	const char *id; /* of the new call: random */
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
	/* only if the call is in this room, by number or id; NULL: any room */
	const char *room_no, *room_id;
	bool is_live; /* as above */
};

enum { CALLS_MOVE_CALLS = 4 };
void calls_move_calls(struct arena *a, const struct call_move *m,
		      struct db_call out[CALLS_MOVE_CALLS]);

/* row: the answer to the last but one call of either. */
void calls_outcome_read(const struct rows *row, struct call_outcome *out);

/* ---- reading ------------------------------------------------------------- */

enum { CALLS_SETTLE_CALLS = 2 };

/* Before reading: settle what is due in one call, a person's latest calls, or a room's
 * (NULL: none of that kind). If another transaction is ending one of them, this waits. */
void calls_settle_calls(struct arena *a, const char *call_id, const char *user_id,
			const char *room_id, struct db_call out[CALLS_SETTLE_CALLS]);
/* Settle everything that is due, at most `limit` calls; calls that another transaction is
 * changing are skipped. The first answer holds the number of calls. */
void calls_settle_due_calls(struct arena *a, int64_t limit,
			    struct db_call out[CALLS_SETTLE_CALLS]);
int64_t calls_settled(const struct rows *first);

/* One call, if this person may see it: those who were called may, and the room's members.
 * room_no as above. */
struct db_call calls_get_call(struct arena *a, const char *call_id, const char *user_id,
			      const char *room_no);
/* ERR_NOT_FOUND without a row. */
enum err calls_get_read(struct arena *a, const struct rows *rows, struct call *out);
/* All calls in the rows. */
void calls_read(struct arena *a, const struct rows *rows, int *out_count,
		struct call **out);

extern const struct stmt *const calls_statements[];
extern const struct stmt *const calls_read_statements[];
