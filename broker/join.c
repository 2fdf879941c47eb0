/* join.c -- see join.h. */
#include "broker/join.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/auto.h"
#include "shared/die.h"
#include "shared/members.h"

enum { ONLINE_MAX = 100, ROUNDS_MAX = 3 };

/* A join in flight. Its connection, listener or room may be gone when an answer comes;
 * then there is nothing left to do. */
struct join {
	struct broker *broker;
	uint64_t conn_id;
	uint32_t serial; /* of the listener */
	struct uuid room_id, user_id;
	bool is_default; /* the connection is for this room */
	bool has_place, is_our_epoch;
	int64_t after;
	int rounds; /* queries sent; a change in between asks again */
	int tries;  /* attempts to become a member: the room may be locked */
	struct link in_resting;
	int64_t again_ms;
	char *ref;
};

static void join_ask(struct join *j);

static void
join_free(struct join *j)
{
	list_remove(&j->in_resting);
	free(j->ref);
	free(j);
}

/* NULL: it left. */
static struct listener *
listener_of(const struct join *j)
{
	struct conn *c = conns_find(&j->broker->conns, j->conn_id);

	return c && conn_is_open(c) ? rooms_listener_of(c, j->room_id.text, j->serial)
				    : NULL;
}

static void
set_joining(struct listener *l, bool joining)
{
	l->joining = joining;
	l->conn->asking += joining ? 1 : -1;
}

static void
fail(struct join *j, struct listener *l, enum err e, const struct problem *p)
{
	struct conn *c = l->conn;

	set_joining(l, false);
	if (l->state == LISTENER_ASKING || e == ERR_NOT_FOUND || e == ERR_FORBIDDEN)
		rooms_leave(&j->broker->rooms, l);
	if (j->is_default)
		conn_refuse(c, j->ref, j->room_id.text, e, p);
	else
		conn_error(c, j->ref, j->room_id.text, e, p);
	conn_release(c);
	join_free(j);
}

static void
fail_unavailable(struct join *j, struct listener *l)
{
	struct problem p = { .retry_after_s = conn_retry_after_s(j->broker) };

	fail(j, l, ERR_UNAVAILABLE, &p);
}

/* ---- joined -------------------------------------------------------------- */

/* The people who listen here and may be shown to this viewer, at most ONLINE_MAX, each
 * once. As text, not as JSON objects: a hundred ids take 4 KB that way instead of 20
 * KB. */
static const char *
online_in(struct broker *b, struct arena *a, const struct live_room *room,
	  const struct visitor *viewer)
{
	const char *seen[ONLINE_MAX];
	struct strbuf list = { .arena = a };
	int count = 0;

	LIST_EACH(&room->listeners, item) {
		const struct listener *l = CONTAINER(item, struct listener, in_room);
		const struct visitor *v = l->conn->visitor;
		const char *id = v->id.text;
		int i = 0;

		while (i < count && seen[i] != id)
			i++;
		if (i < count || !presence_shows(b, v, viewer))
			continue;
		if (count == ONLINE_MAX)
			break;
		strbuf_printf(&list, "%s\"%s\"", count > 0 ? "," : "[", id);
		seen[count++] = id;
	}
	strbuf_add(&list, count > 0 ? "]" : "[]", count > 0 ? 1 : 2);
	return list.data;
}

static void
send_joined(struct listener *l, const char *ref, int64_t seq, bool recovered,
	    int64_t member_count)
{
	struct broker *b = l->conn->broker;
	/* not the turn's arena: after a stall of the database thousands are answered in
	 * one turn, and all of that at once would stay in the heap */
	AUTO(arena) struct arena *a = arena_new();
	struct json *o = frame_object(a, "joined", ref);

	json_put_text(o, "room_id", l->room->id.text);
	json_put_int(o, "seq", seq);
	json_put_text(o, "epoch", store_instance(b->store)->epoch);
	json_put_bool(o, "recovered", recovered);
	if (member_count >= 0)
		json_put_int(o, "member_count", member_count);
	json_put_raw(o, "online", online_in(b, a, l->room, l->conn->visitor));
	outbox_push(l->conn, frame_json(a, o));
}

void
join_again(struct listener *l)
{
	send_joined(l, NULL, l->seq, false, -1);
}

static void
count_resume(const struct listener *l, bool recovered)
{
	struct metrics *m = &l->conn->broker->metrics;

	if (!recovered)
		m->resumed_not++;
	else if (resume_is_recent(l))
		m->resumed_ring++;
	else
		m->resumed_log++;
}

/* The room's state in memory may be newer by now. */
static void
note_head(struct listener *l, const struct listening *head)
{
	struct live_room *room = l->room;

	if (room->state == ROOM_LOADING)
		room_begin(room, head->room_no, head->seq);
	if (head->seq >= room_seq(room))
		room->is_since_join = head->is_since_join;
	l->joined_seq = head->joined_seq;
	l->since = head->seq;
}

/* The room exists, and this person may listen to it. */
static void
settle(struct join *j, struct listener *l, const struct listening *head)
{
	struct live_room *room = l->room;
	struct conn *c = l->conn;
	bool was_asking = l->state == LISTENER_ASKING, recovered;
	int64_t now;

	note_head(l, head);
	fanout_hear(j->broker, room, head->seq > room->wanted ? head->seq : room->wanted);
	now = head->seq > room_seq(room) ? head->seq : room_seq(room);
	recovered = j->has_place && j->is_our_epoch && j->after <= now &&
		    j->after + 1 >= head->first_seq;
	set_joining(l, false);
	if (was_asking || j->has_place) {
		listener_stop(l);
		l->state = LISTENER_CATCHING_UP;
		l->seq = recovered ? j->after : now;
	}
	if (j->has_place)
		count_resume(l, recovered);
	send_joined(l, j->ref, was_asking || j->has_place ? now : listener_seq(l),
		    recovered, head->member_count);
	if (l->state == LISTENER_CATCHING_UP && !l->page)
		resume_go(j->broker, l); /* may free the listener */
	conn_release(c);
	join_free(j);
}

/* ---- becoming a member --------------------------------------------------- */

static void
on_member(void *arg, enum err err, const struct rows *rows)
{
	struct join *j = arg;
	struct listener *l = listener_of(j);
	struct member_outcome done = {};
	struct problem p = {};
	enum err e;

	if (err == OK)
		members_read(rows, &done);
	if (err == OK && done.result == MEMBER_OK) {
		fanout_wrote(j->broker, j->room_id.text, done.seq);
		membership_hurry(j->broker);
	}
	if (!l) {
		join_free(j);
	} else if (err != OK) {
		fail_unavailable(j, l);
	} else if (done.result == MEMBER_NO_ROOM && j->tries < JOIN_TRIES_MAX) {
		j->again_ms = j->broker->clock_ms + JOIN_REST_MS;
		list_add(&j->broker->joins.resting, &j->in_resting);
	} else if ((e = member_problem(&done, &p)) != OK) {
		fail(j, l, e, &p);
	} else {
		join_ask(j);
	}
}

/* The room was there a moment ago. If it cannot be had now, it is locked: other joins
 * must not wait for it, so this one is retried. */
static void
become_member(struct join *j, struct listener *l)
{
	struct broker *b = j->broker;
	struct db_call calls[MEMBERS_CALLS];

	j->tries++;
	members_join_calls(b->turn, j->room_id.text, j->user_id.text,
			   b->config->max_rooms_per_user, calls);
	calls[0] = roomlog_try_lock_call(b->turn, j->room_id.text);
	if (store_send(b->store, LINE_JOIN, calls, MEMBERS_CALLS, on_member, j) != OK)
		fail_unavailable(j, l);
}

void
joins_kick(struct broker *b)
{
	for (struct link *first; (first = list_first(&b->joins.resting));) {
		struct join *j = CONTAINER(first, struct join, in_resting);
		struct listener *l = listener_of(j);

		if (l && j->again_ms > b->clock_ms)
			return;
		list_remove(first);
		if (l)
			become_member(j, l);
		else
			join_free(j);
	}
}

int64_t
joins_next_ms(const struct broker *b)
{
	struct link *first = list_first(&b->joins.resting);

	return first ? CONTAINER(first, struct join, in_resting)->again_ms : -1;
}

void
joins_done(struct broker *b)
{
	LIST_EACH(&b->joins.resting, item)
		join_free(CONTAINER(item, struct join, in_resting));
}

/* ---- may they listen? ---------------------------------------------------- */

static void
on_head(void *arg, enum err err, const struct rows *rows)
{
	struct join *j = arg;
	struct listener *l = listener_of(j);
	struct listening head;
	struct problem p = {};

	if (!l) {
		join_free(j);
	} else if (err != OK) {
		fail_unavailable(j, l);
	} else if (roomlog_listen_read(rows, &head) != OK) {
		fail(j, l, ERR_NOT_FOUND, &p);
	} else if (head.is_banned) {
		p.detail = "You are banned from this room.";
		fail(j, l, ERR_FORBIDDEN, &p);
	} else if (l->gone_seq > head.seq && j->rounds < ROUNDS_MAX) {
		join_ask(j); /* put out since this was read */
	} else if (!head.is_member && conn_check_scope(l->conn, TOKEN_POST, &p) != OK) {
		fail(j, l, ERR_FORBIDDEN,
		     &p); /* joining needs the scope post, as by REST */
	} else if (!head.is_member && j->rounds < ROUNDS_MAX) {
		become_member(j, l);
	} else if (!head.is_member) {
		fail(j, l, ERR_NOT_FOUND, &p);
	} else {
		settle(j, l, &head);
	}
}

static void
join_ask(struct join *j)
{
	struct broker *b = j->broker;
	const struct db_call call =
		roomlog_listen_call(b->turn, j->room_id.text, j->user_id.text);

	j->rounds++;
	if (store_send(b->store, LINE_OPEN, &call, 1, on_head, j) != OK)
		fail_unavailable(j, listener_of(j));
}

static struct join *
join_new(struct conn *c, const struct uuid *room_id, const struct place *place,
	 const char *ref)
{
	struct broker *b = c->broker;
	struct join *j = xcalloc(1, sizeof(*j));

	*j = (struct join){
		.broker = b,
		.conn_id = c->id,
		.room_id = *room_id,
		.user_id = c->visitor->id,
		.has_place = place->given,
		.after = place->after,
		.is_our_epoch =
			!place->epoch ||
			strcmp(place->epoch, store_instance(b->store)->epoch) == 0,
		.ref = ref ? xstrdup(ref) : NULL,
	};
	list_init(&j->in_resting);
	return j;
}

static void
start(struct conn *c, struct join *j)
{
	struct listener *l = rooms_listener(c, j->room_id.text);

	if (!l)
		l = rooms_listen(&c->broker->rooms, c, &j->room_id);
	j->serial = l->serial;
	set_joining(l, true);
	join_ask(j);
}

void
join_begin(struct conn *c, const struct uuid *room_id, const struct place *place,
	   const char *ref)
{
	start(c, join_new(c, room_id, place, ref));
}

void
join_default(struct conn *c)
{
	const struct place place = {
		.given = c->default_after >= 0,
		.after = c->default_after,
		.epoch = c->default_epoch[0] ? c->default_epoch : NULL,
	};
	struct problem p = {};
	struct join *j;
	enum err e = conn_check_room(c, &c->default_room);

	if (e == OK)
		e = conn_check_scope(c, TOKEN_READ, &p);
	if (e != OK) {
		conn_refuse(c, NULL, c->default_room.text, e, &p);
		return;
	}
	j = join_new(c, &c->default_room, &place, NULL);

	j->is_default = true;
	start(c, j);
}
