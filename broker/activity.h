/* activity.h -- what goes on in the rooms of a person that a connection has not joined.
 *
 * `activity` says where the log of such a room stands, its last message, and what this
 * person has not read: at most once a second a room, and only of rooms that moved. A room
 * that moves is told of by our own commits, by wake-ups, and, should one be lost, by a
 * slow comparison of all rooms that somebody here is a member of. Nothing is written.
 *
 * Ten times a second one question is asked for some of the rooms that moved: the last
 * message once a room, what is unread of each person who has a connection to be told. It
 * is for ACTIVITY_ASK_MAX people at most, ACTIVITY_SLICE of a room in its turn, and a
 * room rests for a second and ACTIVITY_PERSON_MS more for each who was told. So the work
 * a second is bounded, whatever is said and however many are there; the more people, the
 * seldomer each of them hears. What is told is how it was then, and what moves meanwhile
 * is told after.
 *
 * A frame that was dropped because of a backlog is owed, and told anew. So is `activity`
 * to a person's devices after they read, since what is unread became less.
 *
 * Owns: what is owed. A room's turn is part of its crowd (audience.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;

enum {
	ACTIVITY_TICK_MS = 100,
	ACTIVITY_ROOM_MS = 1100, /* a bit more than the second that is promised */
	ACTIVITY_PERSON_MS = 1,
	ACTIVITY_ASK_MAX = 200,	  /* people in a question */
	ACTIVITY_SLICE = 100,	  /* of them of one room, where others wait */
	ACTIVITY_LOOK_MAX = 4000, /* people looked at for it */
	ACTIVITY_COMPARE_S =
		30, /* all rooms are compared in as long, HEADS_MAX a second */
};

struct activity {
	struct link moved; /* crowds, in the order of their turns */
	struct link owed;
	bool is_asking, is_comparing;
};

void activity_init(struct activity *a);
void activity_done(struct activity *a);

/* The log of this room is said to have come to seq. */
void activity_hear(struct broker *b, const char *room_id, int64_t seq);
/* This person read there, or whatever else changes what only they are told. */
void activity_owe(struct broker *b, const char *user_id, const char *room_id);

/* Every ACTIVITY_TICK_MS. */
void activity_tick(struct broker *b);
/* Every second: compare some rooms with the database. */
void activity_compare(struct broker *b);
