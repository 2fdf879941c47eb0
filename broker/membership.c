/* membership.c -- see membership.h. */
#include "broker/membership.h"

#include <stdlib.h>
#include <string.h>

#include "broker/audience_store.h"
#include "broker/broker.h"
#include "broker/store.h"
#include "broker/wire.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/room_read.h"

/* Somebody joined a room: the room is to be read as they see it. */
struct arrival {
	struct link in_arrivals;
	struct uuid user_id, room_id;
};

/* The arrivals being read. */
struct fetch {
	struct broker *broker;
	int count;
	struct arrival *arrivals[MEMBERSHIP_ARRIVALS_MAX];
};

void
membership_init(struct membership *m)
{
	*m = (struct membership){};
	list_init(&m->arrivals);
}

void
membership_done(struct membership *m)
{
	LIST_EACH(&m->arrivals, item)
		free(CONTAINER(item, struct arrival, in_arrivals));
}

/* ---- who is told --------------------------------------------------------- */

bool
membership_may_tell(const struct conn *c, const char *room_id)
{
	return c->state == CONN_READY && !c->ops->events_only &&
	       c->who.scopes & TOKEN_READ &&
	       (!c->who.room_only.text[0] || strcmp(c->who.room_only.text, room_id) == 0);
}

bool
membership_has_joined(const struct conn *c, const char *room_id)
{
	const struct listener *l = rooms_find(&c->broker->rooms, room_id)
					   ? rooms_listener(c, room_id)
					   : NULL;

	return l && l->state != LISTENER_ASKING;
}

/* Devices of theirs that are being looked up may get the former state: auth.c asks
 * again. */
static void
outdate(struct broker *b, const char *user_id)
{
	LIST_EACH(&b->conns.states[CONN_CHECKING], item) {
		struct conn *c = CONTAINER(item, struct conn, in_state);

		if (strcmp(c->who.user_id.text, user_id) == 0)
			c->is_outdated = true;
	}
}

static void
tell_left(struct broker *b, const struct visitor *v, const char *room_id,
	  const char *reason)
{
	struct json *o = frame_object(b->turn, "room_left", NULL);
	struct bytes frame;

	json_put_text(o, "room_id", room_id);
	json_put_text(o, "reason", reason);
	frame = frame_json(b->turn, o);
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);

		if (membership_may_tell(c, room_id) && !membership_has_joined(c, room_id))
			outbox_push(c, frame);
	}
}

/* ---- going --------------------------------------------------------------- */

void
membership_left(struct broker *b, const char *user_id, const char *room_id,
		const char *reason)
{
	struct visitor *v = people_find(&b->people, user_id);

	if (!v || !audience_remove(&b->audience, v, room_id))
		return;
	outdate(b, user_id);
	tell_left(b, v, room_id, reason);
}

void
membership_room_gone(struct broker *b, const char *room_id)
{
	const struct crowd *crowd;

	while ((crowd = audience_find(&b->audience, room_id)))
		membership_left(b, crowd->people[crowd->count - 1].visitor->id.text,
				room_id, "room_removed");
}

/* ---- coming -------------------------------------------------------------- */

static void
arrive(struct broker *b, struct visitor *v, const struct crowd_facts *room)
{
	struct arrival *a;

	if (!audience_add(&b->audience, v, room))
		return;
	outdate(b, v->id.text);
	a = xcalloc(1, sizeof(*a));
	a->user_id = v->id;
	strncpy(a->room_id.text, room->id, sizeof(a->room_id.text) - 1);
	list_init(&a->in_arrivals);
	list_add(&b->membership.arrivals, &a->in_arrivals);
}

/* File addresses are signed for one session, so each device gets its own frame. */
static void
tell_added(struct broker *b, const struct arrival *a, const struct room *room)
{
	const struct visitor *v = people_find(&b->people, a->user_id.text);

	if (!v || !room->is_member)
		return;
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);
		const struct viewer viewer = { .user_id = a->user_id.text,
					       .session_id = c->who.session_id.text,
					       .keys = b->keys,
					       .now_s = b->now_ms / 1000 };
		struct json *o;

		if (!membership_may_tell(c, a->room_id.text))
			continue;
		o = frame_object(b->turn, "room_added", NULL);
		json_put(o, "room",
			 json_room(b->turn, store_instance(b->store), room, &viewer));
		outbox_push(c, frame_json(b->turn, o));
	}
}

/* If the line was lost they are queried again. */
static void
on_fetched(void *arg, enum err err, const struct rows *rows)
{
	struct fetch *f = arg;
	struct membership *m = &f->broker->membership;

	m->is_fetching = false;
	for (int i = f->count - 1; i >= 0; i--) {
		struct room room;

		if (err == ERR_UNAVAILABLE) {
			list_add_first(&m->arrivals, &f->arrivals[i]->in_arrivals);
			continue;
		}
		if (err == OK && room_get_read(&rows[i], &room) == OK)
			tell_added(f->broker, f->arrivals[i], &room);
		free(f->arrivals[i]);
	}
	free(f);
}

static void
fetch_arrivals(struct broker *b)
{
	struct membership *m = &b->membership;
	struct db_call calls[MEMBERSHIP_ARRIVALS_MAX];
	struct fetch *f;

	if (m->is_fetching || list_is_empty(&m->arrivals) ||
	    !store_is_up(b->store, LINE_NOTE))
		return;
	f = xcalloc(1, sizeof(*f));
	f->broker = b;
	LIST_EACH(&m->arrivals, item) {
		struct arrival *a = CONTAINER(item, struct arrival, in_arrivals);

		if (f->count == MEMBERSHIP_ARRIVALS_MAX)
			break;
		list_remove(item);
		calls[f->count] =
			room_get_call(b->turn, a->user_id.text, a->room_id.text);
		f->arrivals[f->count++] = a;
	}
	m->is_fetching = true;
	if (store_send(b->store, LINE_NOTE, calls, f->count, on_fetched, f) != OK)
		on_fetched(f, ERR_UNAVAILABLE, NULL);
}

/* ---- looking ------------------------------------------------------------- */

static void
take_touched(struct broker *b, const struct rows *rows)
{
	for (int i = 0; i < rows->count; i++) {
		const struct membership_row row = membership_row_from(rows, i);
		struct visitor *v = people_find(&b->people, row.user_id);

		/* listeners there get the event now, at the latest */
		fanout_hear_of(b, row.room.id, row.room.seq);
		if (!v || !v->seats.are_known)
			continue;
		if (row.is_member)
			arrive(b, v, &row.room);
		else
			membership_left(b, row.user_id, row.room.id, row.reason);
	}
}

static void
take_removed(struct broker *b, const struct rows *rows)
{
	for (int i = 0; i < rows->count; i++) {
		const char *room_id = rows_text(rows, i, 0);
		struct live_room *room = rooms_find(&b->rooms, room_id);

		if (room)
			fanout_removed(b, room);
		else
			membership_room_gone(b, room_id);
	}
}

static void
on_touched(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	struct membership *m = &b->membership;

	m->is_asking = false;
	if (err != OK)
		return;
	m->read_ms = m->asked_ms;
	m->deep_ms = m->deep_asked_ms;
	take_touched(b, &rows[0]);
	take_removed(b, &rows[1]);
}

/* Back to the last answer, plus a margin; periodically a long one. */
static int64_t
window_ms(struct broker *b)
{
	struct membership *m = &b->membership;
	int64_t since_ms = m->read_ms ? b->clock_ms - m->read_ms : MEMBERSHIP_DEEP_MS;

	if (b->clock_ms - m->deep_ms < MEMBERSHIP_DEEP_EVERY_MS)
		return since_ms + MEMBERSHIP_MARGIN_MS;
	m->deep_asked_ms = b->clock_ms;
	return since_ms + MEMBERSHIP_DEEP_MS;
}

void
membership_look(struct broker *b)
{
	struct membership *m = &b->membership;
	struct db_call calls[2];
	int64_t window;

	if (m->is_asking || !store_is_up(b->store, LINE_READ))
		return;
	window = window_ms(b);
	calls[0] = membership_touched_call(b->turn, window);
	calls[1] = membership_removed_call(b->turn, window);
	m->asked_ms = b->clock_ms;
	m->is_hurried = false;
	m->is_asking = store_send(b->store, LINE_READ, calls, 2, on_touched, b) == OK;
}

void
membership_hurry(struct broker *b)
{
	b->membership.is_hurried = true;
}

int64_t
membership_next_ms(const struct broker *b)
{
	const struct membership *m = &b->membership;

	if (!m->is_hurried || m->is_asking || !store_is_up(b->store, LINE_READ))
		return -1;
	return m->asked_ms + MEMBERSHIP_HURRY_MS;
}

void
membership_kick(struct broker *b)
{
	int64_t next_ms = membership_next_ms(b);

	if (next_ms >= 0 && next_ms <= b->clock_ms)
		membership_look(b);
	fetch_arrivals(b);
}
