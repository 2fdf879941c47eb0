/* rooms.c -- see rooms.h. */
#include "broker/rooms.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/bus.h"
#include "broker/conn.h"
#include "broker/early.h"
#include "broker/outbox.h"
#include "broker/resume.h"
#include "broker/typing.h"
#include "shared/die.h"

void
rooms_init(struct rooms *rs)
{
	table_init(&rs->by_id);
	list_init(&rs->dirty);
	list_init(&rs->warm);
	rs->bus = NULL;
	rs->serial = 0;
}

void
rooms_done(struct rooms *rs)
{
	assert(rs->by_id.count == 0);
	table_done(&rs->by_id);
}

struct live_room *
rooms_find(const struct rooms *rs, const char *room_id)
{
	struct table_node *n = table_find(&rs->by_id, room_id);

	return n ? CONTAINER(n, struct live_room, node) : NULL;
}

size_t
rooms_count(const struct rooms *rs)
{
	return rs->by_id.count;
}

/* ---- listeners ----------------------------------------------------------- */

struct listener *
rooms_listener(const struct conn *c, const char *room_id)
{
	LIST_EACH(&c->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_conn);

		if (strcmp(l->room->id.text, room_id) == 0)
			return l;
	}
	return NULL;
}

struct listener *
rooms_listener_of(const struct conn *c, const char *room_id, uint32_t serial)
{
	struct listener *l = rooms_listener(c, room_id);

	return l && l->serial == serial ? l : NULL;
}

struct live_room *
rooms_make(struct rooms *rs, const struct uuid *id)
{
	struct live_room *room = xcalloc(1, sizeof(*room));

	room->id = *id;
	room->serial = ++rs->serial;
	list_init(&room->listeners);
	list_init(&room->pages);
	list_init(&room->in_dirty);
	list_init(&room->in_warm);
	list_init(&room->typists);
	list_init(&room->early);
	table_add(&rs->by_id, &room->node, room->id.text);
	if (rs->bus)
		bus_join(rs->bus, id);
	return room;
}

static void
room_free(struct rooms *rs, struct live_room *room)
{
	resume_room_gone(room);
	typing_room_gone(room);
	early_room_gone(room);
	if (rs->bus)
		bus_leave(rs->bus, &room->id);
	table_remove(&rs->by_id, &room->node);
	list_remove(&room->in_dirty);
	list_remove(&room->in_warm);
	ring_done(&room->ring);
	free(room);
}

struct listener *
rooms_listen(struct rooms *rs, struct conn *c, const struct uuid *room_id)
{
	struct live_room *room = rooms_find(rs, room_id->text);
	struct listener *l = xcalloc(1, sizeof(*l));

	l->room = room ? room : rooms_make(rs, room_id);
	l->conn = c;
	l->serial = ++rs->serial;
	l->state = LISTENER_ASKING;
	list_init(&l->in_room);
	list_init(&l->in_conn);
	list_init(&l->in_ready);
	list_init(&l->in_page);
	list_add(&l->room->listeners, &l->in_room);
	l->room->listener_count++;
	list_add(&c->listeners, &l->in_conn);
	c->listener_count++;
	return l;
}

void
listener_stop(struct listener *l)
{
	if (l->state == LISTENER_LIVE)
		ring_detach(&l->room->ring, &l->cursor);
	if (l->state != LISTENER_ASKING)
		l->state = LISTENER_CATCHING_UP;
	resume_leave(l);
	list_remove(&l->in_ready);
}

void
rooms_leave(struct rooms *rs, struct listener *l)
{
	struct live_room *room = l->room;

	typing_listener_gone(l);
	listener_stop(l);
	if (l->joining)
		l->conn->asking--;
	list_remove(&l->in_room);
	room->listener_count--;
	list_remove(&l->in_conn);
	l->conn->listener_count--;
	free(l);
	if (room->listener_count == 0 && room->holds == 0)
		room_free(rs, room);
}

void
room_hold(struct live_room *room)
{
	room->holds++;
}

void
room_release(struct rooms *rs, struct live_room *room)
{
	if (--room->holds == 0 && room->listener_count == 0)
		room_free(rs, room);
}

void
rooms_leave_all(struct rooms *rs, struct conn *c)
{
	LIST_EACH(&c->listeners, item)
		rooms_leave(rs, CONTAINER(item, struct listener, in_conn));
}

/* ---- what they hear ------------------------------------------------------ */

void
room_begin(struct live_room *room, int64_t no, int64_t seq)
{
	assert(room->state == ROOM_LOADING);
	room->state = ROOM_LIVE;
	room->no = no;
	ring_init(&room->ring, seq + 1);
}

int64_t
room_seq(const struct live_room *room)
{
	return room->ring.next_seq - 1;
}

void
room_append(struct rooms *rs, struct live_room *room, const void *frame, size_t len,
	    int64_t now_s)
{
	ring_append(&room->ring, frame, len);
	resume_check_pins(room);
	room->busy_s = now_s;
	if (list_is_empty(&room->in_dirty))
		list_add(&rs->dirty, &room->in_dirty);
	list_add(&rs->warm, &room->in_warm);
}

void
listener_go_live(struct listener *l)
{
	struct ring *ring = &l->room->ring;

	l->state = LISTENER_LIVE;
	if (l->seq + 1 >= ring->next_seq)
		ring_attach_end(ring, &l->cursor);
	else
		ring_attach(ring, &l->cursor, l->seq + 1);
	outbox_ready(l);
}

void
listener_back_to_pages(struct listener *l)
{
	ring_detach(&l->room->ring, &l->cursor);
	l->state = LISTENER_CATCHING_UP;
}

int64_t
listener_visible_from(const struct listener *l)
{
	return l->room->is_since_join ? l->joined_seq : 0;
}

int64_t
listener_seq(const struct listener *l)
{
	if (l->state == LISTENER_LIVE && l->cursor.seq - 1 > l->seq)
		return l->cursor.seq - 1;
	return l->seq;
}

/* ---- letting go of memory ------------------------------------------------ */

static bool
is_anybody_behind(const struct live_room *room)
{
	if (!list_is_empty(&room->pages))
		return true;
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state == LISTENER_LIVE && ring_lag(&room->ring, &l->cursor) > 0)
			return true;
	}
	return false;
}

static void
cool(struct live_room *room)
{
	ring_empty(&room->ring);
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state == LISTENER_LIVE)
			ring_rest(&room->ring, &l->cursor);
	}
}

void
rooms_cool(struct rooms *rs, int64_t before_s)
{
	LIST_EACH(&rs->warm, item) {
		struct live_room *room = CONTAINER(item, struct live_room, in_warm);

		if (room->busy_s >= before_s)
			return;
		if (is_anybody_behind(room))
			continue;
		cool(room);
		list_remove(item);
	}
}
