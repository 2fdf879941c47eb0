/* outbox.c -- see outbox.h: what there is to send. outbox_write.c sends it. */
#include "broker/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/outbox_piece.h"
#include "shared/die.h"

void
outbox_init(struct outbox *o)
{
	*o = (struct outbox){};
	list_init(&o->ready);
}

static void
drop_own(struct outbox *o)
{
	free(o->data);
	o->data = NULL;
	o->begin = o->end = o->cap = 0;
	o->frames = 0;
}

static void
mark(struct conn *c)
{
	struct outboxes *os = &c->broker->outboxes;

	if (!list_is_empty(&c->in_dirty) && !c->out.is_later)
		return;
	c->out.is_later = false;
	list_add(&os->dirty, &c->in_dirty);
	os->dirty_count++;
}

/* Unless it has too much to send by now. */
static void
mark_later(struct conn *c)
{
	if (c->out.end - c->out.begin > OUTBOX_LATER_MAX) {
		mark(c);
	} else if (list_is_empty(&c->in_dirty)) {
		c->out.is_later = true;
		list_add(&c->broker->outboxes.later, &c->in_dirty);
	}
}

static void
make_room(struct outbox *o, size_t len)
{
	if (o->begin > 0) {
		memmove(o->data, o->data + o->begin, o->end - o->begin);
		o->end -= o->begin;
		o->begin = 0;
	}
	if (o->cap - o->end >= len)
		return;
	o->cap = o->end + len > 2 * o->cap ? o->end + len : 2 * o->cap;
	o->data = xrealloc(o->data, o->cap);
}

static void
add(struct outbox *o, struct bytes frame)
{
	if (o->cap - o->end < frame.len)
		make_room(o, frame.len);
	memcpy(o->data + o->end, frame.data, frame.len);
	o->end += frame.len;
	o->frames++;
}

void
outbox_push(struct conn *c, struct bytes frame)
{
	add(&c->out, frame);
	mark(c);
}

void
outbox_push_later(struct conn *c, struct bytes frame)
{
	add(&c->out, frame);
	mark_later(c);
}

/* Frames not yet offered to the wire are no backlog: they are being gathered, not
 * stuck. */
void
outbox_push_ephemeral(struct conn *c, struct bytes frame)
{
	struct outbox *o = &c->out;

	if (!conn_is_open(c) || c->is_stream)
		return;
	if (o->kept > 0 || o->end - o->begin + frame.len > OUTBOX_EPHEMERAL_MAX) {
		c->broker->metrics.dropped++;
		return;
	}
	outbox_push_later(c, frame);
}

void
outbox_wake(struct conn *c)
{
	mark(c);
}

void
outbox_ready(struct listener *l)
{
	if (list_is_empty(&l->in_ready))
		list_add(&l->conn->out.ready, &l->in_ready);
	mark(l->conn);
}

void
outbox_drop(struct conn *c)
{
	struct outbox *o = &c->out;

	drop_own(o);
	LIST_EACH(&o->ready, item)
		list_remove(item);
}

/* ---- in pieces ----------------------------------------------------------- */

static bool
piece_of(struct listener *l, struct piece *out)
{
	*out = (struct piece){ .of = l, .is_page = true, .bytes = resume_peek(l) };
	if (out->bytes.len > 0)
		return true;
	if (l->state != LISTENER_LIVE)
		return false;
	if (l->cursor.seq <= l->seq)
		ring_skip(&l->room->ring, &l->cursor, l->seq);
	out->is_page = false;
	out->bytes.len = ring_peek(&l->room->ring, &l->cursor, &out->bytes.data);
	return out->bytes.len > 0;
}

bool
piece_next(struct conn *c, size_t max, struct piece *out)
{
	struct outbox *o = &c->out;

	*out = (struct piece){};
	if (o->end > o->begin)
		out->bytes = (struct bytes){ o->data + o->begin, o->end - o->begin };
	else
		LIST_EACH(&o->ready, item) {
			if (piece_of(CONTAINER(item, struct listener, in_ready), out))
				break;
			list_remove(item);
		}
	if (out->bytes.len == 0)
		return false;
	out->bytes.len = frame_fit(out->bytes.data, out->bytes.len, max);
	return true;
}

static void
pass_own(struct broker *b, struct outbox *o, size_t len)
{
	o->begin += len;
	if (o->begin < o->end)
		return;
	b->metrics.frames_out += o->frames;
	drop_own(o);
}

static int64_t
count_frames(struct bytes bytes)
{
	int64_t count = 0;

	for (size_t at = 0; at < bytes.len; at += frame_size(bytes.data + at))
		count++;
	return count;
}

void
piece_pass(struct conn *c, const struct piece *p)
{
	struct broker *b = c->broker;
	struct ring_cursor *cursor = p->of ? &p->of->cursor : NULL;

	if (!p->of) {
		pass_own(b, &c->out, p->bytes.len);
	} else if (p->is_page) {
		b->metrics.frames_out += count_frames(p->bytes);
		resume_advance(b, p->of, p->bytes.len);
	} else {
		b->metrics.frames_out -= cursor->seq;
		ring_advance(&p->of->room->ring, cursor, p->bytes.len);
		b->metrics.frames_out += cursor->seq;
	}
}

void
outbox_backlog(const struct conn *c, int64_t *out_bytes, int64_t *out_frames)
{
	const struct outbox *o = &c->out;

	*out_bytes = (int64_t)(o->kept + o->end - o->begin);
	*out_frames = o->frames;
	LIST_EACH(&o->ready, item) {
		struct listener *l = CONTAINER(item, struct listener, in_ready);

		if (l->state != LISTENER_LIVE)
			continue;
		*out_bytes += (int64_t)ring_lag(&l->room->ring, &l->cursor);
		*out_frames += l->room->ring.next_seq - l->cursor.seq;
	}
}

void
outbox_push_instead(struct listener *l, struct bytes frame)
{
	struct ring *ring = &l->room->ring;
	struct piece rest;

	while (piece_of(l, &rest)) {
		add(&l->conn->out, rest.bytes);
		l->conn->out.frames += (int)count_frames(rest.bytes) - 1;
		ring_advance(ring, &l->cursor, rest.bytes.len);
	}
	l->seq = ring->next_seq;
	outbox_push(l->conn, frame);
}

bool
piece_is_all(const struct conn *c, const struct piece *p)
{
	int64_t bytes, frames;

	outbox_backlog(c, &bytes, &frames);
	if ((size_t)bytes != p->bytes.len)
		return false;
	LIST_EACH(&c->out.ready, item)
		if (resume_peek(CONTAINER(item, struct listener, in_ready)).len > 0)
			return false;
	return true;
}
