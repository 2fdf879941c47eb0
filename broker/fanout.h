/* fanout.h -- delivers committed events to the listeners.
 *
 * Each room's events are put into its ring in the order of seq, without a gap. Our own
 * commits go in at once, from the database's answer, and so do messages that another
 * broker sent whole (early.h), if they are next in line. For everything else (another
 * process wrote, a wake-up came) the log is read from where the ring ends. So wake-ups
 * may be lost, duplicated and reordered. */
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
	int comparing; /* queries of a comparison in flight */
};

/* One of our messages was committed. Tells other brokers. */
void fanout_committed(struct broker *b, const struct post *p,
		      const struct appended *done);

/* Another of our events was committed: the room's log has reached seq. Tells other
 * brokers. */
void fanout_wrote(struct broker *b, const char *room_id, int64_t seq);

/* The room's log has reportedly reached seq. */
void fanout_hear(struct broker *b, struct live_room *room, int64_t seq);
void fanout_hear_of(struct broker *b, const char *room_id, int64_t seq);

/* Deliver this event, the room's next, with this frame. For a message from another
 * broker the type, the seq and the author are enough. The caller holds the room. */
void fanout_deliver(struct broker *b, struct live_room *room, const struct event *e,
		    struct bytes frame);

/* The room no longer exists: tell its listeners. Listeners that are still ASKING get
 * their answer from the database. */
void fanout_removed(struct broker *b, struct live_room *room);

/* Compare all rooms with the database: the safety net, also run whenever wake-ups may
 * have been missed. Does nothing while a comparison is under way. */
void fanout_compare(struct broker *b);

/* Remove this listener from the room: send it `room_left`, and nothing more of the
 * room. */
void fanout_put_out(struct listener *l, const char *reason);
/* If the event removes its subject from the room: the reason; else NULL. */
const char *fanout_exit_reason(struct broker *b, const struct event *e);
