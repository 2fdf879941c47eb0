/* membership.h -- tells people when they become or stop being members of rooms.
 *
 * A person who becomes a member, in whatever way, gets `room_added` on all devices. A
 * person who leaves or is put out, or whose room is removed, gets `room_left` on the
 * devices that have not joined it (devices that have are told in the order of the log,
 * fanout.h). No connection is told twice.
 *
 * Twice a second the logs of all rooms are queried for joins and leaves, and so is the
 * table of removed rooms. What counts for each touched pair is the present membership,
 * not the event: commits come in another order than their times, so the windows
 * overlap, and duplicates are harmless. Events that are delivered to listeners trigger
 * it sooner. Changes that concern nobody connected are skipped.
 *
 * Cost: a range of a partial index of the log (messages are not in it) each time, and a
 * query for each person who came in.
 *
 * Owns: the arrivals that have not been told yet. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;
struct conn;

enum {
	MEMBERSHIP_EVERY_MS = 500,
	MEMBERSHIP_HURRY_MS = 100,   /* no sooner, however many events there are */
	MEMBERSHIP_MARGIN_MS = 2000, /* for commits later than their timestamp */
	MEMBERSHIP_DEEP_EVERY_MS = 5000,
	MEMBERSHIP_DEEP_MS = 30000,   /* for those that are much later */
	MEMBERSHIP_ARRIVALS_MAX = 16, /* fetched at once */
};

struct membership {
	bool is_asking, is_hurried;
	int64_t asked_ms, read_ms; /* the window begins at the last answered query */
	int64_t deep_ms, deep_asked_ms;
	struct link arrivals;
	bool is_fetching;
};

void membership_init(struct membership *m);
void membership_done(struct membership *m);

/* Every MEMBERSHIP_EVERY_MS. */
void membership_look(struct broker *b);
/* Somebody came or went: look soon. */
void membership_hurry(struct broker *b);
/* At the end of a turn; and when to call it even if nothing happens, -1: never. */
void membership_kick(struct broker *b);
int64_t membership_next_ms(const struct broker *b);

/* An event of the log says that this person is no longer a member. */
void membership_left(struct broker *b, const char *user_id, const char *room_id,
		     const char *reason);
/* The room no longer exists. */
void membership_room_gone(struct broker *b, const char *room_id);

/* May this connection hear of the room at all? */
bool membership_may_tell(const struct conn *c, const char *room_id);
/* Has it joined the room, so that it hears of it by the log? */
bool membership_has_joined(const struct conn *c, const char *room_id);
