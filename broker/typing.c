/* typing.c -- see typing.h. */
#include "broker/typing.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/store.h"
#include "broker/typing_store.h"
#include "shared/api_token.h"
#include "shared/die.h"

enum { ASKED_MAX = 100 };

enum verdict { UNKNOWN, MAY, MAY_NOT };

/* Somebody in a room. It stays some seconds after they ended, so that nobody is told
 * more often by turns of on and off. */
struct typist {
	struct broker *broker;
	struct live_room *room;
	struct conn *conn; /* which said so last; NULL: it is gone */
	struct link in_room, in_conn, in_asking;
	struct wheel_timer timer;
	struct uuid user_id;
	char *ref; /* while UNKNOWN */
	enum verdict verdict;
	bool is_on;	 /* says the client */
	bool told;	 /* so were the others */
	int64_t told_ms; /* when they last were */
	int64_t until_s; /* unless it is said again */
};

void
typing_init(struct typing *t, int64_t now_s)
{
	wheel_init(&t->wheel, now_s);
	list_init(&t->to_ask);
	t->is_asking = false;
}

/* ---- telling the others -------------------------------------------------- */

static void
tell(struct typist *t, bool on)
{
	struct broker *b = t->broker;
	const struct visitor *v = people_find(&b->people, t->user_id.text);
	struct json *o = frame_object(b->turn, "typing", NULL);
	struct bytes frame;

	json_put_text(o, "room_id", t->room->id.text);
	json_put_text(o, "user_id", t->user_id.text);
	json_put_bool(o, "on", on);
	frame = frame_json(b->turn, o);
	t->told = on;
	t->told_ms = on ? b->clock_ms : t->told_ms;
	LIST_EACH(&t->room->listeners, item) {
		const struct listener *l = CONTAINER(item, struct listener, in_room);

		if (v && l->state != LISTENER_ASKING && l->conn->visitor != v &&
		    !visitor_is_blocked(v, l->conn->visitor->id.text))
			outbox_push_ephemeral(l->conn, frame);
	}
}

static int64_t
free_again_ms(const struct typist *t)
{
	return t->told_ms + TYPING_EVERY_MS;
}

static void
set_timer(struct typist *t)
{
	int64_t free_s = (free_again_ms(t) + 999) / 1000, at = t->until_s;

	if ((t->is_on && t->verdict == MAY && !t->told && free_s < at) || !t->is_on)
		at = free_s;
	if (t->verdict == MAY_NOT)
		at = t->until_s;
	wheel_set(&t->broker->typing.wheel, &t->timer, at);
}

static void
typist_free(struct typist *t)
{
	list_remove(&t->in_room);
	t->room->typist_count--;
	list_remove(&t->in_conn);
	list_remove(&t->in_asking);
	wheel_cancel(&t->timer);
	free(t->ref);
	free(t);
}

static void
end(struct typist *t)
{
	t->is_on = false;
	if (t->told)
		tell(t, false);
	if (t->verdict == UNKNOWN)
		typist_free(t);
	else
		set_timer(t);
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
		end(t);
		return;
	}
	if (t->verdict == MAY && !t->told && b->clock_ms >= free_again_ms(t))
		tell(t, true);
	set_timer(t);
}

void
typing_tick(struct broker *b)
{
	wheel_advance(&b->typing.wheel, broker_clock_s(b), is_due, b);
}

/* ---- may they? ----------------------------------------------------------- */

struct asked {
	struct broker *broker;
	int count;
	struct uuid room_ids[ASKED_MAX], user_ids[ASKED_MAX];
};

static struct typist *
typist_find(const struct live_room *room, const char *user_id)
{
	LIST_EACH(&room->typists, item) {
		struct typist *t = CONTAINER(item, struct typist, in_room);

		if (strcmp(t->user_id.text, user_id) == 0)
			return t;
	}
	return NULL;
}

static void
take_verdict(struct typist *t, enum append_result result)
{
	const struct appended done = { .result = result };
	struct problem p = {};
	enum err e = append_problem(&done, &p);

	list_remove(&t->in_asking);
	t->verdict = e == OK ? MAY : MAY_NOT;
	if (e != OK && t->conn)
		conn_error(t->conn, t->ref, t->room->id.text, e, &p);
	free(t->ref);
	t->ref = NULL;
	if (t->verdict == MAY_NOT)
		t->until_s = broker_clock_s(t->broker) + TYPING_EVERY_MS / 1000;
	else
		tell(t, true);
	set_timer(t);
}

/* Where the database is not there nobody is told, which costs nobody anything. */
static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct asked *asked = arg;
	struct broker *b = asked->broker;

	b->typing.is_asking = false;
	for (int i = 0; i < asked->count; i++) {
		struct live_room *room = rooms_find(&b->rooms, asked->room_ids[i].text);
		struct typist *t =
			room ? typist_find(room, asked->user_ids[i].text) : NULL;

		if (!t || t->verdict != UNKNOWN || !list_is_empty(&t->in_asking))
			continue; /* gone, or to be asked about anew */
		if (err == OK)
			take_verdict(t, typing_result(&rows[0], i));
		else
			typist_free(t);
	}
	free(asked);
}

void
typing_kick(struct broker *b)
{
	const char *rooms[ASKED_MAX], *users[ASKED_MAX];
	struct asked *asked;
	struct db_call call;

	if (b->typing.is_asking || list_is_empty(&b->typing.to_ask))
		return;
	asked = xcalloc(1, sizeof(*asked));
	asked->broker = b;
	LIST_EACH(&b->typing.to_ask, item) {
		const struct typist *t = CONTAINER(item, struct typist, in_asking);
		int i = asked->count;

		if (i == ASKED_MAX)
			break;
		list_remove(item);
		asked->room_ids[i] = t->room->id;
		asked->user_ids[i] = t->user_id;
		rooms[i] = asked->room_ids[i].text;
		users[i] = asked->user_ids[i].text;
		asked->count++;
	}
	call = typing_call(b->turn, rooms, users, asked->count);
	b->typing.is_asking = true;
	if (store_send(b->store, LINE_READ, &call, 1, on_answer, asked) != OK)
		on_answer(asked, ERR_UNAVAILABLE, NULL);
}

/* ---- beginning and ending ------------------------------------------------ */

static bool
has_place(const struct conn *c, const struct live_room *room)
{
	int rooms = 0;

	LIST_EACH(&c->typing, item)
		rooms++;
	return rooms < TYPING_ROOMS_MAX && room->typist_count < TYPISTS_MAX;
}

static struct typist *
typist_new(struct live_room *room, struct conn *c, const char *ref)
{
	struct broker *b = c->broker;
	struct typist *t = xcalloc(1, sizeof(*t));

	t->broker = b;
	t->room = room;
	t->user_id = c->visitor->id;
	t->ref = ref ? xstrdup(ref) : NULL;
	t->told_ms = b->clock_ms - TYPING_EVERY_MS;
	list_init(&t->in_room);
	list_init(&t->in_conn);
	list_init(&t->in_asking);
	wheel_timer_init(&t->timer);
	list_add(&room->typists, &t->in_room);
	room->typist_count++;
	list_add(&b->typing.to_ask, &t->in_asking);
	return t;
}

static void
begin(struct live_room *room, struct conn *c, const char *ref)
{
	struct broker *b = c->broker;
	struct typist *t = typist_find(room, c->visitor->id.text);

	if (!t && !has_place(c, room))
		return;
	if (!t)
		t = typist_new(room, c, ref);
	if (t->verdict == MAY_NOT)
		return;
	t->conn = c;
	list_add(&c->typing, &t->in_conn);
	t->is_on = true;
	t->until_s = broker_clock_s(b) + TYPING_LASTS_S;
	if (t->verdict == MAY && b->clock_ms >= free_again_ms(t))
		tell(t, true);
	set_timer(t);
}

void
typing_conn_gone(struct conn *c)
{
	for (struct link *first; (first = list_first(&c->typing));) {
		struct typist *t = CONTAINER(first, struct typist, in_conn);

		list_remove(first);
		t->conn = NULL;
		end(t);
	}
}

void
typing_listener_gone(struct listener *l)
{
	struct typist *t =
		l->conn->visitor ? typist_find(l->room, l->conn->visitor->id.text) : NULL;

	if (t && t->conn == l->conn)
		end(t);
}

void
typing_room_gone(struct live_room *room)
{
	LIST_EACH(&room->typists, item)
		typist_free(CONTAINER(item, struct typist, in_room));
}

/* Of whoever was put out or muted all is to be asked anew. */
static void
forget(struct typist *t)
{
	if (t->told)
		tell(t, false);
	if (t->verdict == UNKNOWN)
		list_add(&t->broker->typing.to_ask, &t->in_asking);
	else
		typist_free(t);
}

void
typing_hear(struct live_room *room, const struct event *e)
{
	const char *who = e->type == EVENT_MESSAGE  ? e->actor.id
			  : e->type == EVENT_MEMBER ? e->subject.id
						    : NULL;
	struct typist *t = who ? typist_find(room, who) : NULL;

	if (t && e->type == EVENT_MESSAGE)
		end(t);
	else if (t)
		forget(t);
}

/* ---- the frame ----------------------------------------------------------- */

struct typing_body {
	struct body_head head;
	struct uuid room_id;
	bool on;
};

static const struct body typing_body =
	BODY(struct typing_body, FIELD_ROOM(struct typing_body),
	     FIELD_BOOL(struct typing_body, on, REQUIRED, .about = "false: no more"));

static enum err
do_typing(struct said *s)
{
	const struct typing_body *in = s->body;
	const struct uuid *id = NULL;
	struct live_room *room;
	struct typist *t;

	TRY(said_room(s, &in->room_id, &id));
	if (said_must_wait(s, id))
		return OK;
	room = rooms_find(&s->conn->broker->rooms, id->text);
	if (!room || room->listener_count > TYPING_LISTENERS_MAX)
		return OK; /* nobody is there, or too many */
	t = typist_find(room, s->conn->visitor->id.text);
	if (in->on)
		begin(room, s->conn, s->ref);
	else if (t && t->is_on)
		end(t);
	return OK;
}

const struct command typing_commands[] = {
	{ "typing", IN_READY, 1, TOKEN_POST, &typing_body, NULL, do_typing,
	  .about =
		  "Somebody is writing, or stopped. Good for 8 seconds; to be said again "
		  "every few seconds for as long as it is so." },
	{},
};
