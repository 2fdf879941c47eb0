/* typing.c -- see typing.h. */
#include "broker/typing.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/store.h"
#include "broker/typing_store.h"
#include "broker/typists.h"
#include "shared/api_token.h"
#include "shared/die.h"

enum { ASKED_MAX = 100 };

void
typing_init(struct typing *t, int64_t now_s)
{
	wheel_init(&t->wheel, now_s);
	list_init(&t->to_ask);
	t->is_asking = false;
}

/* ---- may they? ----------------------------------------------------------- */

struct asked {
	struct broker *broker;
	int count;
	struct uuid room_ids[ASKED_MAX], user_ids[ASKED_MAX];
};

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
		typist_tell(t, true);
	typist_set_timer(t);
}

/* Without the database nobody is told, which does no harm. */
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
			continue; /* gone, or queued for another query */
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

/* room NULL: there is none yet. */
static bool
has_place(const struct conn *c, const struct live_room *room)
{
	int rooms = 0;

	LIST_EACH(&c->typing, item)
		rooms++;
	return rooms < TYPING_ROOMS_MAX && (!room || room->typist_count < TYPISTS_MAX);
}

static struct typist *
begin_new(struct live_room *room, struct conn *c, const char *ref)
{
	struct broker *b = c->broker;
	struct typist *t =
		typist_new(b, room, &c->visitor->id, room->listener_count == 0);

	t->ref = ref ? xstrdup(ref) : NULL;
	list_add(&b->typing.to_ask, &t->in_asking);
	return t;
}

static void
begin(struct live_room *room, struct conn *c, const struct uuid *room_id, const char *ref)
{
	struct typist *t = room ? typist_find(room, c->visitor->id.text) : NULL;

	if (!t && !has_place(c, room))
		return;
	if (!room)
		room = rooms_make(&c->broker->rooms, room_id);
	if (!t)
		t = begin_new(room, c, ref);
	if (t->verdict == MAY_NOT)
		return;
	t->conn = c;
	t->is_elsewhere = false;
	list_add(&c->typing, &t->in_conn);
	typist_go_on(t);
}

/* A typist that holds the room for other brokers goes with its connection. */
void
typing_conn_gone(struct conn *c)
{
	for (struct link *first; (first = list_first(&c->typing));) {
		struct typist *t = CONTAINER(first, struct typist, in_conn);

		list_remove(first);
		t->conn = NULL;
		if (t->holds_room)
			t->verdict = UNKNOWN; /* so that typist_end() frees it */
		typist_end(t);
	}
}

void
typing_listener_gone(struct listener *l)
{
	struct typist *t =
		l->conn->visitor ? typist_find(l->room, l->conn->visitor->id.text) : NULL;

	if (t && t->conn == l->conn)
		typist_end(t);
}

void
typing_room_gone(struct live_room *room)
{
	LIST_EACH(&room->typists, item)
		typist_free(CONTAINER(item, struct typist, in_room));
}

/* A person who was put out or muted needs a new verdict. */
static void
forget(struct typist *t)
{
	if (t->told)
		typist_tell(t, false);
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
		typist_end(t);
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
	     FIELD_BOOL(struct typing_body, on, REQUIRED, .about = "false: stopped"));

static enum err
do_typing(struct said *s)
{
	const struct typing_body *in = s->body;
	struct broker *b = s->conn->broker;
	const struct uuid *id = NULL;
	struct live_room *room;
	struct typist *t;

	TRY(said_room(s, &in->room_id, &id));
	if (said_must_wait(s, id))
		return OK;
	room = rooms_find(&b->rooms, id->text);
	if (room ? room->listener_count > TYPING_LISTENERS_MAX : b->peers.others == 0)
		return OK; /* too many listeners, or none */
	if (in->on) {
		begin(room, s->conn, id, s->ref);
		return OK;
	}
	t = room ? typist_find(room, s->conn->visitor->id.text) : NULL;
	if (t && t->is_on && !t->is_elsewhere)
		typist_end(t);
	return OK;
}

const struct command typing_commands[] = {
	{ "typing", IN_READY, 1, TOKEN_POST, &typing_body, NULL, do_typing,
	  .about = "This person is typing, or stopped. Valid for 8 seconds; repeat it "
		   "every few seconds while typing goes on." },
	{},
};
