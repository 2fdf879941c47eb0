/* receipts.h -- how far people have read: `delivered` and `read`, and `receipt`, by which
 * others hear of it.
 *
 * A mark only goes forward, and no answer depends on it. So what is said is gathered, of
 * each person and room the highest, and written in one statement every RECEIPTS_EVERY_MS
 * on LINE_NOTE; what was not written, because the database was away or somebody held the
 * row, is written the next time. The same statement says who is to hear of it:
 *
 *	the reader's other devices, always;
 *	the others who listen to the room, where a message's status is shown there
 *	(RECEIPTS_SHOWN), up to RECEIPTS_ALL_MAX members; in larger ones the authors of
 *	what was read alone. Not those with whom there is a block. Where the reader does
 *	not send_receipts, read_seq is 0: they hear how far it was delivered.
 *
 * Marks that are moved elsewhere, by REST, by another broker (wake-ups) or by posting,
 *are looked up the same way and told. A receipt that is lost, or not told because
 *somebody is slow, is made up for by the next, and by the status of messages over REST.
 *
 * Cost: a frame is made once a reader, room and round, and shared by all who hear it.
 *
 * Owns: the marks that wait, and those under way. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"

struct broker;
struct event;
struct live_room;
struct uuid;

enum {
	RECEIPTS_EVERY_MS = 200,
	RECEIPTS_POSTED_MS = 1000, /* that posting moves one's mark is told as late */
	RECEIPTS_BATCH = 500,	   /* marks a statement */
	RECEIPTS_MAX = 50000,	   /* waiting; beyond, frames are `unavailable` */
};

struct receipts {
	struct table by_key;
	struct link waiting;
	struct link under_way; /* in the order in which they were asked about */
	int64_t next_ms;       /* -1: nothing waits */
};

void receipts_init(struct receipts *r);
void receipts_done(struct broker *b);

/* This person's marks in the room have moved: tell it, if there is anybody to tell. */
void receipts_hear(struct broker *b, const struct uuid *room_id,
		   const struct uuid *user_id);
/* An event of the room: a message moves its author's mark. */
void receipts_posted(struct live_room *room, const struct event *e, struct broker *b);

/* Ask, if it is time. At the end of a turn. */
void receipts_kick(struct broker *b);
/* When that is to be done though nothing happens; -1: never. */
int64_t receipts_next_ms(const struct broker *b);
/* Nothing that somebody said is still to be written. */
bool receipts_are_idle(const struct receipts *r);
