/* ring.h -- the recent frames of a room, ready to be sent, one after the other.
 *
 * Each event of the log is put in once, as a finished WebSocket frame; every listener
 * is a cursor. The frames lie contiguous in chunks, so that whatever a listener lacks
 * goes out in one write from here, without a copy.
 *
 * Frames are numbered as the log is: gapless. A chunk stays while a cursor stands in
 * it; beyond that the newest RING_KEEP bytes are kept for those who come back soon.
 *
 * Owns:     its chunks. Cursors belong to their listeners, who detach them.
 * Contract: how far a cursor may lag is its owner's matter (outbox.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_chunk;

struct ring {
	struct ring_chunk *oldest, *newest; /* NULL: nothing is kept */
	int64_t first_seq;  /* of the oldest frame; next_seq when nothing is kept */
	int64_t next_seq;   /* of the frame to come */
	int64_t hidden_seq; /* newcomers may not begin at or before this one */
	uint64_t end;	    /* bytes that were ever put in */
	size_t bytes;	    /* in all chunks */
	int resting;	    /* cursors that stand where no chunk is yet */
};

struct ring_cursor {
	struct ring_chunk *chunk; /* NULL: rests at the end of an empty ring */
	size_t at;
	int64_t seq; /* of the next frame */
};

enum { RING_KEEP = 64 * 1024, RING_CHUNK_MAX = 64 * 1024 };

void ring_init(struct ring *r, int64_t next_seq);
void ring_done(struct ring *r); /* no cursor is attached any more */

/* The frame becomes number next_seq. */
void ring_append(struct ring *r, const void *frame, size_t len);

/* May somebody who has everything up to seq - 1 begin here? */
bool ring_covers(const struct ring *r, int64_t seq);
/* What stood at or before seq was changed since: newcomers read it from the log. */
void ring_hide(struct ring *r, int64_t seq);

/* seq must be covered. */
void ring_attach(struct ring *r, struct ring_cursor *c, int64_t seq);
/* At the end, whatever is hidden: only what is still to come. */
void ring_attach_end(struct ring *r, struct ring_cursor *c);
void ring_detach(struct ring *r, struct ring_cursor *c);

/* The whole frames from the cursor on that lie in one piece; 0 at the end. */
size_t ring_peek(struct ring *r, struct ring_cursor *c, const uint8_t **out);
/* Pass over that many bytes of them: whole frames. */
void ring_advance(struct ring *r, struct ring_cursor *c, size_t bytes);
/* Pass over the frames up to and including seq. */
void ring_skip(struct ring *r, struct ring_cursor *c, int64_t seq);

/* How far the cursor is behind the end. */
size_t ring_lag(const struct ring *r, const struct ring_cursor *c);

/* Give back all chunks. Every attached cursor is at the end, and is told so by
 * ring_rest() in the same breath. */
void ring_empty(struct ring *r);
void ring_rest(struct ring *r, struct ring_cursor *c);
