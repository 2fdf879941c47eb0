/* membership.h -- coming into rooms and going out of them, told to those concerned.
 *
 * Whoever comes in, by whatever way, hears `room_added` on all devices; whoever leaves,
 * is put out, or whose room is removed, hears `room_left` on those that have not joined
 * it (those that have are told in the order of the log, fanout.h). Nobody is told twice
 * on one connection.
 *
 * Twice a second the log of all rooms is asked for who came and went, and the table of
 * removed rooms. Of each pair that was touched the membership as it is now counts, not
 * the event, so the windows overlap, since commits come in another order than times, and
 * doubles are harmless. Events that are told to listeners bring it sooner. What nobody
 * who is connected has a part in is passed by.
 *
 * Costs: a range of a partial index of the log (messages are not in it) each time, and a
 * question for each person who came in.
 *
 * Owns: who came in and has not been told yet. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;
struct conn;

enum {
	MEMBERSHIP_EVERY_MS = 500,
	MEMBERSHIP_HURRY_MS = 100,   /* no sooner, however many events there are */
	MEMBERSHIP_MARGIN_MS = 2000, /* commits that are later than their time */
	MEMBERSHIP_DEEP_EVERY_MS = 5000,
	MEMBERSHIP_DEEP_MS = 30000,   /* those that are much later */
	MEMBERSHIP_ARRIVALS_MAX = 16, /* asked for at once */
};

struct membership {
	bool is_asking, is_hurried;
	int64_t asked_ms, read_ms; /* the window begins at the last that was answered */
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
/* At the end of a turn; and when that is to be though nothing happens, -1: never. */
void membership_kick(struct broker *b);
int64_t membership_next_ms(const struct broker *b);

/* This person is no member any more, says an event of the log. */
void membership_left(struct broker *b, const char *user_id, const char *room_id,
		     const char *reason);
/* The room is no more. */
void membership_room_gone(struct broker *b, const char *room_id);

/* May it hear of this room at all, as one of its person's? */
bool membership_may_tell(const struct conn *c, const char *room_id);
/* Has it joined the room, so that it hears of it by the log? */
bool membership_has_joined(const struct conn *c, const char *room_id);
