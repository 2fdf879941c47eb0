/* writer.h -- commits messages, a batch at a time.
 *
 * One batch is in flight; messages that arrive meanwhile form the next one. A message
 * is acknowledged only when its batch is committed. If the outcome is unknown because
 * the connection to the database was lost, the batch is repeated with the same keys:
 * messages that had been committed come back as duplicates with their seq, so every
 * message is acknowledged exactly once.
 *
 * Rooms that somebody else has locked are left for later, so that no message waits
 * because of another room. A room that is locked again and again (lanes.h) is waited
 * for, at most WRITER_LOCK_MS.
 *
 * The queue is bounded in size and in time: beyond the bounds the client gets
 * `unavailable` and may repeat the same client_id. While the database is lost no new
 * message is accepted; those already queued keep their full waiting time.
 *
 * If WRITER_PLENTY messages wait when the answer to a batch arrives, the next batch is
 * sent before that answer is processed.
 *
 * Owns: the posts in its lanes and in flight. */
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
	WRITER_WAIT_MS = 8000, /* a post not sent by then is given up */
	WRITER_LOCK_MS = 50,
	WRITER_ANSWER_MS = 20000, /* after that the database connection is cut */
	WRITER_PLENTY = 64,
};

struct writer {
	struct lanes lanes;
	struct post *batch[ROOMLOG_BATCH_MAX];
	int batch_count; /* 0: no batch in flight */
	bool is_waiting; /* the batch is of one room, and waits for its lock */
	int64_t sent_ms, sent_us;
	int64_t retry_ms; /* no batch is sent before this: the last one failed */
};

void writer_init(struct writer *w);
void writer_done(struct broker *b);

/* Copies the draft. ERR_UNAVAILABLE: the queue is full, or the database is lost. */
enum err writer_post(struct conn *c, const struct draft *draft, const char *ref);

/* Is a message from this connection to the room still being stored? NULL: to any
 * room. */
bool writer_is_posting(const struct writer *w, const struct conn *c, const char *room_id);

/* Send the next batch if none is in flight. Called at the end of a turn. */
void writer_kick(struct broker *b);
/* When to call writer_kick() even if nothing happens; -1: never. */
int64_t writer_next_ms(const struct broker *b);
/* Give up posts that have waited too long. Called periodically. */
void writer_tick(struct broker *b);
bool writer_is_idle(const struct writer *w);
