/* early.c -- see early.h. */
#include "broker/early.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_words.h"
#include "shared/die.h"

struct early {
	struct link in_room; /* sorted by seq */
	int64_t seq;
	struct uuid author_id;
	size_t len;
	uint8_t frame[];
};

static void
early_free(struct live_room *room, struct early *e)
{
	list_remove(&e->in_room);
	room->early_count--;
	room->early_bytes -= e->len;
	free(e);
}

void
early_room_gone(struct live_room *room)
{
	LIST_EACH(&room->early, item)
		early_free(room, CONTAINER(item, struct early, in_room));
}

/* The last item with a lower seq; NULL: this seq is here already. */
static struct link *
place_of(struct live_room *room, int64_t seq)
{
	struct link *at = room->early.prev;

	for (; at != &room->early; at = at->prev) {
		const struct early *e = CONTAINER(at, struct early, in_room);

		if (e->seq == seq)
			return NULL;
		if (e->seq < seq)
			break;
	}
	return at;
}

void
early_keep(struct live_room *room, int64_t seq, const char *author_id, struct bytes frame)
{
	struct link *after = place_of(room, seq);
	struct early *e;

	if (!after || room->early_count >= EARLY_MAX ||
	    room->early_bytes + frame.len > EARLY_BYTES_MAX)
		return;
	e = xcalloc(1, sizeof(*e) + frame.len);
	e->seq = seq;
	strncpy(e->author_id.text, author_id, sizeof(e->author_id.text) - 1);
	e->len = frame.len;
	memcpy(e->frame, frame.data, frame.len);
	list_init(&e->in_room);
	list_add(after->next, &e->in_room); /* before the one that follows */
	room->early_count++;
	room->early_bytes += e->len;
}

static void
deliver(struct broker *b, struct live_room *room, int64_t seq, const char *author_id,
	struct bytes frame)
{
	const struct event e = { .type = EVENT_MESSAGE,
				 .seq = seq,
				 .actor.id = author_id };

	fanout_deliver(b, room, &e, frame);
}

void
early_take(struct broker *b, struct live_room *room)
{
	for (struct link *first; (first = list_first(&room->early));) {
		struct early *e = CONTAINER(first, struct early, in_room);

		if (e->seq > room_seq(room) + 1)
			return;
		if (e->seq == room_seq(room) + 1) {
			deliver(b, room, e->seq, e->author_id.text,
				(struct bytes){ e->frame, e->len });
			b->metrics.bus_early++;
		}
		early_free(room, e);
	}
}

/* Until the room's head is known, a message is before it or in the log. */
static void
take(struct broker *b, struct live_room *room, const struct bus_event *e)
{
	struct bytes frame = frame_text(b->turn, e->text, strlen(e->text));

	if (room->state != ROOM_LIVE || e->seq <= room_seq(room))
		return;
	if (e->seq == room_seq(room) + 1) {
		b->metrics.bus_next++;
		deliver(b, room, e->seq, e->author_id.text, frame);
		early_take(b, room);
	} else {
		early_keep(room, e->seq, e->author_id.text, frame);
	}
}

void
early_hear(struct broker *b, const char *line)
{
	struct live_room *room;
	struct bus_event e;

	if (bus_read_event(b->turn, line, &e) != OK) {
		b->metrics.bus_refused++;
		return;
	}
	activity_hear(b, e.room_id.text, e.seq);
	room = rooms_find(&b->rooms, e.room_id.text);
	if (!room)
		return;
	room_hold(room);
	take(b, room, &e);
	fanout_hear(b, room, e.seq);
	room_release(&b->rooms, room);
}
