/* conn.h -- one client's connection, from its handshake to its end.
 *
 * Knows no socket: bytes come in through conn_on_*(), and go out through wire.h. A
 * connection's state is the list that it is on; conn_move() is the only way from one
 * to another. Nothing is freed where it dies: conns_bury() does that at the end of the
 * turn, so a pointer to a connection is good within a turn. Across turns there are ids.
 *
 * Owns: its connections, each with its outbox and its listeners. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"
#include "broker/hello.h"
#include "broker/list.h"
#include "broker/outbox.h"
#include "broker/wheel.h"
#include "shared/err.h"
#include "shared/problem.h"
#include "shared/uuid.h"

struct address_count;
struct attendee;
struct broker;
struct visitor;
struct wire_ops;

enum conn_state {
	CONN_STRANGER, /* no good token yet */
	CONN_WAITING,  /* a good token, or a ticket: is asked for when its turn comes */
	CONN_CHECKING, /* the database has been asked */
	CONN_READY,
	CONN_CLOSING, /* the close frame is out; the other side may say goodbye */
	CONN_DYING,   /* the wire is cut at the end of this turn, or of one soon after */
	CONN_GONE,    /* there is no wire; freed at the end of this turn */
	CONN_STATE_COUNT
};

enum {
	CONN_OPENING_S = 10,  /* a good token waits this long for the database */
	CONN_LINGER_S = 3,    /* a closed connection may say goodbye this long */
	CONN_SLOW_S = 10,     /* one that was too slow may read what it was sent */
	CONN_EXPIRING_S = 60, /* token_expiring comes this long before the end */
	CONN_RETRY_MAX_S = 60,
	CONN_CUTS_A_TURN = 8, /* of those who leave all at once */
};

/* Who the token says it is. */
struct credentials {
	struct uuid user_id, session_id; /* or the API token's id */
	int64_t expires_at_ms;
	unsigned scopes;       /* of enum token_scope; all of somebody who signed in */
	struct uuid room_only; /* an API token's that is bound to one; or "" */
	bool is_script;	       /* an API token, or by a ticket of one */
};

struct conn {
	uint64_t id;
	struct broker *broker;
	const struct wire_ops *ops;
	void *wire;	/* NULL: gone */
	bool is_stream; /* hears of its room and of nothing else, and says nothing */
	enum conn_state state;
	struct link in_state, in_dirty, in_visitor;
	struct wheel_timer timer;
	int64_t deadline_s; /* what it means depends on the state */
	int64_t ping_s, heard_s;

	struct credentials who;
	char *auth_ref; /* of the frame that brought the first token; NULL none */
	char *ticket;	/* hash of one, or of an API token, to be asked for; NULL none */
	bool is_api_token;	   /* which of the two */
	struct visitor *visitor;   /* from CONN_READY on */
	struct attendee *attendee; /* likewise; NULL of a script */
	struct address_count *address;
	bool renewing, told_expiring;
	bool is_outdated;   /* their rooms changed since they were asked for */
	int64_t expiring_s; /* when to tell that the token is about to expire */
	bool has_ended;	    /* counted as such */
	int excess;	    /* beyond the limits, in frames and KiB, less frames within */

	struct uuid default_room; /* "" none */
	int64_t default_after;	  /* where its client had come to; -1 not told */
	char default_epoch[17];	  /* "" not told */

	char *partial; /* of a frame that comes in fragments */
	size_t partial_len, partial_cap;
	char *held; /* a frame that waits; nothing is read meanwhile */
	size_t held_len;

	struct outbox out;
	struct link listeners;
	struct link typing; /* typists who said so by it */
	int listener_count;
	int asking;	 /* listeners whose join is under way */
	int posting;	 /* messages of its that are being stored */
	int editing;	 /* edits of its that are under way */
	bool is_calling; /* a change of a call is under way */
};

struct conns {
	struct link states[CONN_STATE_COUNT];
	int counts[CONN_STATE_COUNT];
	struct wheel wheel;
	struct conn **slots;
	uint32_t *free_slots;
	uint32_t slot_count, free_count;
	uint64_t serial;
	int count;
};

void conns_init(struct conns *cs, int64_t now_s);
void conns_done(struct conns *cs);
void conns_add(struct conns *cs, struct conn *c); /* gives it its id */
void conns_remove(struct conns *cs, struct conn *c);
struct conn *conns_find(struct conns *cs, uint64_t id); /* NULL: it has left */
/* All that have not ended. */
void conns_for_all(struct conns *cs, void (*fn)(struct conn *c));

/* Once a second: deadlines, pings. */
void conns_tick(struct broker *b);
/* Cut the wires of the dying, those who have waited longest first, and free the gone. A
 * cut costs a tenth of a millisecond, so that only so many are made in a turn: between
 * turns those who stay are served. In a drain all are. */
void conns_bury(struct broker *b);
/* Some are left for the next turn. */
bool conns_have_dying(const struct conns *cs);

/* The handshake is done. Never NULL; it may be closing already. */
struct conn *conn_new(struct broker *b, const struct wire_ops *ops, void *wire,
		      const struct hello *hello);
void conn_on_data(struct conn *c, const char *data, size_t len, bool final, bool binary,
		  size_t remaining);
void conn_on_pong(struct conn *c);
void conn_on_writable(struct conn *c);
void conn_on_goodbye(struct conn *c); /* the other side's close frame */
/* The other side has hung up: the wire is still there, and is told to close in its turn;
 * until then it says nothing more. */
void conn_on_hangup(struct conn *c);
void conn_on_gone(struct conn *c);

void conn_move(struct conn *c, enum conn_state to);
bool conn_is_open(const struct conn *c); /* frames to it make sense */
/* The next point at which something of it is due. */
void conn_set_timer(struct conn *c);
/* A token was taken: its end, and the first ping. */
void conn_start_clock(struct conn *c);

/* An error frame. ref, room_id: NULL none. */
void conn_error(struct conn *c, const char *ref, const char *room_id, enum err e,
		const struct problem *p);
/* The close frame, after what is in the outbox. */
void conn_close(struct conn *c, enum close_code code, const char *reason);
/* 1001: come back later, each at a time of its own. */
void conn_close_retry(struct conn *c);
/* An error and a close: the error's own close code, and its word as the reason. */
void conn_refuse(struct conn *c, const char *ref, const char *room_id, enum err e,
		 const struct problem *p);

/* May it do this; and may it do anything in this room? */
enum err conn_check_scope(const struct conn *c, unsigned needed, struct problem *p);
enum err conn_check_room(const struct conn *c, const struct uuid *room_id);

/* Let a frame wait, and everything after it; conn_release() takes it up again. */
void conn_hold(struct conn *c, const char *frame, size_t len);
void conn_release(struct conn *c);

/* Seconds for `retry_after`, different for each, so that they do not all come back at
 * once. */
int conn_retry_after_s(const struct broker *b);
