/* receipts.h -- how far people have read: `delivered` and `read`, and `receipt`, by
 * which others hear of it.
 *
 * A mark only moves forward, and no answer depends on it. So marks are gathered for
 * RECEIPTS_EVERY_MS, the highest for each person and room, and written on LINE_NOTE, all
 * that fall due within RECEIPTS_ROUND_MS by one statement; marks that were not written,
 *because the database was away or the row was locked, are written the next time. The same
 *statement says who is to hear of it:
 *
 *	the reader's other devices, always;
 *	the others who listen to the room, if a message's status is shown there
 *	(RECEIPTS_SHOWN), up to RECEIPTS_ALL_MAX members; in larger rooms only the authors
 *	of what was read. Not people with whom there is a block. If the reader does not
 *	send_receipts, read_seq is 0: the others hear how far it was delivered.
 *
 * Marks that move elsewhere, by REST, by another broker (wake-ups) or by posting, are
 * looked up the same way and told. A receipt that is lost, or dropped because a client
 * is slow, is made up for by the next one, and by the status of messages over REST.
 *
 * Cost: one frame per reader, room and round, shared by everybody who gets it.
 *
 * Owns: the marks that wait, and those in flight. */
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
	RECEIPTS_ROUND_MS = 100,
	RECEIPTS_POSTED_MS = 1000, /* delay for a mark moved by posting */
	RECEIPTS_BATCH = 500,	   /* marks per statement */
	RECEIPTS_MAX = 50000,	   /* waiting; beyond that, frames are `unavailable` */
};

struct receipts {
	struct table by_key;
	struct link waiting;
	struct link under_way; /* in the order of the query */
	int64_t next_ms;       /* -1: nothing waits */
};

void receipts_init(struct receipts *r);
void receipts_done(struct broker *b);

/* This person's marks in the room have moved: tell everybody concerned. */
void receipts_hear(struct broker *b, const struct uuid *room_id,
		   const struct uuid *user_id);
/* An event of the room: a message moves its author's mark. */
void receipts_posted(struct live_room *room, const struct event *e, struct broker *b);

/* Query, if it is time. At the end of a turn. */
void receipts_kick(struct broker *b);
/* When to call it even if nothing happens; -1: never. */
int64_t receipts_next_ms(const struct broker *b);
/* No mark that a client sent is still to be written. */
bool receipts_are_idle(const struct receipts *r);
