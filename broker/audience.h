/* audience.h -- who of those connected is a member of which room, listening or not.
 *
 * The index goes both ways, visitor -> rooms and room -> visitors, and both sides change
 * in one function each. It is filled from the database with the answer that makes a
 * person's first device ready (auth.c), kept while they are connected, and knows nothing
 * of anybody else. What changes a membership is found by asking the log (membership.h).
 *
 * Promised: it is at most a second behind the database. So it says whom to tell, never
 * who may know: what must not leak is checked in the database. A room is here exactly
 * while a member of it is connected.
 *
 * Walking: nobody may be added or removed meanwhile. Pushing frames is fine, flushing
 * them or closing a connection is not.
 *
 * Costs: 32 bytes a membership of somebody connected, and 200 a room.
 *
 * Owns:     the rooms here (struct crowd) and the seats of visitors.
 * Lifetime: across turns keep ids, as of anything else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct visitor;

/* A member of a room, and where in the visitor's seats the room is. */
struct crowd_place {
	struct visitor *visitor;
	uint32_t seat;
};

/* A room, seen as those of its members who are connected. */
struct crowd {
	struct table_node node;
	struct link in_all; /* the one that was compared longest ago is first */
	struct uuid id;
	int64_t no, seq; /* seq: as far as we have heard */
	bool is_public;
	/* its turn to be told of: activity.h */
	bool is_begun, moved_again;
	uint32_t left, told; /* people: still to be looked at, found to be told */
	int64_t due_ms;	     /* its next turn begins no sooner */
	struct link in_moved;
	struct crowd_place *people;
	uint32_t count, cap;
};

/* A room of a visitor's, and where among its people they are. */
struct seat {
	struct crowd *crowd;
	uint32_t place;
	/* activity.h: when it was last told, in tenths of a second; is to be told */
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

/* What is known of a room when somebody is found to be in it. */
struct crowd_facts {
	const char *id; /* a canonical uuid */
	int64_t no, seq;
	bool is_public;
};

void audience_init(struct audience *au);
void audience_done(struct audience *au); /* nobody is connected any more */

/* ---- asking -------------------------------------------------------------- */

/* NULL: nobody who is connected is a member, or there is no such room. */
struct crowd *audience_find(const struct audience *au, const char *room_id);

bool audience_is_member(const struct audience *au, const struct visitor *v,
			const char *room_id);

/* Each visitor once, however many devices. */
void audience_each_visitor(const struct audience *au, const char *room_id,
			   void (*fn)(struct visitor *v, void *arg), void *arg);
void audience_each_room(const struct visitor *v,
			void (*fn)(const struct crowd *room, void *arg), void *arg);

/* The visitor's seat in this room; NULL: not a member. Good until something changes. */
struct seat *audience_seat(const struct crowd *crowd, const struct visitor *v);

/* ---- changing ------------------------------------------------------------ */

/* False: was so already. */
bool audience_add(struct audience *au, struct visitor *v, const struct crowd_facts *room);
bool audience_remove(struct audience *au, struct visitor *v, const char *room_id);

/* Their last device goes: they are in no room any more, and have to be asked for when
 * they come again. */
void audience_forget(struct audience *au, struct visitor *v);

/* Asserts that both sides agree. Looks at everything: for tests. */
void audience_check(struct audience *au);
