/* receipts.c -- see receipts.h. */
#include "broker/receipts.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/receipts_tell.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/marks.h"
#include "shared/wake.h"

enum { KEY_SIZE = 2 * UUID_TEXT_SIZE };

/* One person's marks in one room. */
struct waiting {
	struct table_node node; /* while it waits */
	struct link link;
	char key[KEY_SIZE];
	struct uuid room_id, user_id;
	int64_t read_seq, delivered_seq; /* where to move them; 0: not this one */
	bool is_news;			 /* told even if it does not move now */
	int64_t due_ms;
	uint64_t conn_id; /* the last to move it, not told; 0: none, or several */
	bool is_several;
	char *ref; /* of its frame; NULL: none */
};

void
receipts_init(struct receipts *r)
{
	table_init(&r->by_key);
	list_init(&r->waiting);
	list_init(&r->under_way);
	r->next_ms = -1;
}

static void
waiting_free(struct waiting *w)
{
	list_remove(&w->link);
	free(w->ref);
	free(w);
}

void
receipts_done(struct broker *b)
{
	struct receipts *r = &b->receipts;

	LIST_EACH(&r->under_way, item)
		waiting_free(CONTAINER(item, struct waiting, link));
	LIST_EACH(&r->waiting, item) {
		struct waiting *w = CONTAINER(item, struct waiting, link);

		table_remove(&r->by_key, &w->node);
		waiting_free(w);
	}
	table_done(&r->by_key);
}

static bool
is_said(const struct waiting *w)
{
	return w->read_seq > 0 || w->delivered_seq > 0;
}

bool
receipts_are_idle(const struct receipts *r)
{
	LIST_EACH(&r->under_way, item)
		if (is_said(CONTAINER(item, struct waiting, link)))
			return false;
	LIST_EACH(&r->waiting, item)
		if (is_said(CONTAINER(item, struct waiting, link)))
			return false;
	return true;
}

/* ---- what waits ---------------------------------------------------------- */

/* At the next round after due_ms. */
static void
set_due(struct receipts *r, struct waiting *w, int64_t due_ms)
{
	int64_t round = (due_ms + RECEIPTS_ROUND_MS - 1) / RECEIPTS_ROUND_MS;

	w->due_ms = round * RECEIPTS_ROUND_MS;
	if (r->next_ms < 0 || w->due_ms < r->next_ms)
		r->next_ms = w->due_ms;
}

static void
add(struct receipts *r, struct waiting *w)
{
	list_add(&r->waiting, &w->link);
	table_add(&r->by_key, &w->node, w->key);
}

/* The record of this pair; it is written in the first round after due_ms. NULL: too many
 * wait. */
static struct waiting *
waiting_of(struct broker *b, const struct uuid *room_id, const struct uuid *user_id,
	   int64_t due_ms)
{
	struct receipts *r = &b->receipts;
	char key[KEY_SIZE];
	struct table_node *n;
	struct waiting *w;

	strcpy(stpcpy(key, user_id->text), room_id->text);
	n = table_find(&r->by_key, key);
	if (n) {
		w = CONTAINER(n, struct waiting, node);
		if (due_ms < w->due_ms)
			set_due(r, w, due_ms);
		return w;
	}
	if (r->by_key.count >= RECEIPTS_MAX)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	list_init(&w->link);
	strcpy(w->key, key);
	w->room_id = *room_id;
	w->user_id = *user_id;
	set_due(r, w, due_ms);
	add(r, w);
	return w;
}

static int64_t
higher(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* It was not written. Merges it with what was said of the same marks since then. */
static void
wait_again(struct broker *b, struct waiting *w)
{
	struct receipts *r = &b->receipts;
	struct table_node *n = table_find(&r->by_key, w->key);
	struct waiting *newer;

	list_remove(&w->link);
	if (!n) {
		set_due(r, w, b->clock_ms + RECEIPTS_EVERY_MS);
		add(r, w);
		return;
	}
	newer = CONTAINER(n, struct waiting, node);
	newer->read_seq = higher(newer->read_seq, w->read_seq);
	newer->delivered_seq = higher(newer->delivered_seq, w->delivered_seq);
	newer->is_news |= w->is_news;
	newer->is_several |= w->is_several || w->conn_id != newer->conn_id;
	waiting_free(w);
}

/* ---- asking -------------------------------------------------------------- */

static void
refuse(struct broker *b, const struct waiting *w)
{
	struct conn *c = conns_find(&b->conns, w->conn_id);
	struct problem p = {};

	if (c)
		conn_error(c, w->ref, w->room_id.text, ERR_NOT_FOUND, &p);
}

/* A mark that we moved is news to the other brokers. */
static void
settle(struct broker *b, const struct waiting *w, const struct mark_moved *m)
{
	const struct receipt receipt = {
		.room_id = w->room_id.text,
		.user_id = w->user_id.text,
		.not_to = w->is_several ? 0 : w->conn_id,
		.moved = m,
	};

	if (!m->is_member) {
		refuse(b, w);
		return;
	}
	if (m->has_moved)
		peers_tell(b, arena_printf(b->turn, "read %s %s", w->room_id.text,
					   w->user_id.text));
	if (m->has_moved || w->is_news)
		receipt_tell(b, &receipt);
	if (m->has_moved && w->read_seq > 0)
		activity_owe(b, w->user_id.text, w->room_id.text);
}

static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	int i = 0;

	LIST_EACH(&b->receipts.under_way, item) {
		struct waiting *w = CONTAINER(item, struct waiting, link);
		struct mark_moved m = {};

		if (err == OK)
			m = marks_moved(&rows[0], i++);
		if (err == ERR_UNAVAILABLE || m.is_busy) {
			wait_again(b, w);
			continue;
		}
		if (err == OK)
			settle(b, w, &m);
		waiting_free(w);
	}
}

/* Puts due marks in flight; sets the time of the next one. */
static int
take_due(struct broker *b, struct mark marks[RECEIPTS_BATCH])
{
	struct receipts *r = &b->receipts;
	int count = 0;

	r->next_ms = -1;
	LIST_EACH(&r->waiting, item) {
		struct waiting *w = CONTAINER(item, struct waiting, link);

		if ((w->due_ms > b->clock_ms && !b->draining) ||
		    count == RECEIPTS_BATCH) {
			set_due(r, w, w->due_ms);
			continue;
		}
		marks[count++] = (struct mark){ w->room_id.text, w->user_id.text,
						w->read_seq, w->delivered_seq };
		table_remove(&r->by_key, &w->node);
		list_add(&r->under_way, &w->link);
	}
	return count;
}

void
receipts_kick(struct broker *b)
{
	struct receipts *r = &b->receipts;
	struct mark *marks;
	struct db_call call;
	int count;

	if (r->next_ms < 0 || (r->next_ms > b->clock_ms && !b->draining) ||
	    !list_is_empty(&r->under_way) || !store_is_up(b->store, LINE_NOTE))
		return;
	marks = ARENA_ARRAY(b->turn, struct mark, RECEIPTS_BATCH);
	count = take_due(b, marks);
	if (count == 0)
		return;
	call = marks_move_call(b->turn, marks, count);
	if (store_send(b->store, LINE_NOTE, &call, 1, on_answer, b) != OK)
		on_answer(b, ERR_UNAVAILABLE, NULL);
}

int64_t
receipts_next_ms(const struct broker *b)
{
	/* otherwise the answer, or the line's return, begins a turn */
	return list_is_empty(&b->receipts.under_way) && store_is_up(b->store, LINE_NOTE)
		       ? b->receipts.next_ms
		       : -1;
}

/* ---- what moves marks ---------------------------------------------------- */

static void
look(struct broker *b, const struct uuid *room_id, const struct uuid *user_id,
     int64_t in_ms)
{
	struct waiting *w;

	if (!rooms_find(&b->rooms, room_id->text) &&
	    !people_find(&b->people, user_id->text))
		return;
	w = waiting_of(b, room_id, user_id, b->clock_ms + in_ms);
	if (w)
		w->is_news = w->is_several = true;
}

void
receipts_hear(struct broker *b, const struct uuid *room_id, const struct uuid *user_id)
{
	look(b, room_id, user_id, RECEIPTS_EVERY_MS);
	activity_owe(b, user_id->text, room_id->text);
}

/* Public rooms show nothing to others: then only further devices matter. */
void
receipts_posted(struct live_room *room, const struct event *e, struct broker *b)
{
	const struct crowd *crowd = audience_find(&b->audience, room->id.text);
	const struct visitor *author;
	struct uuid id = {};

	if (e->type != EVENT_MESSAGE || !e->actor.id)
		return;
	author = people_find(&b->people, e->actor.id);
	if ((!author || author->conn_count < 2) &&
	    (room->listener_count < 2 || (crowd && crowd->is_public)))
		return;
	strncpy(id.text, e->actor.id, sizeof(id.text) - 1);
	look(b, &room->id, &id, RECEIPTS_POSTED_MS);
}

/* ---- frames -------------------------------------------------------------- */

struct mark_body {
	struct body_head head;
	struct uuid room_id;
	int64_t seq;
};

static const struct body mark_body =
	BODY(struct mark_body, FIELD_ROOM(struct mark_body),
	     FIELD_INT(struct mark_body, seq, REQUIRED, 0, INT64_MAX,
		       .about = "everything up to this seq; one beyond the log's end "
				"counts as its end"));

static void
note_who(struct waiting *w, const struct said *s)
{
	w->is_several |= w->conn_id && w->conn_id != s->conn->id;
	w->conn_id = s->conn->id;
	free(w->ref);
	w->ref = s->ref ? xstrdup(s->ref) : NULL;
}

static enum err
take_mark(struct said *s, bool is_read)
{
	const struct mark_body *in = s->body;
	struct broker *b = s->conn->broker;
	const struct uuid *room = NULL;
	struct waiting *w;

	TRY(said_room(s, &in->room_id, &room));
	if (said_must_wait(s, room))
		return OK;
	w = waiting_of(b, room, &s->conn->visitor->id, b->clock_ms + RECEIPTS_EVERY_MS);
	if (!w)
		return problem_retry(&s->problem, ERR_UNAVAILABLE, NULL, NULL,
				     conn_retry_after_s(b));
	if (is_read)
		w->read_seq = higher(w->read_seq, in->seq);
	else
		w->delivered_seq = higher(w->delivered_seq, in->seq);
	note_who(w, s);
	return OK;
}

static enum err
do_read(struct said *s)
{
	return take_mark(s, true);
}

static enum err
do_delivered(struct said *s)
{
	return take_mark(s, false);
}

const struct command receipt_commands[] = {
	{ "delivered", IN_READY, 1, TOKEN_POST, &mark_body, NULL, do_delivered,
	  .automatic = true,
	  .about = "One of this person's devices has received the room's messages up to "
		   "here." },
	{ "read", IN_READY, 1, TOKEN_POST, &mark_body, NULL, do_read,
	  .about = "This person has read the room up to here. The mark only moves "
		   "forward." },
	{},
};
