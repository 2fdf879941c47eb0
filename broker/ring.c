/* ring.c -- see ring.h.
 *
 * A chunk counts the cursors that stand in it, so that the oldest chunks are freed as
 * soon as no cursor needs them. A cursor attached while there was no chunk rests: it is
 * counted separately, and the next chunk, which begins with its frame, takes over the
 * count. */
#include "broker/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/frame.h"
#include "shared/die.h"

struct ring_chunk {
	struct ring_chunk *next;
	int64_t first_seq, frames;
	uint64_t begin; /* offset of its first byte, on the scale of ring.end */
	size_t len, cap;
	int readers;
	uint8_t data[];
};

enum { FIRST_CHUNK = 2 * 1024 };

void
ring_init(struct ring *r, int64_t next_seq)
{
	*r = (struct ring){ .first_seq = next_seq, .next_seq = next_seq };
}

static void
drop_oldest(struct ring *r)
{
	struct ring_chunk *gone = r->oldest;

	r->bytes -= gone->len;
	r->oldest = gone->next;
	if (!r->oldest)
		r->newest = NULL;
	r->first_seq = r->oldest ? r->oldest->first_seq : r->next_seq;
	free(gone);
}

void
ring_done(struct ring *r)
{
	while (r->oldest)
		drop_oldest(r);
}

static void
trim(struct ring *r)
{
	while (r->oldest != r->newest && r->oldest->readers == 0 &&
	       r->bytes - r->oldest->len >= RING_KEEP)
		drop_oldest(r);
}

/* Twice the size of the previous one: a quiet room has small chunks, a busy one few. */
static struct ring_chunk *
add_chunk(struct ring *r, size_t frame_len)
{
	size_t cap = r->newest ? r->newest->cap * 2 : FIRST_CHUNK;
	struct ring_chunk *c;

	if (cap > RING_CHUNK_MAX)
		cap = RING_CHUNK_MAX;
	if (cap < frame_len)
		cap = frame_len;
	c = xmalloc(sizeof(*c) + cap);
	*c = (struct ring_chunk){ .first_seq = r->next_seq,
				  .begin = r->end,
				  .cap = cap,
				  .readers = r->resting };
	r->resting = 0;
	if (r->newest)
		r->newest->next = c;
	else
		r->oldest = c;
	r->newest = c;
	return c;
}

void
ring_append(struct ring *r, const void *frame, size_t len)
{
	struct ring_chunk *c = r->newest;

	if (!c || c->cap - c->len < len)
		c = add_chunk(r, len);
	memcpy(c->data + c->len, frame, len);
	c->len += len;
	c->frames++;
	r->end += len;
	r->bytes += len;
	r->next_seq++;
	trim(r);
}

bool
ring_covers(const struct ring *r, int64_t seq)
{
	return seq >= r->first_seq && seq <= r->next_seq && seq > r->hidden_seq;
}

void
ring_hide(struct ring *r, int64_t seq)
{
	if (seq > r->hidden_seq)
		r->hidden_seq = seq;
}

static void
stand_in(struct ring_cursor *c, struct ring_chunk *chunk)
{
	chunk->readers++;
	c->chunk = chunk;
	c->at = 0;
	c->seq = chunk->first_seq;
}

void
ring_attach(struct ring *r, struct ring_cursor *c, int64_t seq)
{
	struct ring_chunk *chunk = r->oldest;

	assert(seq >= r->first_seq && seq <= r->next_seq);
	if (!chunk) {
		*c = (struct ring_cursor){ .seq = seq };
		r->resting++;
		return;
	}
	while (chunk->next && chunk->next->first_seq <= seq)
		chunk = chunk->next;
	stand_in(c, chunk);
	ring_skip(r, c, seq - 1);
}

void
ring_attach_end(struct ring *r, struct ring_cursor *c)
{
	if (!r->newest) {
		ring_attach(r, c, r->next_seq);
		return;
	}
	stand_in(c, r->newest);
	c->at = r->newest->len;
	c->seq = r->next_seq;
}

/* A resting cursor stands in the chunk that begins with its frame, once there is one;
 * that chunk has counted it. NULL: it still rests. */
static struct ring_chunk *
chunk_of(const struct ring *r, const struct ring_cursor *c)
{
	struct ring_chunk *chunk = c->chunk;

	if (chunk)
		return chunk;
	for (chunk = r->oldest; chunk && chunk->first_seq != c->seq;)
		chunk = chunk->next;
	return chunk;
}

void
ring_detach(struct ring *r, struct ring_cursor *c)
{
	struct ring_chunk *chunk = chunk_of(r, c);

	if (chunk)
		chunk->readers--;
	else
		r->resting--;
	c->chunk = NULL;
	trim(r);
}

size_t
ring_peek(struct ring *r, struct ring_cursor *c, const uint8_t **out)
{
	c->chunk = chunk_of(r, c);
	if (!c->chunk)
		return 0;
	if (c->at == c->chunk->len && c->chunk->next) {
		c->chunk->readers--;
		stand_in(c, c->chunk->next);
		trim(r);
	}
	*out = c->chunk->data + c->at;
	return c->chunk->len - c->at;
}

void
ring_advance(struct ring *r, struct ring_cursor *c, size_t bytes)
{
	struct ring_chunk *chunk = c->chunk;
	size_t to = c->at + bytes;

	(void)r;
	assert(chunk && to <= chunk->len);
	if (to == chunk->len) {
		c->at = to;
		c->seq = chunk->first_seq + chunk->frames;
		return;
	}
	while (c->at < to) {
		c->at += frame_size(chunk->data + c->at);
		c->seq++;
	}
	assert(c->at == to);
}

void
ring_skip(struct ring *r, struct ring_cursor *c, int64_t seq)
{
	const uint8_t *at;

	while (c->seq <= seq && ring_peek(r, c, &at) > 0)
		ring_advance(r, c, frame_size(at));
}

size_t
ring_lag(const struct ring *r, const struct ring_cursor *c)
{
	const struct ring_chunk *chunk = chunk_of(r, c);

	return chunk ? (size_t)(r->end - chunk->begin) - c->at : 0;
}

void
ring_empty(struct ring *r)
{
	while (r->oldest)
		drop_oldest(r);
	r->resting = 0;
}

void
ring_rest(struct ring *r, struct ring_cursor *c)
{
	*c = (struct ring_cursor){ .seq = r->next_seq };
	r->resting++;
}
