/* activity_compare.c -- activity.h's safety net: all rooms that somebody here is a member
 * of against the database, some of them each second, in turns. */
#include <stdlib.h>

#include "broker/activity.h"
#include "broker/broker.h"
#include "broker/store.h"
#include "shared/die.h"

struct compared {
	int64_t no, seq; /* seq -1: there is no such room */
	struct uuid id;
};

struct comparison {
	struct broker *broker;
	int count;
	struct compared rooms[ACTIVITY_COMPARE_MAX];
};

static int
by_no(const void *x, const void *y)
{
	const struct compared *a = x, *b = y;

	return (a->no > b->no) - (a->no < b->no);
}

static void
take_heads(struct comparison *c, const struct rows *rows)
{
	for (int i = 0; i < rows->count; i++) {
		const struct compared key = { .no = rows_int(rows, i, 0) };
		struct compared *found =
			bsearch(&key, c->rooms, (size_t)c->count, sizeof(key), by_no);

		if (found)
			found->seq = rows_int(rows, i, 1);
	}
	for (int i = 0; i < c->count; i++) {
		const struct compared *room = &c->rooms[i];

		if (room->seq < 0)
			membership_room_gone(c->broker, room->id.text);
		else
			activity_hear(c->broker, room->id.text, room->seq);
	}
}

static void
on_heads(void *arg, enum err err, const struct rows *rows)
{
	struct comparison *c = arg;

	c->broker->activity.is_comparing = false;
	if (err == OK)
		take_heads(c, &rows[0]);
	free(c);
}

static struct comparison *
next_rooms(struct broker *b)
{
	struct comparison *c = xcalloc(1, sizeof(*c));
	size_t most = b->audience.by_id.count / ACTIVITY_COMPARE_S + 1;

	c->broker = b;
	if (most > ACTIVITY_COMPARE_MAX)
		most = ACTIVITY_COMPARE_MAX;
	while ((size_t)c->count < most) {
		struct link *first = list_first(&b->audience.all);
		const struct crowd *crowd = CONTAINER(first, struct crowd, in_all);

		list_add(&b->audience.all, first);
		c->rooms[c->count++] = (struct compared){ crowd->no, -1, crowd->id };
	}
	qsort(c->rooms, (size_t)c->count, sizeof(c->rooms[0]), by_no);
	return c;
}

void
activity_compare(struct broker *b)
{
	struct comparison *c;
	struct db_call call;
	int64_t *nos;

	if (b->activity.is_comparing || b->audience.by_id.count == 0 ||
	    !store_is_up(b->store, LINE_NOTE))
		return;
	c = next_rooms(b);
	nos = ARENA_ARRAY(b->turn, int64_t, (size_t)c->count);
	for (int i = 0; i < c->count; i++)
		nos[i] = c->rooms[i].no;
	call = roomlog_heads_call(b->turn, nos, c->count);
	if (store_send(b->store, LINE_NOTE, &call, 1, on_heads, c) == OK)
		b->activity.is_comparing = true;
	else
		free(c);
}
