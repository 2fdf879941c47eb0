/* compare.c -- fanout.h's safety net: all live rooms against the database, in one query
 * or a few. */
#include <stdlib.h>

#include "broker/broker.h"
#include "broker/fanout.h"
#include "broker/heads.h"
#include "shared/log.h"

/* Everything that a ring had when the database was asked was committed, so a log that
 * ends before that is another one: a backup was restored in its place. */
static bool
is_older(const struct heads *h)
{
	for (int i = 0; i < h->count; i++)
		if (h->items[i].seq >= 0 && h->items[i].seq < h->items[i].known)
			return true;
	return false;
}

static void
take_heads(const struct heads *h, enum err err)
{
	struct broker *b = h->broker;

	b->fanout.comparing--;
	if (err == OK && is_older(h)) {
		log_event(LOG_ERROR, "db.old");
		broker_begin_anew(b);
		return;
	}
	for (int i = 0; err == OK && i < h->count; i++) {
		const struct head *head = &h->items[i];
		struct live_room *room = rooms_find(&b->rooms, head->id.text);

		if (!room || room->serial != head->serial)
			continue;
		room_hold(room);
		if (head->seq < 0)
			fanout_removed(b, room);
		else
			fanout_hear(b, room, head->seq);
		room_release(&b->rooms, room);
	}
}

static void
ask(struct heads *h)
{
	struct broker *b = h->broker;

	if (heads_ask(h, LINE_READ))
		b->fanout.comparing++;
}

static void
add_room(struct table_node *n, void *arg)
{
	const struct live_room *room = CONTAINER(n, struct live_room, node);
	struct heads **h = arg;

	if (room->state != ROOM_LIVE)
		return;
	(*h)->items[(*h)->count++] = (struct head){ .no = room->no,
						    .known = room_seq(room),
						    .id = room->id,
						    .serial = room->serial };
	if ((*h)->count == HEADS_MAX) {
		struct broker *b = (*h)->broker;

		ask(*h);
		*h = heads_new(b, take_heads);
	}
}

void
fanout_compare(struct broker *b)
{
	struct heads *h;

	if (b->fanout.comparing > 0)
		return;
	h = heads_new(b, take_heads);
	table_each(&b->rooms.by_id, add_room, &h);
	if (h->count > 0)
		ask(h);
	else
		free(h);
}
