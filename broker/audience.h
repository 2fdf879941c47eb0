/* audience.h -- which connected people are members of which room, listening or not.
 *
 * The index goes both ways, visitor -> rooms and room -> visitors, and each change
 * updates both sides in one function. It is filled from the database by the answer that
 * makes a person's first device ready (auth.c), maintained while they are connected,
 * and covers nobody else. Changes of membership are found by querying the log
 * (membership.h).
 *
 * Promise: it is at most a second behind the database. So it says whom to tell, never
 * who may know: anything that must not leak is checked in the database. A room is in
 * the index exactly while a member of it is connected.
 *
 * While walking it, nobody may be added or removed. Pushing frames is fine; flushing
 * them or closing a connection is not.
 *
 * Cost: 32 bytes for each membership of a connected person, and 200 for each room.
 *
 * Owns:     the rooms here (struct crowd) and the seats of visitors.
 * Lifetime: across turns keep ids, as for everything else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct visitor;

/* A member of a room, and the index of the room in the visitor's seats. */
struct crowd_place {
	struct visitor *visitor;
	uint32_t seat;
};

/* A room, seen as those of its members who are connected. */
struct crowd {
	struct table_node node;
	struct link in_all; /* the room compared longest ago is first */
	struct uuid id;
	int64_t no, seq; /* seq: the highest seq that we have heard of */
	bool is_public;
	/* its turn to be told of: activity.h */
	bool is_begun, moved_again;
	uint32_t left, told; /* people left to look at in this turn, and found to tell */
	int64_t due_ms;	     /* its next turn begins no sooner */
	struct link in_moved;
	struct crowd_place *people;
	uint32_t count, cap;
};

/* A room of a visitor, and the visitor's index among its people. */
struct seat {
	struct crowd *crowd;
	uint32_t place;
	/* activity.h: when it was last told, in tenths of a second; a frame is owed */
	uint32_t told_ds : 31, is_owed : 1;
};

struct seats {
	struct seat *items;
	uint32_t count, cap;
	bool are_known; /* the database has been asked */
};

struct audience {
	struct table by_id;
	struct link all;
};

/* Facts about a room that come with a membership. */
struct crowd_facts {
	const char *id; /* a canonical uuid */
	int64_t no, seq;
	bool is_public;
};

void audience_init(struct audience *au);
void audience_done(struct audience *au); /* no visitor may be left */

/* ---- asking -------------------------------------------------------------- */

/* NULL: no connected person is a member, or there is no such room. */
struct crowd *audience_find(const struct audience *au, const char *room_id);

bool audience_is_member(const struct audience *au, const struct visitor *v,
			const char *room_id);

/* Each visitor once, however many devices. */
void audience_each_visitor(const struct audience *au, const char *room_id,
			   void (*fn)(struct visitor *v, void *arg), void *arg);
void audience_each_room(const struct visitor *v,
			void (*fn)(const struct crowd *room, void *arg), void *arg);

/* The visitor's seat in this room; NULL: not a member. Valid until the next change. */
struct seat *audience_seat(const struct crowd *crowd, const struct visitor *v);

/* ---- changing ------------------------------------------------------------ */

/* False: it was so already. */
bool audience_add(struct audience *au, struct visitor *v, const struct crowd_facts *room);
bool audience_remove(struct audience *au, struct visitor *v, const char *room_id);

/* The visitor's last device has gone: forget all seats; the database is asked again
 * when they return. */
void audience_forget(struct audience *au, struct visitor *v);

/* Asserts that both sides agree. Looks at everything: for tests. */
void audience_check(struct audience *au);
