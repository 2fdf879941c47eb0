/* calls.h -- the calls that go on, and telling those whom they concern.
 *
 * All open calls of the site are here, as last read (shared/calls_live.h), whoever
 * changed them: a frame (call_change.c), a REST program or another broker. What is read
 * again without being newer changes nothing and is told to nobody, so doubles are
 * harmless. So a device that connects hears of its calls, and a signal is relayed,
 * without a question to the database.
 *
 * Each change is told as `call` to those who are called to it or in it: to each of their
 * connections that may read the room, and to the device by which they are in the call.
 * Who is no member of the room any more hears the change that put them out, and nothing
 * after that.
 *
 * Kept up to date by call_watch.c: wake-ups say what changed, a look at the database
 * every second finds what they did not say, and what is due is ended there. So a lost
 * wake-up costs a second.
 *
 * Owns:     the calls and their parts. Across turns keep ids.
 * Bounds:   as many as there are open calls, some 200 bytes and 200 a participant each;
 *           one that is over is known for another CALLS_KEPT_S. */
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
	CALLS_CHECKED_MAX = 500, /* looked after in one tick */
	CALLS_READ_MAX = 500,	 /* read at once */
};

/* Somebody with a part in open calls. */
struct caller {
	struct table_node node;
	struct uuid id;
	struct link parts;
};

struct call_part {
	struct live_call *call;
	struct uuid user_id;
	struct caller *caller; /* while the call is open */
	struct link in_caller;
	const char *state;	/* of call_part_names */
	struct uuid session_id; /* the device; "" none */
	bool is_member;
	int64_t joined_at, left_at;
	uint64_t conn_id; /* of that device, by which they spoke last; 0 none of ours */
	bool was_here;	  /* that device was connected when we last looked */
	int64_t seen_s;	  /* when we last noted so */
};

struct live_call {
	struct table_node node;
	struct uuid id, room_id, initiator_id, by; /* by "": nobody */
	struct link in_list;			   /* of those that are open, or over */
	int64_t version;
	const char *kind, *state, *action; /* words of tables */
	int64_t started_at, answered_at, ended_at;
	int64_t over_s; /* since when it is over */
	int64_t looked; /* number of the look that it was in, or came after */
	int part_count;
	struct call_part *parts;
};

/* A read that is due. */
struct call_ids {
	struct uuid *items;
	int count, cap;
};

struct calls {
	struct table by_id, callers;
	struct link open, over;
	struct call_ids unread; /* said to be newer than what is here */
	struct link resting;	/* changes to be tried again: call_change.c */
	bool is_loaded;		/* all that go on are here */
	bool is_reading, is_looking, is_checking;
	int64_t looks;	   /* how many were asked */
	int64_t looked_ms; /* when the last one that was answered was asked; 0 never */
	int64_t steady_s;  /* since when all has been well: see calls_live.h; -1 it is not
			    */
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
/* As it is here; good for this turn. */
struct call live_call_view(struct arena *a, const struct live_call *c);

/* As read. What is newer than what is here is told, but to `but`, who gets an answer;
 * NULL: to all. */
void calls_take(struct broker *b, const struct call *call, const struct conn *but);
/* As committed by us: other brokers hear of it too. */
void calls_take_own(struct broker *b, const struct call *call, const struct conn *but);
/* A call went with its room. */
void calls_take_removal(struct broker *b, struct live_call *c);
/* Those that are over for long. */
void calls_forget_old(struct broker *b);

/* ---- call_tell.c --------------------------------------------------------- */

/* To all whom it concerns, but to `but`. */
void call_tell(struct broker *b, const struct live_call *c, const struct conn *but);
/* To those who had a part in it as it was before, and are put out of the room now. */
void call_tell_put_out(struct broker *b, const struct live_call *before,
		       const struct call *now);
/* The frame `call`, as an answer if there is a ref. */
struct bytes call_tell_frame(struct arena *a, const struct call *call, const char *ref);

/* What goes on for somebody who has just come: their calls, after `ready`. */
void call_tell_greet(struct conn *c);

/* Is this connection one of the device by which they joined? */
bool call_part_is_device(const struct call_part *p, const struct conn *c);
/* Is that device connected here? */
bool call_part_is_here(const struct broker *b, const struct call_part *p);

/* ---- call_watch.c -------------------------------------------------------- */

/* The call is said to have come to this version. */
void calls_hear(struct broker *b, const char *call_id, int64_t version);
/* Every CALLS_TICK_MS: look, end what is due, note who is here. */
void calls_tick(struct broker *b);
/* Read what is said to be new. At the end of a turn. */
void calls_kick(struct broker *b);

/* ---- call_change.c ------------------------------------------------------- */

/* Try those again that found somebody else at it. At the end of a turn; and when that
 * is to be done though nothing happens, -1: never. */
void call_changes_kick(struct broker *b);
int64_t call_changes_next_ms(const struct broker *b);
void call_changes_done(struct broker *b);
