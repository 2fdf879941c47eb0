/* activity.h -- tells people what happens in their rooms that a connection has not
 * joined.
 *
 * `activity` says how far the log of such a room has come, its last message, and what
 * this person has not read: at most once a second per room, and only for rooms that
 * moved. Our own commits and wake-ups say that a room moved and, should a wake-up be
 * lost, a slow comparison of all rooms that somebody connected here is a member of.
 * Nothing is written.
 *
 * Ten times a second one query asks about some of the rooms that moved: the last
 * message once per room, and the unread count of each person who has a connection to be
 * told. It covers at most ACTIVITY_ASK_MAX people, ACTIVITY_SLICE of a room in its
 * turn; then the room rests for a second, plus ACTIVITY_PERSON_MS for each person told.
 * So the work per second is bounded, whatever is said and however many people are
 * connected; the more people, the less often each of them hears. A frame shows the
 * state at the time of the query; later changes follow in later frames.
 *
 * A frame that was dropped because of a backlog stays owed, and is sent again.
 * `activity` is also owed to a person's devices after they read, since less is unread
 * then.
 *
 * Owns: the debts. A room's turn is part of its crowd (audience.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;

enum {
	ACTIVITY_TICK_MS = 100,
	ACTIVITY_ROOM_MS = 1100, /* a bit more than the promised second */
	ACTIVITY_PERSON_MS = 1,
	ACTIVITY_ASK_MAX = 200,	  /* people in a query */
	ACTIVITY_SLICE = 100,	  /* of one room, if others wait */
	ACTIVITY_LOOK_MAX = 4000, /* people looked at for a query */
	ACTIVITY_COMPARE_S = 30,  /* to compare all rooms, HEADS_MAX a second */
};

struct activity {
	struct link moved; /* crowds, in the order of their turns */
	struct link owed;
	bool is_asking, is_comparing;
};

void activity_init(struct activity *a);
void activity_done(struct activity *a);

/* The log of this room has reportedly reached seq. */
void activity_hear(struct broker *b, const char *room_id, int64_t seq);
/* This person read there, or something else changed that only they are told. */
void activity_owe(struct broker *b, const char *user_id, const char *room_id);

/* Every ACTIVITY_TICK_MS. */
void activity_tick(struct broker *b);
/* Every second: compare some rooms with the database. */
void activity_compare(struct broker *b);
