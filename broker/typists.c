/* typists.c -- see typists.h. */
#include "broker/typists.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_words.h"
#include "shared/die.h"

struct typist *
typist_find(const struct live_room *room, const char *user_id)
{
	LIST_EACH(&room->typists, item) {
		struct typist *t = CONTAINER(item, struct typist, in_room);

		if (strcmp(t->user_id.text, user_id) == 0)
			return t;
	}
	return NULL;
}

struct typist *
typist_new(struct broker *b, struct live_room *room, const struct uuid *user_id,
	   bool holds_room)
{
	struct typist *t = xcalloc(1, sizeof(*t));

	t->broker = b;
	t->room = room;
	t->user_id = *user_id;
	t->told_ms = b->clock_ms - TYPING_EVERY_MS;
	t->holds_room = holds_room;
	list_init(&t->in_room);
	list_init(&t->in_conn);
	list_init(&t->in_asking);
	wheel_timer_init(&t->timer);
	list_add(&room->typists, &t->in_room);
	room->typist_count++;
	if (holds_room)
		room_hold(room);
	return t;
}

void
typist_free(struct typist *t)
{
	struct live_room *room = t->room;
	struct broker *b = t->broker;
	bool held = t->holds_room;

	list_remove(&t->in_room);
	room->typist_count--;
	list_remove(&t->in_conn);
	list_remove(&t->in_asking);
	wheel_cancel(&t->timer);
	free(t->ref);
	free(t);
	if (held)
		room_release(&b->rooms, room);
}

/* ---- telling the others -------------------------------------------------- */

static void
tell_here(const struct typist *t, bool on)
{
	struct broker *b = t->broker;
	const struct visitor *v = people_find(&b->people, t->user_id.text);
	struct json *o = frame_object(b->turn, "typing", NULL);
	struct bytes frame;

	json_put_text(o, "room_id", t->room->id.text);
	json_put_text(o, "user_id", t->user_id.text);
	json_put_bool(o, "on", on);
	frame = frame_json(b->turn, o);
	LIST_EACH(&t->room->listeners, item) {
		const struct listener *l = CONTAINER(item, struct listener, in_room);
		const struct visitor *ear = l->conn->visitor;

		if (l->state != LISTENER_ASKING && ear != v &&
		    !visitor_is_blocked(ear, t->user_id.text))
			outbox_push_ephemeral(l->conn, frame);
	}
}

void
typist_tell(struct typist *t, bool on)
{
	t->told = on;
	t->told_ms = on ? t->broker->clock_ms : t->told_ms;
	if (t->room->listener_count > 0)
		tell_here(t, on);
	if (!t->is_elsewhere)
		peers_tell_typing(t->broker, &t->room->id, &t->user_id, on);
}

static int64_t
free_again_ms(const struct typist *t)
{
	return t->told_ms + TYPING_EVERY_MS;
}

static void
tell_if_free(struct typist *t)
{
	if (t->verdict == MAY && t->broker->clock_ms >= free_again_ms(t))
		typist_tell(t, true);
}

void
typist_set_timer(struct typist *t)
{
	int64_t free_s = (free_again_ms(t) + 999) / 1000, at = t->until_s;

	if ((t->is_on && t->verdict == MAY && !t->told && free_s < at) || !t->is_on)
		at = free_s;
	if (t->verdict == MAY_NOT)
		at = t->until_s;
	wheel_set(&t->broker->typing.wheel, &t->timer, at);
}

void
typist_go_on(struct typist *t)
{
	t->is_on = true;
	t->until_s = broker_clock_s(t->broker) + TYPING_LASTS_S;
	tell_if_free(t);
	typist_set_timer(t);
}

void
typist_end(struct typist *t)
{
	t->is_on = false;
	if (t->told)
		typist_tell(t, false);
	if (t->verdict == UNKNOWN)
		typist_free(t);
	else
		typist_set_timer(t);
}

static void
is_due(struct wheel_timer *timer, void *arg)
{
	struct typist *t = CONTAINER(timer, struct typist, timer);
	struct broker *b = arg;

	if (t->verdict == MAY_NOT || !t->is_on) {
		typist_free(t);
		return;
	}
	if (broker_clock_s(b) >= t->until_s) {
		typist_end(t);
		return;
	}
	if (!t->told)
		tell_if_free(t);
	typist_set_timer(t);
}

void
typing_tick(struct broker *b)
{
	wheel_advance(&b->typing.wheel, broker_clock_s(b), is_due, b);
}

/* ---- what other brokers say ---------------------------------------------- */

static void
begin_elsewhere(struct broker *b, struct live_room *room, const struct uuid *user_id)
{
	struct typist *t = typist_find(room, user_id->text);

	if (!t && room->typist_count >= TYPISTS_MAX)
		return;
	if (!t) {
		t = typist_new(b, room, user_id, false);
		t->is_elsewhere = true;
		t->verdict = MAY;
	}
	if (!t->is_on && t->verdict == MAY)
		t->is_elsewhere = true;
	if (t->is_elsewhere)
		typist_go_on(t);
}

bool
typists_hear(struct broker *b, const char *text)
{
	struct bus_typing said;
	struct live_room *room;
	struct typist *t;

	if (!bus_is_typing(text))
		return false;
	if (bus_read_typing(text, &said) != OK)
		return true;
	room = rooms_find(&b->rooms, said.room_id.text);
	if (!room || room->listener_count > TYPING_LISTENERS_MAX)
		return true;
	if (said.on) {
		begin_elsewhere(b, room, &said.user_id);
		return true;
	}
	t = typist_find(room, said.user_id.text);
	if (t && t->is_elsewhere && t->is_on)
		typist_end(t);
	return true;
}
