/* activity_compare.c -- activity.h's safety net: all rooms that somebody connected here
 * is a member of against the database, some of them each second, in turn. */
#include "broker/activity.h"
#include "broker/broker.h"
#include "broker/heads.h"

static void
take_heads(const struct heads *h, enum err err)
{
	struct broker *b = h->broker;

	b->activity.is_comparing = false;
	for (int i = 0; err == OK && i < h->count; i++)
		if (h->items[i].seq < 0)
			membership_room_gone(b, h->items[i].id.text);
		else
			activity_hear(b, h->items[i].id.text, h->items[i].seq);
}

static struct heads *
next_rooms(struct broker *b)
{
	struct heads *h = heads_new(b, take_heads);
	size_t most = b->audience.by_id.count / ACTIVITY_COMPARE_S + 1;

	if (most > HEADS_MAX)
		most = HEADS_MAX;
	while ((size_t)h->count < most) {
		struct link *first = list_first(&b->audience.all);
		const struct crowd *crowd = CONTAINER(first, struct crowd, in_all);

		list_add(&b->audience.all, first);
		h->items[h->count++] = (struct head){ .no = crowd->no, .id = crowd->id };
	}
	return h;
}

void
activity_compare(struct broker *b)
{
	if (b->activity.is_comparing || b->audience.by_id.count == 0 ||
	    !store_is_up(b->store, LINE_NOTE))
		return;
	b->activity.is_comparing = heads_ask(next_rooms(b), LINE_NOTE);
}
