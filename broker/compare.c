/* compare.c -- fanout.h's safety net: all live rooms against the database, in one
 * question or a few. */
#include <stdlib.h>

#include "broker/broker.h"
#include "broker/fanout.h"
#include "broker/store.h"
#include "shared/die.h"

enum { COMPARE_ROOMS = 1000 };

struct compared {
	int64_t no, seq; /* seq -1: there is no such room */
	struct uuid id;
	uint32_t serial;
};

struct comparison {
	struct broker *broker;
	int count;
	struct compared rooms[COMPARE_ROOMS];
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
		struct live_room *room =
			rooms_find(&c->broker->rooms, c->rooms[i].id.text);

		if (!room || room->serial != c->rooms[i].serial)
			continue;
		room_hold(room);
		if (c->rooms[i].seq < 0)
			fanout_removed(c->broker, room);
		else
			fanout_hear(c->broker, room, c->rooms[i].seq);
		room_release(&c->broker->rooms, room);
	}
}

static void
on_heads(void *arg, enum err err, const struct rows *rows)
{
	struct comparison *c = arg;

	c->broker->fanout.comparing--;
	if (err == OK)
		take_heads(c, &rows[0]);
	free(c);
}

static void
compare(struct comparison *c)
{
	struct broker *b = c->broker;
	int64_t *nos = ARENA_ARRAY(b->turn, int64_t, (size_t)c->count);
	struct db_call call;

	qsort(c->rooms, (size_t)c->count, sizeof(c->rooms[0]), by_no);
	for (int i = 0; i < c->count; i++)
		nos[i] = c->rooms[i].no;
	call = roomlog_heads_call(b->turn, nos, c->count);
	if (store_send(b->store, LINE_READ, &call, 1, on_heads, c) == OK)
		b->fanout.comparing++;
	else
		free(c);
}

static struct comparison *
comparison_new(struct broker *b)
{
	struct comparison *c = xmalloc(sizeof(*c));

	c->broker = b;
	c->count = 0;
	return c;
}

static void
add_room(struct table_node *n, void *arg)
{
	const struct live_room *room = CONTAINER(n, struct live_room, node);
	struct comparison **c = arg;

	if (room->state != ROOM_LIVE)
		return;
	(*c)->rooms[(*c)->count++] =
		(struct compared){ room->no, -1, room->id, room->serial };
	if ((*c)->count == COMPARE_ROOMS) {
		struct broker *b = (*c)->broker;

		compare(*c);
		*c = comparison_new(b);
	}
}

void
fanout_compare(struct broker *b)
{
	struct comparison *c;

	if (b->fanout.comparing > 0)
		return;
	c = comparison_new(b);
	table_each(&b->rooms.by_id, add_room, &c);
	if (c->count > 0)
		compare(c);
	else
		free(c);
}
