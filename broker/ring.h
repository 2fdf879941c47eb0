/* ring.h -- the recent frames of a room, ready to send.
 *
 * Each event of the log is put in once, as a finished WebSocket frame; every listener
 * is a cursor. The frames lie contiguously in chunks, so that everything a listener
 * lacks goes out from here in one write, without a copy.
 *
 * Frames are numbered like the log, without gaps. A chunk stays as long as a cursor
 * stands in it; beyond that the newest RING_KEEP bytes are kept for clients that
 * reconnect soon.
 *
 * Owns:     its chunks. Cursors belong to their listeners, which detach them.
 * Contract: how far a cursor may lag is for its owner to limit (outbox.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_chunk;

struct ring {
	struct ring_chunk *oldest, *newest; /* NULL: nothing is kept */
	int64_t first_seq;  /* of the oldest frame; next_seq if nothing is kept */
	int64_t next_seq;   /* of the next frame to be put in */
	int64_t hidden_seq; /* a new cursor may not start at or before this one */
	uint64_t end;	    /* bytes ever put in */
	size_t bytes;	    /* in all chunks */
	int resting;	    /* cursors that are in no chunk yet */
};

struct ring_cursor {
	struct ring_chunk *chunk; /* NULL: at the end of an empty ring */
	size_t at;
	int64_t seq; /* of the next frame */
};

enum { RING_KEEP = 64 * 1024, RING_CHUNK_MAX = 64 * 1024 };

void ring_init(struct ring *r, int64_t next_seq);
void ring_done(struct ring *r); /* no cursor may be attached any more */

/* The frame gets the number next_seq. */
void ring_append(struct ring *r, const void *frame, size_t len);

/* May a listener that has everything up to seq - 1 start here? */
bool ring_covers(const struct ring *r, int64_t seq);
/* Something at or before seq has changed since: new cursors must read it from the
 * log. */
void ring_hide(struct ring *r, int64_t seq);

/* The ring must cover seq. */
void ring_attach(struct ring *r, struct ring_cursor *c, int64_t seq);
/* At the end, even if frames are hidden: it gets only frames still to come. */
void ring_attach_end(struct ring *r, struct ring_cursor *c);
void ring_detach(struct ring *r, struct ring_cursor *c);

/* The whole frames from the cursor on that are contiguous; 0 at the end. */
size_t ring_peek(struct ring *r, struct ring_cursor *c, const uint8_t **out);
/* Skip that many bytes of them: whole frames. */
void ring_advance(struct ring *r, struct ring_cursor *c, size_t bytes);
/* Skip the frames up to and including seq. */
void ring_skip(struct ring *r, struct ring_cursor *c, int64_t seq);

/* How many bytes the cursor is behind the end. */
size_t ring_lag(const struct ring *r, const struct ring_cursor *c);

/* Free all chunks. Every attached cursor is at the end, and the caller at once passes
 * each to ring_rest(). */
void ring_empty(struct ring *r);
void ring_rest(struct ring *r, struct ring_cursor *c);
