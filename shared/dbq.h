/* dbq.h -- the door to PostgreSQL for an event loop (libpq without blocking).
 *
 * One connection and a queue of batches in pipeline mode. It knows no loop: the owner
 * watches dbq_fd() as on_watch tells it and calls dbq_step() when the socket is ready. A
 * batch is one transaction, as in db_batch().
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
	/* Stop watching the former fd and watch this one for these events (fd -1: none;
	 * the connection is about to be closed). Called at every change. */
	void (*on_watch)(void *arg, int fd, bool readable, bool writable);
	void (*on_up)(void *arg); /* prepared and ready; instance is known */
	/* Called after every batch in flight has ended. ERR_INTERNAL: a statement or the
	 * schema version does not fit; trying again is useless. */
	void (*on_down)(void *arg, enum err why);
	/* Notifications on LISTEN channels, except those sent on this connection. NULL if
	 * not needed. */
	void (*on_notify)(void *arg, const char *channel, const char *payload);
};

/* settings must outlive the queue; owner is copied. listen: a channel to LISTEN on at
 * connect, or NULL. Starts as DBQ_DOWN. */
struct dbq *dbq_new(const struct db_settings *settings, const struct dbq_owner *owner,
		    const char *listen);
void dbq_free(struct dbq *q);

/* Start connecting; on_up or on_down follows. The owner decides when to try again (its
 * timer does the backoff). */
void dbq_connect(struct dbq *q);

/* An answer is overdue: drop the connection as if it had been lost. */
void dbq_cut(struct dbq *q);

/* The socket is ready. */
void dbq_step(struct dbq *q, bool readable, bool writable);

enum dbq_state dbq_state(const struct dbq *q);
const struct db_instance *dbq_instance(const struct dbq *q);

/* rows has as many items as the batch had calls; NULL unless err is OK. */
typedef void dbq_done(void *arg, enum err err, const struct rows *rows);

/* ERR_UNAVAILABLE unless DBQ_UP (on_done is then not called). libpq copies the calls'
 * texts before this returns. */
enum err dbq_send(struct dbq *q, const struct db_call *calls, int count,
		  dbq_done *on_done, void *arg);
