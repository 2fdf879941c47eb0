/* fanout.c -- see fanout.h. */
#include "broker/fanout.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_words.h"
#include "broker/early.h"
#include "broker/join.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/log.h"

enum { READ_EVENTS = 500 };

/* A room's log being read. The room may be gone when the answer comes. */
struct reading {
	struct broker *broker;
	struct uuid room_id;
	uint32_t serial;
	int64_t wanted; /* room->wanted when the log was queried */
};

static void read_log(struct broker *b, struct live_room *room);

/* ---- who has to go ------------------------------------------------------- */

const char *
fanout_exit_reason(struct broker *b, const struct event *e)
{
	struct problem ignored = {};
	struct json *data;
	const char *action;

	if (e->type != EVENT_MEMBER || !e->data || !e->subject.id ||
	    json_parse(b->turn, e->data, strlen(e->data), 8, &ignored, &data) != OK)
		return NULL;
	action = json_text_of(json_get(data, "action"));
	if (!action)
		return NULL;
	if (strcmp(action, "banned") == 0)
		return "banned";
	if (strcmp(action, "left") != 0)
		return NULL;
	return e->actor.id && strcmp(e->actor.id, e->subject.id) == 0 ? "left"
								      : "removed";
}

static struct bytes
room_frame(struct arena *a, const char *type, const char *room_id, const char *reason)
{
	struct json *o = frame_object(a, type, NULL);

	json_put_text(o, "room_id", room_id);
	if (reason)
		json_put_text(o, "reason", reason);
	return frame_json(a, o);
}

/* Removes the listener; a connection for this room alone is closed. */
static void
end_listening(struct listener *l, const char *type, const char *reason,
	      enum close_code code)
{
	struct conn *c = l->conn;
	struct broker *b = c->broker;
	const char *room_id = arena_strdup(b->turn, l->room->id.text);

	rooms_leave(&b->rooms, l);
	outbox_push(c, room_frame(b->turn, type, room_id, reason));
	if (strcmp(c->default_room.text, room_id) == 0)
		conn_close(c, code, reason ? reason : type);
	else
		conn_release(c);
}

void
fanout_put_out(struct listener *l, const char *reason)
{
	struct conn *c = l->conn;

	membership_left(c->broker, c->visitor->id.text, l->room->id.text, reason);
	end_listening(l, "room_left", reason, CLOSE_FORBIDDEN);
}

/* The subject gets the events before this one, but nothing after it. */
static void
put_out_subject(struct broker *b, struct live_room *room, const struct event *e,
		const char *reason)
{
	struct visitor *v = people_find(&b->people, e->subject.id);

	if (!v)
		return;
	visitor_ref(v);
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);
		struct listener *l = rooms_listener(c, room->id.text);

		if (!l)
			continue;
		l->gone_seq = e->seq;
		if (l->state == LISTENER_ASKING || e->seq <= l->since)
			continue;
		outbox_ready(l);
		outbox_flush(c);
		if (conn_is_open(c))
			fanout_put_out(l, reason);
	}
	membership_left(b, v->id.text, room->id.text, reason);
	visitor_unref(&b->people, v);
}

void
fanout_removed(struct broker *b, struct live_room *room)
{
	room_hold(room);
	membership_room_gone(b, room->id.text);
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state != LISTENER_ASKING)
			end_listening(l, "room_removed", NULL, CLOSE_NOT_FOUND);
	}
	room_release(&b->rooms, room);
}

/* ---- events, in their order ---------------------------------------------- */

/* An account was removed: earlier frames of that person still show the name. */
static bool
is_farewell(const struct event *e)
{
	return e->type == EVENT_MEMBER && !e->subject.login;
}

/* Listeners who may not see the message that the event is about get a veiled copy of it
 * in place of the next frame. A listener with a page still to send goes back to the log
 * after it. */
static void
veil(struct broker *b, struct live_room *room, const struct event *e)
{
	const struct event bare = roomlog_veil(e);
	struct bytes frame = {};

	if (!room->is_since_join)
		return;
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state != LISTENER_LIVE || l->seq >= e->seq ||
		    !roomlog_is_veiled(e, listener_visible_from(l)))
			continue;
		if (!frame.data)
			frame = frame_event(b->turn, store_instance(b->store), &bare);
		if (resume_peek(l).len > 0)
			listener_back_to_pages(l);
		else
			outbox_push_instead(l, frame);
	}
}

static void
hear_settings(struct broker *b, struct live_room *room, const struct event *e)
{
	struct json *data;
	const char *history;

	if (json_parse(b->turn, e->data, strlen(e->data), 8, NULL, &data) != OK)
		return;
	history = json_text_of(json_get(json_get(data, "settings"), "history"));
	if (history)
		room->is_since_join = strcmp(history, "all") != 0;
}

void
fanout_deliver(struct broker *b, struct live_room *room, const struct event *e,
	       struct bytes frame)
{
	const char *reason = fanout_exit_reason(b, e);

	if (reason)
		put_out_subject(b, room, e, reason);
	if (e->type == EVENT_MESSAGE)
		admission_hear_talk(b);
	if (e->type == EVENT_MEMBER)
		membership_hurry(b);
	if (e->type == EVENT_ROOM && e->data)
		hear_settings(b, room, e);
	activity_hear(b, room->id.text, e->seq);
	if (roomlog_may_be_veiled(e)) {
		veil(b, room, e);
		room->veiled_seq = e->seq;
	}
	if (e->type == EVENT_EDITED || e->type == EVENT_DELETED || is_farewell(e)) {
		/* newcomers must read earlier events from the log */
		ring_hide(&room->ring, e->seq - 1);
		resume_forget(room);
	}
	room_append(&b->rooms, room, frame.data, frame.len, broker_clock_s(b));
	typing_hear(room, e);
	receipts_posted(room, e, b);
}

static struct event
event_of(const struct post *p, const struct appended *done)
{
	return (struct event){
		.type = EVENT_MESSAGE,
		.room_no = done->room_no,
		.room_id = p->draft.room_id,
		.seq = done->seq,
		.ordinal = done->ordinal,
		.created_at = done->created_at,
		.actor = p->author->person,
		.target_seq = p->draft.reply_to_seq,
		.client_id = p->draft.client_id,
		.kind = p->draft.kind,
		.text = p->draft.text,
		.data = done->data ? done->data : p->draft.data,
		.mentions = done->mentions,
	};
}

/* Sends it whole if brokers do that: then the wake-up tells them nothing new. */
static void
tell_peers(struct broker *b, const struct event *e, struct bytes frame)
{
	size_t head = frame.len > 0 ? frame_head_size(frame.data) : 0;
	const char *line;
	struct uuid room_id = {};

	if (b->peers.others == 0)
		return;
	if (frame.len == 0 || frame.len > EARLY_BYTES_MAX) {
		peers_tell_room(b, e->room_id, e->seq);
		return;
	}
	strncpy(room_id.text, e->room_id, sizeof(room_id.text) - 1);
	line = bus_event_line(b->turn, e->room_id, e->seq,
			      (const char *)frame.data + head, frame.len - head);
	if (bus_send(b, &room_id, &line, 1))
		peers_tell_room_later(b, e->room_id, e->seq);
	else
		peers_tell_room(b, e->room_id, e->seq);
}

/* The room's next event, or one ahead of its ring. */
static void
take_own(struct broker *b, struct live_room *room, const struct event *e,
	 struct bytes frame)
{
	if (e->seq == room_seq(room) + 1 && !room->reading)
		fanout_deliver(b, room, e, frame);
	else if (frame.len > 0)
		early_keep(room, e->seq, e->actor.id, frame);
	early_take(b, room);
	fanout_hear(b, room, e->seq);
}

void
fanout_committed(struct broker *b, const struct post *p, const struct appended *done)
{
	struct live_room *room = rooms_find(&b->rooms, p->draft.room_id);
	bool is_live = room && room->state == ROOM_LIVE;
	struct bytes frame = {};
	struct event e;

	activity_hear(b, p->draft.room_id, done->seq);
	/* a duplicate: the log knows what has become of it */
	if (done->result != APPEND_OK) {
		if (room)
			fanout_hear(b, room, done->seq);
		return;
	}
	e = event_of(p, done);
	if (bus_carries(b) ||
	    (is_live && !room->reading && done->seq == room_seq(room) + 1))
		frame = frame_event(b->turn, store_instance(b->store), &e);
	tell_peers(b, &e, bus_carries(b) ? frame : (struct bytes){});
	if (!room)
		return;
	if (!is_live) {
		fanout_hear(b, room, done->seq);
		return;
	}
	room_hold(room);
	take_own(b, room, &e, frame);
	room_release(&b->rooms, room);
}

/* ---- reading the log ----------------------------------------------------- */

void
fanout_hear(struct broker *b, struct live_room *room, int64_t seq)
{
	if (seq > room->wanted)
		room->wanted = seq;
	if (room->state == ROOM_LIVE && !room->reading && room->wanted > room_seq(room))
		read_log(b, room);
}

void
fanout_hear_of(struct broker *b, const char *room_id, int64_t seq)
{
	struct live_room *room = rooms_find(&b->rooms, room_id);

	activity_hear(b, room_id, seq);
	if (room)
		fanout_hear(b, room, seq);
}

void
fanout_wrote(struct broker *b, const char *room_id, int64_t seq)
{
	peers_tell_room(b, room_id, seq);
	fanout_hear_of(b, room_id, seq);
}

/* A hole in the log itself: all listeners begin anew behind it. */
static void
jump(struct live_room *room, int64_t seq)
{
	log_event(LOG_ERROR, "log.hole", LOG_S("room_id", room->id.text),
		  LOG_I("after", room_seq(room)), LOG_I("next", seq));
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state == LISTENER_ASKING)
			continue;
		outbox_flush(l->conn); /* may end it, and l with it */
	}
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state == LISTENER_ASKING)
			continue;
		listener_stop(l);
		l->seq = seq - 1;
		join_again(l);
	}
	resume_room_gone(room);
	ring_done(&room->ring);
	ring_init(&room->ring, seq);
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state != LISTENER_ASKING)
			listener_go_live(l);
	}
}

static void
take_rows(struct broker *b, struct live_room *room, const struct rows *rows)
{
	for (int i = 0; i < rows->count; i++) {
		struct event e;

		roomlog_event_from(rows, i, 0, room->id.text, &e);
		if (e.seq <= room_seq(room))
			continue;
		if (e.seq > room_seq(room) + 1)
			jump(room, e.seq);
		fanout_deliver(b, room, &e,
			       frame_event(b->turn, store_instance(b->store), &e));
	}
}

/* A seq reported before the query that the log does not have was a false report; one
 * reported since then has to be looked for. */
static void
take_log(struct broker *b, struct live_room *room, const struct reading *r,
	 const struct rows *rows)
{
	take_rows(b, room, &rows[0]);
	early_take(b, room);
	if (rows[1].count == 0) {
		fanout_removed(b, room);
		return;
	}
	if (room->wanted == r->wanted)
		room->wanted = room_seq(room);
	fanout_hear(b, room, rows_int(&rows[1], 0, 1));
}

static void
on_log(void *arg, enum err err, const struct rows *rows)
{
	struct reading *r = arg;
	struct broker *b = r->broker;
	struct live_room *room = rooms_find(&b->rooms, r->room_id.text);

	if (room && room->serial == r->serial) {
		room_hold(room);
		room->reading = false;
		if (err == OK)
			take_log(b, room, r, rows);
		room_release(&b->rooms, room);
	}
	free(r);
}

/* The log, and whether the room still exists, in one transaction. If the line is down,
 * the comparison that follows its return makes up for it. */
static void
read_log(struct broker *b, struct live_room *room)
{
	const struct db_call calls[] = {
		roomlog_after_call(b->turn, room->no, room_seq(room), READ_EVENTS),
		roomlog_heads_call(b->turn, &room->no, 1),
	};
	struct reading *r = xcalloc(1, sizeof(*r));

	*r = (struct reading){ b, room->id, room->serial, room->wanted };
	if (store_send(b->store, LINE_READ, calls, 2, on_log, r) == OK)
		room->reading = true;
	else
		free(r);
}
