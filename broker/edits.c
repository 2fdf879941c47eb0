/* edits.c -- see edits.h. */
#include "broker/edits.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/flood.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/roomlog.h"

/* An edit in flight. Its connection may be gone when the answer comes: it is done all
 * the same. */
struct edit {
	struct broker *broker;
	struct link in_all, in_resting;
	uint64_t conn_id;
	edits_make *make;
	int64_t room_no, seq;
	struct uuid id, user_id;
	struct uuid room_id;   /* "": not known */
	struct uuid room_only; /* of a bound token; "": any */
	bool on;
	int64_t since_ms, again_ms;
	char *text, *ref; /* NULL: none */
};

/* A frame of this connection waits for its posts to that room; "": to any. */
struct behind {
	struct link link;
	uint64_t conn_id;
	struct uuid room_id;
};

void
edits_init(struct edits *es)
{
	*es = (struct edits){};
	list_init(&es->all);
	list_init(&es->resting);
	list_init(&es->behind);
}

static void
edit_free(struct edit *e)
{
	e->broker->edits.count--;
	list_remove(&e->in_all);
	list_remove(&e->in_resting);
	free(e->text);
	free(e->ref);
	free(e);
}

static void
behind_free(struct behind *w)
{
	list_remove(&w->link);
	free(w);
}

void
edits_done(struct broker *b)
{
	LIST_EACH(&b->edits.all, item)
		edit_free(CONTAINER(item, struct edit, in_all));
	LIST_EACH(&b->edits.behind, item)
		behind_free(CONTAINER(item, struct behind, link));
}

bool
edits_are_idle(const struct edits *es)
{
	return list_is_empty(&es->all);
}

bool
edits_are_busy(const struct conn *c, const struct uuid *room_id)
{
	if (c->editing == 0)
		return false;
	LIST_EACH(&c->broker->edits.all, item) {
		const struct edit *e = CONTAINER(item, struct edit, in_all);

		if (e->conn_id == c->id && (!e->room_id.text[0] || !room_id->text[0] ||
					    strcmp(e->room_id.text, room_id->text) == 0))
			return true;
	}
	return false;
}

/* ---- the end of one ------------------------------------------------------ */

/* NULL: it left. */
static struct conn *
over(struct edit *e)
{
	struct conn *c = conns_find(&e->broker->conns, e->conn_id);

	list_remove(&e->in_all);
	if (!c)
		return NULL;
	c->editing--;
	return conn_is_open(c) ? c : NULL;
}

static void
fail(struct edit *e, enum err err, const struct problem *p)
{
	struct conn *c = over(e);

	if (c) {
		conn_error(c, e->ref, e->room_id.text[0] ? e->room_id.text : NULL, err,
			   p);
		conn_release(c);
	}
	edit_free(e);
}

static void
acknowledge(struct edit *e, int64_t seq)
{
	struct arena *a = e->broker->turn;
	struct conn *c = over(e);
	struct json *o;

	if (c) {
		o = frame_object(a, "ack", e->ref);
		json_put_text(o, "id", e->id.text);
		json_put_int(o, "seq", seq);
		outbox_push(c, frame_json(a, o));
		conn_release(c);
	}
	edit_free(e);
}

static void
rest(struct edit *e)
{
	e->again_ms = e->broker->clock_ms + EDITS_REST_MS;
	list_add(&e->broker->edits.resting, &e->in_resting);
}

static void
settle(struct edit *e, const struct rows *rows)
{
	struct edit_outcome outcome;
	struct problem p = {};
	enum err err;

	edits_read(rows, &outcome);
	err = edit_problem(&outcome, &p);
	if (err != OK) {
		fail(e, err, &p);
		return;
	}
	fanout_wrote(e->broker, outcome.room_id, outcome.seq);
	acknowledge(e, outcome.seq);
}

static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct edit *e = arg;
	struct problem p = {};

	if (err == ERR_UNAVAILABLE || (err == OK && roomlog_is_busy(&rows[0])))
		rest(e); /* and repeat it: the same edit twice is done once */
	else if (err == OK)
		settle(e, rows);
	else
		fail(e, err, &p);
}

/* ---- asking -------------------------------------------------------------- */

static void
ask(struct edit *e)
{
	struct broker *b = e->broker;
	const struct edit_of of = {
		.room_no = e->room_no,
		.seq = e->seq,
		.by_id = e->user_id.text,
		.room_only = e->room_only.text[0] ? e->room_only.text : NULL,
	};
	struct db_call calls[EDITS_CALLS];

	e->make(b->turn, &of, e->text, e->on, calls);
	calls[0] = roomlog_try_lock_no_call(b->turn, e->room_no);
	if (store_send(b->store, LINE_JOIN, calls, EDITS_CALLS, on_answer, e) != OK)
		rest(e);
}

static void
give_up(struct edit *e)
{
	struct problem p = { .detail = "This cannot be stored now; try again.",
			     .retry_after_s = conn_retry_after_s(e->broker) };

	fail(e, ERR_UNAVAILABLE, &p);
}

static void
take_up_resting(struct broker *b)
{
	for (struct link *first; (first = list_first(&b->edits.resting));) {
		struct edit *e = CONTAINER(first, struct edit, in_resting);

		if (e->again_ms > b->clock_ms)
			return;
		list_remove(first);
		if (b->clock_ms - e->since_ms > EDITS_WAIT_MS)
			give_up(e);
		else
			ask(e);
	}
}

static const char *
known(const struct uuid *room_id)
{
	return room_id->text[0] ? room_id->text : NULL;
}

static void
take_up_behind(struct broker *b)
{
	LIST_EACH(&b->edits.behind, item) {
		struct behind *w = CONTAINER(item, struct behind, link);
		struct conn *c = conns_find(&b->conns, w->conn_id);

		if (c && conn_is_open(c) &&
		    writer_is_posting(&b->writer, c, known(&w->room_id)))
			continue;
		behind_free(w);
		if (c)
			conn_release(c);
	}
}

void
edits_kick(struct broker *b)
{
	take_up_behind(b);
	take_up_resting(b);
}

int64_t
edits_next_ms(const struct broker *b)
{
	struct link *first = list_first(&b->edits.resting);

	return first ? CONTAINER(first, struct edit, in_resting)->again_ms : -1;
}

/* ---- frames -------------------------------------------------------------- */

/* The room with this number, if this person is known to be in it. */
static struct uuid
room_of(const struct visitor *v, int64_t room_no)
{
	for (uint32_t i = 0; i < v->seats.count; i++)
		if (v->seats.items[i].crowd->no == room_no)
			return v->seats.items[i].crowd->id;
	return (struct uuid){};
}

/* True: the frame is held, since earlier frames about this room have to be done
 * first. */
static bool
must_wait(struct said *s, const struct uuid *room_id)
{
	struct conn *c = s->conn;
	struct behind *w;

	if (edits_are_busy(c, room_id)) { /* the end of that edit releases the frame */
		conn_hold(c, s->frame, s->len);
		return true;
	}
	if (!writer_is_posting(&c->broker->writer, c, known(room_id)))
		return room_id->text[0] && said_must_wait(s, room_id);
	w = xcalloc(1, sizeof(*w));
	*w = (struct behind){ .conn_id = c->id, .room_id = *room_id };
	list_init(&w->link);
	list_add(&c->broker->edits.behind, &w->link);
	conn_hold(c, s->frame, s->len);
	return true;
}

enum err
edits_begin(struct said *s, const struct uuid *id, edits_make *make, const char *text,
	    bool on)
{
	struct conn *c = s->conn;
	struct broker *b = c->broker;
	struct uuid room_id;
	struct edit *e;
	int64_t no, seq;

	TRY(uuid_to_message(store_instance(b->store)->id_key, id->text, &no, &seq));
	room_id = room_of(c->visitor, no);
	if (must_wait(s, &room_id))
		return OK;
	TRY(flood_take_messages(s, 1));
	if (b->edits.count >= EDITS_MAX)
		return problem_retry(&s->problem, ERR_UNAVAILABLE, NULL,
				     "This cannot be stored now; try again.",
				     conn_retry_after_s(b));
	e = xcalloc(1, sizeof(*e));
	*e = (struct edit){ .broker = b,
			    .conn_id = c->id,
			    .make = make,
			    .room_no = no,
			    .seq = seq,
			    .id = *id,
			    .user_id = c->visitor->id,
			    .room_id = room_id,
			    .room_only = c->who.room_only,
			    .on = on,
			    .since_ms = b->clock_ms,
			    .text = text ? xstrdup(text) : NULL,
			    .ref = s->ref ? xstrdup(s->ref) : NULL };
	list_init(&e->in_all);
	list_init(&e->in_resting);
	list_add(&b->edits.all, &e->in_all);
	b->edits.count++;
	c->editing++;
	ask(e);
	return OK;
}
