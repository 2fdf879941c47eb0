/* dbq.h -- the door to PostgreSQL for an event loop (libpq without blocking).
 *
 * One connection and a queue of batches in pipeline mode; it knows no loop: the
 * owner watches dbq_fd() as it is told through on_watch and calls dbq_step()
 * when the socket is ready. A batch is one transaction, as in db_batch().
 *
 * Owns:     the connection and the queue. A batch's arena is the caller's and
 *           must live until on_done.
 * Contract: on_done is called exactly once a batch, in order, never from
 *           within dbq_send(). rows live until on_done returns. After a lost
 *           connection every batch in flight ends with ERR_UNAVAILABLE, its
 *           outcome unknown; the queue does not repeat anything. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"

struct dbq;

enum dbq_state {
	DBQ_DOWN,	/* waiting for dbq_connect() */
	DBQ_CONNECTING, /* also while preparing statements */
	DBQ_UP,
};

struct dbq_owner {
	void *arg;
	/* Forget the former fd and watch this one for these (fd -1: none, it is
	 * going to be closed). Called whenever something changes. */
	void (*on_watch)(void *arg, int fd, bool readable, bool writable);
	void (*on_up)(void *arg); /* prepared and ready; instance is known */
	/* After every batch in flight was ended. ERR_INTERNAL: a statement or the
	 * schema version does not fit, trying again is useless. */
	void (*on_down)(void *arg, enum err why);
	/* LISTEN channels get here, but for what was said on this very connection; NULL
	 * if none. */
	void (*on_notify)(void *arg, const char *channel, const char *payload);
};

/* settings and owner are kept. listen: a channel to LISTEN on at connect, or
 * NULL. Starts as DBQ_DOWN. */
struct dbq *dbq_new(const struct db_settings *settings, const struct dbq_owner *owner,
		    const char *listen);
void dbq_free(struct dbq *q);

/* Start connecting; on_up or on_down follows. The owner decides when to try
 * again (backoff is its timer's matter). */
void dbq_connect(struct dbq *q);

/* An answer is overdue: give the connection up, as if it had been lost. */
void dbq_cut(struct dbq *q);

/* The socket is ready. */
void dbq_step(struct dbq *q, bool readable, bool writable);

enum dbq_state dbq_state(const struct dbq *q);
const struct db_instance *dbq_instance(const struct dbq *q);
int dbq_in_flight(const struct dbq *q); /* batches sent and not answered */

/* rows has as many items as the batch had calls; NULL unless err is OK. */
typedef void dbq_done(void *arg, enum err err, const struct rows *rows);

/* ERR_UNAVAILABLE unless DBQ_UP (on_done is not called then). The calls' texts
 * are copied by libpq before this returns. */
enum err dbq_send(struct dbq *q, const struct db_call *calls, int count,
		  dbq_done *on_done, void *arg);
