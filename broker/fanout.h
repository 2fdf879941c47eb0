/* fanout.h -- from what is committed to those who listen.
 *
 * Each room's events are put into its ring in the order of seq, without a gap: our own
 * commits at once from the database's answer, and what another broker said whole
 * (early.h), if they are next in line; anything else (somebody else wrote, a wake-up
 * came) by reading the log from where the ring ends. So wake-ups may be lost, doubled and
 * reordered. */
#pragma once

#include <stdint.h>

#include "shared/db.h"
#include "shared/roomlog.h"

struct broker;
struct bytes;
struct conn;
struct listener;
struct post;
struct live_room;

struct fanout {
	int comparing; /* questions of a comparison under way */
};

/* A message of ours was committed. Other brokers are told. */
void fanout_committed(struct broker *b, const struct post *p,
		      const struct appended *done);

/* Something else of ours was committed: the room's log has come to seq. Other brokers
 * are told. */
void fanout_wrote(struct broker *b, const char *room_id, int64_t seq);

/* The room's log is said to have come to seq. */
void fanout_hear(struct broker *b, struct live_room *room, int64_t seq);
void fanout_hear_of(struct broker *b, const char *room_id, int64_t seq);

/* The event is the room's next, and this is its frame: to whoever listens. Of a message
 * that was said elsewhere the type, the seq and the author are enough. The room is
 * held. */
void fanout_deliver(struct broker *b, struct live_room *room, const struct event *e,
		    struct bytes frame);

/* There is no such room any more: its listeners hear so. Those who still ask get their
 * answer from the database. */
void fanout_removed(struct broker *b, struct live_room *room);

/* Compare all rooms with the database: the safety net, and what follows whenever
 * wake-ups may have been missed. Does nothing while one is under way. */
void fanout_compare(struct broker *b);

/* This listener is put out of the room: `room_left`, and nothing more of it. */
void fanout_put_out(struct listener *l, const char *reason);
/* If the event puts its subject out of the room: the reason; else NULL. */
const char *fanout_exit_reason(struct broker *b, const struct event *e);
