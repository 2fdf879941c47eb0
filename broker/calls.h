/* calls.h -- the open calls, and telling the people concerned.
 *
 * All open calls of the site are kept here as last read (shared/calls_live.h), whoever
 * changed them: a frame (call_change.c), a REST program or another broker. A version
 * that is read again changes nothing and is told to nobody, so duplicates are harmless.
 * So a device that connects is told of its calls, and a signal is relayed, without a
 * query.
 *
 * Each change is sent as `call` to the people who are called or in the call: to each of
 * their connections that may read the room, and to the device by which they are in the
 * call. People who are no longer members of the room get the change that put them out,
 * and nothing after it, except the end if they are members again soon.
 *
 * call_watch.c keeps this up to date: wake-ups say what changed, a look at the database
 * every second finds what they missed, and calls that are due are ended there. So a
 * lost wake-up costs a second.
 *
 * Owns:     the calls and their parts. Across turns keep ids.
 * Bounds:   the number of open calls, some 200 bytes each and 200 a participant; an
 *           ended call is kept for another CALLS_KEPT_S. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/frame.h"
#include "broker/list.h"
#include "broker/table.h"
#include "shared/calls.h"
#include "shared/uuid.h"

struct broker;
struct conn;

enum {
	CALLS_TICK_MS = 500,
	CALLS_KEPT_S = 60,
	CALLS_RETURN_S = 3,	 /* by then whoever was put out of the room knows it */
	CALLS_CHECKED_MAX = 500, /* checked in one tick */
	CALLS_READ_MAX = 500,	 /* read at once */
};

/* A person with a part in open calls. */
struct caller {
	struct table_node node;
	struct uuid id;
	struct link parts;
};

struct call_part {
	struct live_call *call;
	struct uuid user_id;
	struct caller *caller; /* set while the call is open */
	struct link in_caller;
	const char *state;	/* a word of call_part_names */
	struct uuid session_id; /* the device; "": none */
	bool is_member;
	int64_t joined_at, left_at;
	uint64_t conn_id; /* the device's last connection to speak; 0: none here */
	bool was_here;	  /* that device was connected when we last looked */
	int64_t seen_s;	  /* when we last noted it as seen */
};

struct live_call {
	struct table_node node;
	struct uuid id, room_id, initiator_id, by; /* by "": nobody */
	struct link in_list;			   /* of open calls, or of ended ones */
	int64_t version;
	const char *kind, *state, *action; /* words of tables */
	int64_t started_at, answered_at, ended_at;
	int64_t over_s; /* when it ended, on our clock */
	int64_t looked; /* number of the look that found it, or preceded it */
	int part_count;
	struct call_part *parts;
};

/* Calls to be read. */
struct call_ids {
	struct uuid *items;
	int count, cap;
};

struct calls {
	struct table by_id, callers;
	struct link open, over;
	struct call_ids unread; /* calls with a reported version newer than ours */
	struct link resting;	/* changes to be retried: call_change.c */
	bool is_loaded;		/* all open calls are here */
	bool is_reading, is_looking, is_checking;
	int64_t looks;	   /* looks sent so far */
	int64_t looked_ms; /* when the last answered look was sent; 0: never */
	int64_t steady_s;  /* when all became well (calls_live.h); -1: it is not */
	int64_t ticks;
};

void calls_init(struct calls *cs);
void calls_done(struct calls *cs);
/* The database is another one. */
void calls_forget_all(struct calls *cs);

struct live_call *calls_find(const struct calls *cs, const char *call_id); /* or NULL */
struct call_part *live_call_part(const struct live_call *c, const char *user_id);
bool live_call_is_open(const struct live_call *c);
bool call_part_is_in(const struct call_part *p); /* it has joined */
bool call_part_is_ringing(const struct call_part *p);
/* The call as known here; valid for this turn. */
struct call live_call_view(struct arena *a, const struct live_call *c);

/* Takes a call as read. If it is newer than ours, tells everybody concerned but `but`,
 * who gets an answer; NULL: all. */
void calls_take(struct broker *b, const struct call *call, const struct conn *but);
/* A call as committed by us: other brokers are told too. */
void calls_take_own(struct broker *b, const struct call *call, const struct conn *but);
/* A call was removed with its room. */
void calls_take_removal(struct broker *b, struct live_call *c);
/* Forget calls that ended CALLS_KEPT_S ago. */
void calls_forget_old(struct broker *b);

/* ---- call_tell.c --------------------------------------------------------- */

/* To everybody concerned but `but`. */
void call_tell(struct broker *b, const struct live_call *c, const struct conn *but);
/* To people who had a part in the call before, and are now put out of the room. */
void call_tell_put_out(struct broker *b, const struct live_call *before,
		       const struct call *now);
/* To people who were not in the room when this version was read, and are again. */
void call_tell_returned(struct broker *b, struct live_call *c, const struct call *now);
/* The frame `call`, as an answer if there is a ref. */
struct bytes call_tell_frame(struct arena *a, const struct call *call, const char *ref);

/* Tell a newly connected device of its open calls, after `ready`. */
void call_tell_greet(struct conn *c);

/* Does this connection belong to the device by which they joined? */
bool call_part_is_device(const struct call_part *p, const struct conn *c);
/* Is that device connected here? */
bool call_part_is_here(const struct broker *b, const struct call_part *p);

/* ---- call_watch.c -------------------------------------------------------- */

/* The call has reportedly reached this version. */
void calls_hear(struct broker *b, const char *call_id, int64_t version);
/* Every CALLS_TICK_MS: look, end what is due, note who is here. */
void calls_tick(struct broker *b);
/* Read the calls that are reported to be newer. At the end of a turn. */
void calls_kick(struct broker *b);

/* ---- call_change.c ------------------------------------------------------- */

/* Retry changes that found the room or call locked. At the end of a turn; and when to
 * do that even if nothing happens, -1: never. */
void call_changes_kick(struct broker *b);
int64_t call_changes_next_ms(const struct broker *b);
void call_changes_done(struct broker *b);
