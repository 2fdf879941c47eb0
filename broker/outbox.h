/* outbox.h -- what a connection is still to be sent.
 *
 * A small queue of frames of its own (acks, errors), and cursors into what it shares
 * with others: pages of a log that it catches up with, rings of rooms it listens to.
 * Nothing is copied for a listener until it is written. Then it gets everything it lacks
 * in one write of at most OUTBOX_WRITE_MAX bytes, or several such writes as long as the
 * socket takes them.
 *
 * Who has something is written to in passes: all those who had something when a pass
 * began, in turn, some at the end of each turn of the loop, so that between them others
 * are read and the database commits. What is new for somebody whose turn has not come
 * goes along. A pass takes OUTBOX_PASS_TURNS at most, however many they are: no faster
 * than it ends can more be read, so nobody falls behind for the host's sake.
 *
 * What is not sent is bounded: past max_outbox_bytes or max_outbox_frames the
 * connection is closed as too slow. Pages do not count, since they are only read when
 * what came before has gone.
 *
 * What many are told at once and nobody waits for (pings) goes by outbox_push_later(): of
 * the connections that lack nothing else, OUTBOX_LATER_SHARE are written to every
 * OUTBOX_LATER_EVERY_MS. So messages go before it, the answers to a second's pings do not
 * come all at once, and under load what one writes to each of them is the frames of
 * several turns.
 *
 * What need not last (typing, presence, receipts) is not worth a backlog either: it goes
 * by outbox_push_ephemeral(), which forgets it where the other side is behind already. */
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
	OUTBOX_EPHEMERAL_MAX = 16 * 1024, /* bytes of its own that may wait beside one */
	OUTBOX_LATER_MAX = 2 * 1024,	  /* of its own; with more it waits no longer */
	OUTBOX_LATER_SHARE = 32,
	OUTBOX_LATER_EVERY_MS = 1,
	OUTBOX_SHARE_MIN = 128, /* of a pass, in a turn */
	OUTBOX_PASS_TURNS = 8,
};

struct outbox {
	uint8_t *data; /* NULL while empty */
	size_t begin, end, cap;
	int frames;
	bool is_later;	   /* its connection is on that list, rather than on dirty */
	bool has_parked;   /* listeners wait for the wire before they read on */
	bool is_batched;   /* something of it is in the batch, and nothing behind that */
	size_t kept;	   /* bytes that the wire still has; 0: it takes more */
	struct link ready; /* listeners with something to send */
};

struct outboxes {
	struct link dirty; /* connections to be written to in the next pass */
	struct link now;   /* ... in the one that is under way, share in a turn */
	struct link later; /* those for which there is only what can wait */
	int share;
	int64_t later_ms; /* monotonic: when some of those may be written to again */
	uint8_t *scratch; /* what is in the batch, one after the other, and room */
	struct send_batch *batch;
	struct batched {
		struct conn *conn;
		size_t len;
	} batched[SEND_BATCH_MAX];
	int batched_count;
	size_t batched_bytes;
	bool is_batching; /* what is written may go into the batch */
};

void outboxes_init(struct outboxes *os);
void outboxes_done(struct outboxes *os);
/* Rooms' new frames are something for their listeners. */
void outboxes_spread(struct broker *b);
/* Write to this turn's share of those that have something. After the above. */
void outboxes_flush(struct broker *b);
/* Not all that had something when the pass began are written to. */
bool outboxes_are_passing(const struct outboxes *os);
/* There is more to be written in the next turn, whatever happens. */
bool outboxes_have_more(const struct outboxes *os);
/* Monotonic: when there is for those who can wait. -1: nothing waits. */
int64_t outboxes_next_ms(const struct broker *b);

void outbox_init(struct outbox *o);
void outbox_done(struct outbox *o);

void outbox_push(struct conn *c, struct bytes frame);
/* The same, when its turn comes. */
void outbox_push_later(struct conn *c, struct bytes frame);
/* The same, if the connection is open, no stream, and has no backlog; else it never
 * hears of it. */
void outbox_push_ephemeral(struct conn *c, struct bytes frame);
/* This frame in place of the next of the listener's ring, once it was sent what it lacks
 * of that. It is live, and no page waits to be sent. */
void outbox_push_instead(struct listener *l, struct bytes frame);
/* The wire takes more. */
void outbox_wake(struct conn *c);
/* The listener has something for its connection. */
void outbox_ready(struct listener *l);
/* Write what can be written now. */
void outbox_flush(struct conn *c);
/* Forget what is not sent yet, but for what the wire has. */
void outbox_drop(struct conn *c);
