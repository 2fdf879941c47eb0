/* store.h -- the broker's connections to PostgreSQL.
 *
 * Several lines, each a connection with batches in order, so that no kind of work waits
 * for another: a locked room must not stop sign-ins, and clients that catch up must not
 * delay live ones. A lost line is reopened with growing delays; batches in flight end
 * with ERR_UNAVAILABLE, their outcome unknown.
 *
 * Clients are told nothing of a line that is back within STORE_GRACE_MS. After that the
 * database is lost: everybody is told once (broker_lost_database), and writes are
 * refused at once until all lines are up again.
 *
 * Owns: the connections and their timers. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"
#include "shared/dbq.h"
#include "shared/err.h"

struct broker;
struct store;

enum store_line {
	LINE_WRITE, /* batches of messages */
	LINE_JOIN,  /* becoming a member, and calls: may wait for a locked room */
	LINE_OPEN,  /* sessions, and who may listen where */
	LINE_PAGE,  /* the log, for listeners that catch up */
	LINE_READ,  /* the log, for all others; heads, revoked sessions, wake-ups */
	LINE_NOTE,  /* what nobody waits for: who was here, sweeps */
	LINE_COUNT
};

enum { STORE_GRACE_MS = 1000 };

struct store *store_open(struct broker *b);
void store_close(struct store *s); /* NULL is fine */

bool store_is_up(const struct store *s, enum store_line line);
/* All lines are up: the broker can do its work. */
bool store_is_ready(const struct store *s);

/* Down for so long that nobody should wait for it. */
bool store_is_lost(const struct store *s);

/* As last read; all zero before the first line was up. */
const struct db_instance *store_instance(const struct store *s);

/* As dbq_send(): one transaction; on_done is called once, later, unless this fails. */
enum err store_send(struct store *s, enum store_line line, const struct db_call *calls,
		    int count, dbq_done *on_done, void *arg);

/* An answer is overdue: drop the line and reopen it. */
void store_cut(struct store *s, enum store_line line);
