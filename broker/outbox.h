/* outbox.h -- the data that a connection still has to be sent.
 *
 * It has a small queue of its own frames (acks, errors), and cursors into data shared
 * with others: pages of a log that it catches up with, rings of rooms it listens to.
 * Nothing is copied for a listener until it is written. Then it gets everything it
 * lacks in one write of at most OUTBOX_WRITE_MAX bytes, or in several such writes as
 * long as the socket takes them.
 *
 * Connections are written to in passes: a pass serves every connection that had data
 * when it began, a share of them at the end of each turn of the loop, so that in
 * between other sockets are read and the database commits. New data for a connection
 * whose turn has not come goes along. A pass takes at most OUTBOX_PASS_TURNS turns,
 * however many connections there are: input is read no faster than passes end, so no
 * connection falls behind because the host is busy.
 *
 * Unsent data is bounded: past max_outbox_bytes or max_outbox_frames the connection is
 * closed as too slow. Pages do not count, since a page is read only when the one before
 * it has gone.
 *
 * Frames that go to many connections at once and that nobody waits for (pings) are
 * queued with outbox_push_later(): of the connections that have nothing else to send,
 * OUTBOX_LATER_SHARE are written to every OUTBOX_LATER_EVERY_MS. So messages overtake
 * them, the replies to a second's pings do not arrive all at once, and under load one
 * write carries the frames of several turns.
 *
 * Ephemeral frames (typing, presence, receipts) are not worth a backlog:
 * outbox_push_ephemeral() drops them if the client is already behind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"
#include "broker/list.h"
#include "broker/send_batch.h"

struct broker;
struct conn;
struct listener;

enum {
	OUTBOX_WRITE_MAX = 64 * 1024,
	OUTBOX_WRITES_MAX = 16,
	OUTBOX_EPHEMERAL_MAX = 16 * 1024, /* own bytes beside an ephemeral one */
	OUTBOX_LATER_MAX = 2 * 1024,	  /* own bytes; with more, not delayed */
	OUTBOX_LATER_SHARE = 32,
	OUTBOX_LATER_EVERY_MS = 1,
	OUTBOX_SHARE_MIN = 128, /* connections of a pass in a turn */
	OUTBOX_PASS_TURNS = 8,
};

struct outbox {
	uint8_t *data; /* NULL while empty */
	size_t begin, end, cap;
	int frames;
	bool is_later;	   /* its connection is on `later` rather than on `dirty` */
	bool has_parked;   /* listeners wait for the wire before they read on */
	bool is_batched;   /* it has data in the batch, and has sent nothing after it */
	size_t kept;	   /* bytes that the wire still holds; 0: it takes more */
	struct link ready; /* listeners with data to send */
};

struct outboxes {
	struct link dirty; /* connections to write to in the next pass */
	int dirty_count;   /* including those that have gone since */
	struct link now;   /* ... in the current pass, `share` of them a turn */
	struct link later; /* connections that have only delayable frames */
	int share;
	int64_t later_ms; /* monotonic: when some of `later` may be written to again */
	uint8_t *scratch; /* the batch's data, back to back, and space for more */
	struct send_batch *batch;
	struct batched {
		struct conn *conn;
		size_t len;
	} batched[SEND_BATCH_MAX];
	int batched_count;
	size_t batched_bytes;
	bool is_batching; /* writes may go into the batch */
};

void outboxes_init(struct outboxes *os);
void outboxes_done(struct outboxes *os);
/* Mark the listeners of rooms with new frames. */
void outboxes_spread(struct broker *b);
/* Write to this turn's share of the connections. After outboxes_spread(). */
void outboxes_flush(struct broker *b);
/* The current pass has connections left. */
bool outboxes_are_passing(const struct outboxes *os);
/* The next turn has data to write, whatever happens. */
bool outboxes_have_more(const struct outboxes *os);
/* Monotonic: when the delayed connections are due; -1: there are none. */
int64_t outboxes_next_ms(const struct broker *b);

void outbox_init(struct outbox *o);

void outbox_push(struct conn *c, struct bytes frame);
/* The same, but delayable. */
void outbox_push_later(struct conn *c, struct bytes frame);
/* The same, if the connection is open, not a stream, and has no backlog; else the frame
 * is dropped. */
void outbox_push_ephemeral(struct conn *c, struct bytes frame);
/* Send this frame in place of the next one of the listener's ring, after everything
 * before it. The listener is live and has no page to send. */
void outbox_push_instead(struct listener *l, struct bytes frame);
/* The wire takes more. */
void outbox_wake(struct conn *c);
/* The listener has data for its connection. */
void outbox_ready(struct listener *l);
/* Write as much as possible now. */
void outbox_flush(struct conn *c);
/* Drop all unsent data, except what the wire already holds. */
void outbox_drop(struct conn *c);
