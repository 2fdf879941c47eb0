/* writer.h -- commits messages, a batch at a time.
 *
 * One batch is under way; what arrives meanwhile is the next one. An ack is sent only
 * when the batch is committed. When its outcome is unknown, because the connection
 * was lost, it is made again with the same keys: what had been committed comes back as
 * a duplicate with its seq, so every message is acked exactly once.
 *
 * Rooms that somebody else holds are left for later, so that nobody waits for another
 * room's sake; one that is held again and again (lanes.h) is waited for, for
 * WRITER_LOCK_MS at most.
 *
 * Waiting is bounded, in number and in time: beyond, the client hears `unavailable`
 * and may send the same client_id again. Where the database is lost nothing more is
 * taken; what waits already still has that time.
 *
 * Where WRITER_PLENTY wait when a batch is answered, the next one is sent before that
 * answer is made use of.
 *
 * Owns: the posts that are in its lanes and in flight. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/lanes.h"
#include "shared/err.h"

struct broker;
struct conn;

enum {
	WRITER_POSTS_MAX = 20000,
	WRITER_BYTES_MAX = 64 * 1024 * 1024,
	WRITER_WAIT_MS = 8000, /* a post that has not been sent by then is given up */
	WRITER_LOCK_MS = 50,
	WRITER_ANSWER_MS = 20000, /* a batch without an answer: the line is cut */
	WRITER_PLENTY = 64,
};

struct writer {
	struct lanes lanes;
	struct post *batch[ROOMLOG_BATCH_MAX];
	int batch_count; /* 0: nothing is under way */
	bool is_waiting; /* the batch is of one room, and waits for it */
	int64_t sent_ms, sent_us;
	int64_t retry_ms; /* not before: the last one failed */
};

void writer_init(struct writer *w);
void writer_done(struct broker *b);

/* The draft is copied. ERR_UNAVAILABLE: too much is waiting already, or
 * the database is lost. */
enum err writer_post(struct conn *c, const struct draft *draft, const char *ref);

/* Is a message of this connection's to the room being stored? NULL: to any. */
bool writer_is_posting(const struct writer *w, const struct conn *c, const char *room_id);

/* Send the next batch, if none is under way. At the end of a turn. */
void writer_kick(struct broker *b);
/* When writer_kick() is to be called again though nothing happens; -1: never. */
int64_t writer_next_ms(const struct broker *b);
/* Give up what waited too long. Now and then. */
void writer_tick(struct broker *b);
bool writer_is_idle(const struct writer *w);
