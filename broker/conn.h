/* conn.h -- one client's connection, from its handshake to its end.
 *
 * Knows no socket: bytes come in through conn_on_*() and go out through wire.h. A
 * connection's state is the list that it is on; only conn_move() moves it to another.
 * Connections are freed not where they die but by conns_bury() at the end of the turn,
 * so a pointer to one is valid within a turn. Across turns keep ids.
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
	CONN_STRANGER, /* no valid token yet */
	CONN_WAITING,  /* has a token or a ticket: waits to be looked up */
	CONN_CHECKING, /* the database has been asked */
	CONN_READY,
	CONN_CLOSING, /* the close frame is sent; the peer may still answer it */
	CONN_DYING,   /* the wire is cut at the end of this turn or of a later one */
	CONN_GONE,    /* the wire is gone; freed at the end of this turn */
	CONN_STATE_COUNT
};

enum {
	CONN_OPENING_S = 10,  /* a valid token waits this long for the database */
	CONN_LINGER_S = 3,    /* the peer has this long to answer our close frame */
	CONN_SLOW_S = 10,     /* a connection closed as too slow may read this long */
	CONN_EXPIRING_S = 60, /* token_expiring is sent this long before the end */
	CONN_RETRY_MAX_S = 60,
	CONN_CUTS_A_TURN = 8, /* cuts in a turn, if many leave at once */
};

/* The identity that the token proves. */
struct credentials {
	struct uuid user_id, session_id; /* session_id: or the API token's id */
	int64_t expires_at_ms;
	unsigned scopes;       /* of enum token_scope; all of them for a user's sign-in */
	struct uuid room_only; /* the room an API token is bound to; "": none */
	bool is_script;	       /* opened by an API token, or by a ticket of one */
};

struct conn {
	/* What a delivery reads stands together: fetching it from memory takes longer
	 * than using it. */
	struct link in_dirty;
	struct outbox out;
	struct broker *broker;
	const struct wire_ops *ops;
	void *wire; /* NULL: gone */
	enum conn_state state;
	bool is_stream; /* receives only its room's events, and sends nothing */

	uint64_t id;
	struct link in_state, in_visitor;
	struct wheel_timer timer;
	int64_t deadline_s; /* meaning depends on the state */
	int64_t ping_s, heard_s;

	struct credentials who;
	char *auth_ref;	   /* of the frame that brought the first token; NULL: none */
	char *ticket;	   /* hash of a ticket or API token to look up; NULL: none */
	bool is_api_token; /* which of the two */
	struct visitor *visitor;   /* set from CONN_READY on */
	struct attendee *attendee; /* likewise; NULL for a script */
	struct address_count *address;
	bool renewing, told_expiring;
	bool is_outdated;   /* the user's rooms changed since they were queried */
	int64_t expiring_s; /* when to send token_expiring */
	bool has_ended;	    /* its end has been counted */
	int excess;	    /* frames and KiB beyond the limits, less those within */

	struct uuid default_room; /* "": none */
	int64_t default_after;	  /* the last seq that its client has; -1: not given */
	char default_epoch[17];	  /* "": not given */

	char *partial; /* of a fragmented frame */
	size_t partial_len, partial_cap;
	char *held; /* a frame that waits; nothing is read meanwhile */
	size_t held_len;

	struct link listeners;
	struct link typing; /* typists reported by this connection */
	int listener_count;
	int asking;	 /* listeners whose join is in flight */
	int posting;	 /* its messages that are being stored */
	int editing;	 /* its edits in flight */
	bool is_calling; /* a change of a call is in flight */
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
void conns_add(struct conns *cs, struct conn *c); /* assigns its id */
void conns_remove(struct conns *cs, struct conn *c);
struct conn *conns_find(struct conns *cs, uint64_t id); /* NULL: it has gone */
/* Calls fn for every connection that has not ended. */
void conns_for_all(struct conns *cs, void (*fn)(struct conn *c));

/* Once a second: deadlines, pings. */
void conns_tick(struct broker *b);
/* Cut the wires of dying connections, those that have waited longest first, and free
 * those that are gone. A cut costs 0.1 ms, so only CONN_CUTS_A_TURN are made in a turn,
 * and the remaining connections are served in between. While draining all are cut at
 * once. */
void conns_bury(struct broker *b);
/* Some are left for the next turn. */
bool conns_have_dying(const struct conns *cs);

/* The handshake is done. Never returns NULL; the connection may be closing already. */
struct conn *conn_new(struct broker *b, const struct wire_ops *ops, void *wire,
		      const struct hello *hello);
void conn_on_data(struct conn *c, const char *data, size_t len, bool final, bool binary,
		  size_t remaining);
void conn_on_pong(struct conn *c);
void conn_on_writable(struct conn *c);
void conn_on_goodbye(struct conn *c); /* the peer's close frame */
/* The peer has hung up: the wire still exists, and is told to close when its turn
 * comes; until then it reports nothing more. */
void conn_on_hangup(struct conn *c);
void conn_on_gone(struct conn *c);

void conn_move(struct conn *c, enum conn_state to);
bool conn_is_open(const struct conn *c); /* frames may be sent to it */
/* Set the timer to the next point at which something is due. */
void conn_set_timer(struct conn *c);
/* A token was accepted: schedule its end, and the first ping. */
void conn_start_clock(struct conn *c);

/* Send an error frame. ref and room_id may be NULL. */
void conn_error(struct conn *c, const char *ref, const char *room_id, enum err e,
		const struct problem *p);
/* Flush the outbox and send the close frame. */
void conn_close(struct conn *c, enum close_code code, const char *reason);
/* Close with 1001: come back later, each client at a different time. */
void conn_close_retry(struct conn *c);
/* Send an error and close: with the error's close code, and its code as the reason. */
void conn_refuse(struct conn *c, const char *ref, const char *room_id, enum err e,
		 const struct problem *p);

/* May this connection do this; may it do anything in this room? */
enum err conn_check_scope(const struct conn *c, unsigned needed, struct problem *p);
enum err conn_check_room(const struct conn *c, const struct uuid *room_id);

/* Hold a frame, and everything after it; conn_release() resumes with it. */
void conn_hold(struct conn *c, const char *frame, size_t len);
void conn_release(struct conn *c);

/* Seconds for `retry_after`, different for each client, so that they do not all come
 * back at once. */
int conn_retry_after_s(const struct broker *b);
