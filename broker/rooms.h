/* rooms.h -- who is listening to what.
 *
 * The only index from rooms to connections and back; both sides change together. A room
 * record exists exactly while somebody listens, or is about to, or holds it. It exists,
 * as ROOM_LOADING, before its head has been read, so that no wake-up is lost in
 * between.
 *
 * Owns:     its room records, their rings and pages, and the listeners.
 * Lifetime: a room is freed with its last listener, at once.
 * Contract: conn.c calls rooms_leave_all() before a connection is freed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/ring.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct bus;
struct conn;
struct page;

enum room_state {
	ROOM_LOADING, /* number and head are not known yet */
	ROOM_LIVE,
};

struct live_room {
	struct table_node node;
	struct uuid id;
	uint32_t serial; /* tells it from an earlier record of the same room */
	int64_t no;
	enum room_state state;
	struct ring ring;   /* ROOM_LIVE: room_seq() is the last event put in */
	int64_t wanted;	    /* the log has reportedly come this far */
	bool reading;	    /* the log is being read from room_seq() on */
	bool is_since_join; /* members see only what came after they joined */
	int64_t veiled_seq; /* the last event in the ring that some see veiled */
	int64_t busy_s;	    /* when an event last came */
	struct link listeners;
	int listener_count;
	int holds;	   /* code that works with it: it stays, listeners or not */
	struct link pages; /* of its log, for listeners that catch up */
	struct link in_dirty, in_warm;
	struct link typists; /* typing.h */
	int typist_count;
	struct link early; /* early.h */
	int early_count;
	size_t early_bytes;
};

enum listener_state {
	LISTENER_ASKING, /* may they listen? */
	LISTENER_CATCHING_UP,
	LISTENER_LIVE, /* the cursor is in the room's ring */
};

struct listener {
	/* What a delivery reads stands together (conn.h). */
	struct link in_room, in_ready;
	struct live_room *room;
	struct conn *conn;
	struct ring_cursor cursor; /* LISTENER_LIVE */
	int64_t seq;		   /* events up to here are not wanted */
	struct page *page;	   /* LISTENER_CATCHING_UP, and the rest of it later */
	size_t page_at;
	enum listener_state state;
	bool joining; /* the answer to a join is pending */

	struct link in_conn, in_page;
	uint32_t serial;    /* tells it from an earlier one of the same pair */
	int64_t joined_seq; /* the event with which they joined the room */
	int64_t since;	    /* the room's seq when membership was last looked up */
	int64_t gone_seq;   /* an event that put this person out; 0: none */
};

struct rooms {
	struct table by_id;
	const struct bus *bus; /* is told which rooms there are; NULL: none */
	struct link dirty;     /* rooms whose rings grew in this turn */
	struct link warm;      /* rooms with frames in their rings, oldest first */
	uint32_t serial;
};

void rooms_init(struct rooms *rs);
void rooms_done(struct rooms *rs);

struct live_room *rooms_find(const struct rooms *rs, const char *room_id); /* or NULL */
size_t rooms_count(const struct rooms *rs);

/* The listener of this pair, or NULL. */
struct listener *rooms_listener(const struct conn *c, const char *room_id);
/* The same, if it is still the one with that serial. */
struct listener *rooms_listener_of(const struct conn *c, const char *room_id,
				   uint32_t serial);

/* A room without listeners: the caller holds it at once. It must not exist yet. */
struct live_room *rooms_make(struct rooms *rs, const struct uuid *room_id);

/* A new listener, in the state LISTENER_ASKING. The pair must have none yet. */
struct listener *rooms_listen(struct rooms *rs, struct conn *c,
			      const struct uuid *room_id);
void rooms_leave(struct rooms *rs, struct listener *l);
void rooms_leave_all(struct rooms *rs, struct conn *c);

/* While it is held, a room stays even if its last listener goes. */
void room_hold(struct live_room *room);
void room_release(struct rooms *rs, struct live_room *room);

/* The head is known: from ROOM_LOADING to ROOM_LIVE. */
void room_begin(struct live_room *room, int64_t no, int64_t seq);
/* The last event that the ring has, or had. */
int64_t room_seq(const struct live_room *room);
/* Append the next event, as a finished frame. */
void room_append(struct rooms *rs, struct live_room *room, const void *frame, size_t len,
		 int64_t now_s);

/* From now on the listener gets everything after l->seq from the ring. */
void listener_go_live(struct listener *l);
/* This listener may not see messages before it; 0: everything is visible. */
int64_t listener_visible_from(const struct listener *l);
/* Drop what it was to be sent from ring and pages. */
void listener_stop(struct listener *l);
/* It is live with a page still to send: what follows comes from the log, not the
 * ring. */
void listener_back_to_pages(struct listener *l);
/* The last event that it has been sent, or does not need. */
int64_t listener_seq(const struct listener *l);

/* Empty the rings of rooms without events since before_s and without a lagging
 * listener. */
void rooms_cool(struct rooms *rs, int64_t before_s);
