/* outbox_write.c -- see outbox.h: writing.
 *
 * Small output is gathered and goes into the batch, which is sent when it is full and at
 * the end of the turn's share. Otherwise a single piece is written from where it lies;
 * several are gathered first. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/outbox.h"
#include "broker/outbox_piece.h"
#include "broker/wire.h"
#include "shared/die.h"

enum {
	BATCHED_MAX = 8 * 1024, /* of one connection; more is not worth a copy */
	BATCH_BYTES = 64 * 1024,
	SCRATCH_SIZE = BATCH_BYTES + OUTBOX_WRITE_MAX,
};

void
outboxes_init(struct outboxes *os)
{
	list_init(&os->dirty);
	list_init(&os->now);
	list_init(&os->later);
	os->scratch = xmalloc(SCRATCH_SIZE);
	os->batch = send_batch_new();
}

void
outboxes_done(struct outboxes *os)
{
	send_batch_free(os->batch);
	free(os->scratch);
}

static bool
hand_over(struct conn *c, struct bytes bytes)
{
	switch (c->ops->send(c->wire, bytes.data, bytes.len)) {
	case WIRE_SENT:
		return true;
	case WIRE_KEPT:
		c->out.kept = bytes.len;
		return true;
	case WIRE_BROKEN:
		conn_move(c, CONN_DYING);
	}
	return false;
}

static void
count_write(struct broker *b, size_t len)
{
	b->metrics.writes++;
	b->metrics.bytes_out += (int64_t)len;
}

static bool
write_out(struct conn *c, struct bytes bytes)
{
	count_write(c->broker, bytes.len);
	return hand_over(c, bytes);
}

/* The wire sends what the kernel did not take, and finds out why. */
static void
send_batched(struct outboxes *os)
{
	const uint8_t *data = os->scratch;
	const int *taken;

	if (os->batched_count == 0)
		return;
	taken = send_batch_run(os->batch);
	for (int i = 0; i < os->batched_count; i++) {
		struct conn *c = os->batched[i].conn;
		size_t len = os->batched[i].len,
		       done = taken[i] > 0 ? (size_t)taken[i] : 0;

		c->out.is_batched = false;
		if (done < len && c->state < CONN_DYING)
			hand_over(c, (struct bytes){ data + done, len - done });
		data += len;
	}
	os->batched_count = 0;
	os->batched_bytes = 0;
}

/* The descriptor for the connection's part of the batch; -1: it is written by
 * itself. */
static int
batch_fd(const struct conn *c, const struct piece *p)
{
	const struct outboxes *os = &c->broker->outboxes;

	if (!os->is_batching || !send_batch_works(os->batch) || p->is_page ||
	    p->bytes.len > BATCHED_MAX || !c->ops->fd)
		return -1;
	return c->ops->fd(c->wire);
}

/* Adds the len bytes in the scratch buffer after those already in the batch. */
static void
add_to_batch(struct conn *c, int fd, size_t len)
{
	struct outboxes *os = &c->broker->outboxes;

	send_batch_add(os->batch, fd, os->scratch + os->batched_bytes, len);
	os->batched[os->batched_count++] = (struct batched){ c, len };
	os->batched_bytes += len;
	c->out.is_batched = true;
	count_write(c->broker, len);
	if (os->batched_count == SEND_BATCH_MAX || os->batched_bytes >= BATCH_BYTES)
		send_batched(os);
}

/* Copies as much as a write may hold, up to the next page: passing a page may end the
 * connection, and everything before it must have been sent by then. is_whole: there is
 * nothing more. */
static size_t
gather(struct conn *c, struct piece *piece, uint8_t *to, bool *is_whole)
{
	size_t len = 0;

	*is_whole = false;
	do {
		if (piece->is_page || len + piece->bytes.len > OUTBOX_WRITE_MAX)
			return len;
		memcpy(to + len, piece->bytes.data, piece->bytes.len);
		len += piece->bytes.len;
		piece_pass(c, piece);
	} while (piece_next(c, OUTBOX_WRITE_MAX - len, piece));
	*is_whole = true;
	return len;
}

/* One write. True: there may be more to write. */
static bool
flush_once(struct conn *c)
{
	struct outboxes *os = &c->broker->outboxes;
	uint8_t *scratch = os->scratch + os->batched_bytes;
	struct piece piece;
	bool is_whole;
	size_t len;
	int fd;

	if (!piece_next(c, OUTBOX_WRITE_MAX, &piece))
		return false;
	fd = batch_fd(c, &piece);
	if (piece.is_page || piece.bytes.len >= OUTBOX_WRITE_MAX / 2 ||
	    (fd < 0 && piece_is_all(c, &piece))) {
		bool sent = write_out(c, piece.bytes);

		if (sent)
			piece_pass(c, &piece);
		return sent;
	}
	len = gather(c, &piece, scratch, &is_whole);
	if (fd < 0 || !is_whole || len > BATCHED_MAX)
		return write_out(c, (struct bytes){ scratch, len }) && !is_whole;
	add_to_batch(c, fd, len);
	return false;
}

static bool
is_too_slow(const struct conn *c)
{
	int64_t bytes, frames;

	outbox_backlog(c, &bytes, &frames);
	return bytes > c->broker->config->max_outbox_bytes ||
	       frames > c->broker->config->max_outbox_frames;
}

/* Part of the output may be left in the batch. */
static void
flush(struct conn *c)
{
	int writes = 0;

	if (!conn_is_open(c))
		return;
	while (c->out.kept == 0 && writes < OUTBOX_WRITES_MAX && flush_once(c))
		writes++;
	if (c->out.kept > 0 && conn_is_open(c) && is_too_slow(c))
		conn_close(c, CLOSE_TOO_SLOW, "too_slow");
	else if (writes == OUTBOX_WRITES_MAX)
		outbox_wake(c); /* the others first */
}

static void
settle(struct conn *c)
{
	if (c->out.is_batched)
		send_batched(&c->broker->outboxes);
}

void
outbox_flush(struct conn *c)
{
	settle(c);
	flush(c);
	settle(c);
}

static void
spread(struct live_room *room)
{
	LIST_EACH(&room->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_room);

		if (l->state == LISTENER_LIVE)
			outbox_ready(l);
	}
}

void
outboxes_spread(struct broker *b)
{
	for (struct link *first; (first = list_first(&b->rooms.dirty));) {
		list_remove(first);
		spread(CONTAINER(first, struct live_room, in_dirty));
	}
}

static void
begin_pass(struct outboxes *os)
{
	list_move_all(&os->dirty, &os->now);
	os->share = (os->dirty_count + OUTBOX_PASS_TURNS - 1) / OUTBOX_PASS_TURNS;
	os->dirty_count = 0;
	if (os->share < OUTBOX_SHARE_MIN)
		os->share = OUTBOX_SHARE_MIN;
}

static void
flush_first(struct link *list, int count)
{
	for (struct link *first; count > 0 && (first = list_first(list)); count--) {
		struct conn *c = CONTAINER(first, struct conn, in_dirty);

		list_remove(first);
		c->out.is_later = false;
		flush(c);
	}
}

void
outboxes_flush(struct broker *b)
{
	struct outboxes *os = &b->outboxes;

	if (!outboxes_are_passing(os))
		begin_pass(os);
	os->is_batching = true;
	flush_first(&os->now, os->share);
	if (!list_is_empty(&os->later) && b->clock_ms >= os->later_ms) {
		flush_first(&os->later, OUTBOX_LATER_SHARE);
		os->later_ms = b->clock_ms + OUTBOX_LATER_EVERY_MS;
	}
	os->is_batching = false;
	send_batched(os);
}

bool
outboxes_are_passing(const struct outboxes *os)
{
	return !list_is_empty(&os->now);
}

bool
outboxes_have_more(const struct outboxes *os)
{
	return outboxes_are_passing(os) || !list_is_empty(&os->dirty);
}

int64_t
outboxes_next_ms(const struct broker *b)
{
	return list_is_empty(&b->outboxes.later) ? -1 : b->outboxes.later_ms;
}
