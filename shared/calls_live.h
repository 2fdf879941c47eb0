/* calls_live.h -- calls as brokers need them: changed without waiting for locks, and
 * delivered to the people concerned.
 *
 * A broker holds all open calls of the site in memory (broker/calls.h), with their
 * versions. Wake-ups tell it of changes, and every second it compares what it has with
 * the database (look), so it never misses a change for longer than that.
 *
 * When a participant is gone for good: somebody who joined a call and has been seen
 * connected is out of it when no broker has seen that device (the sign-in they joined
 * with) for the grace period (seen_at; calls_seen_call). Somebody who takes part by REST
 * alone was never seen, and stays until they hang up, sign out, or max_call_s is over.
 * Only a broker judges this, and only after it and the database have been up without
 * a break for as long: nobody is out because we were not there to see them. */
#pragma once

#include "shared/calls.h"

/* The same as in calls.h, but if another transaction holds the room or a call that it
 * concerns, nothing is done, and calls_were_busy() says so of the answer to `lock`: try
 * again. The last call reads all calls that were touched, for calls_tell_read();
 * CALLS_TRY_..._OUTCOME is the index of the outcome. */
enum { CALLS_TRY_START_CALLS = 6, CALLS_TRY_START_LOCK = 1, CALLS_TRY_START_OUTCOME = 3 };
void calls_try_start_calls(struct arena *a, const struct call_draft *d,
			   struct db_call out[CALLS_TRY_START_CALLS]);
enum { CALLS_TRY_MOVE_CALLS = 5, CALLS_TRY_MOVE_LOCK = 0, CALLS_TRY_MOVE_OUTCOME = 2 };
void calls_try_move_calls(struct arena *a, const struct call_move *m,
			  struct db_call out[CALLS_TRY_MOVE_CALLS]);
bool calls_were_busy(const struct rows *lock);

/* Settles what is due in these calls, an array of ids, skipping those that another
 * transaction is changing. grace_s 0: nobody is out for not having been seen. The last
 * call reads what was changed. */
enum { CALLS_CHECK_CALLS = 3 };
void calls_check_calls(struct arena *a, const char *ids, int64_t grace_s,
		       struct db_call out[CALLS_CHECK_CALLS]);

/* Id, version and whether it is open, for all open calls and for those that ended in the
 * last age_ms plus a margin, because a slow transaction may commit late. */
struct db_call calls_look_call(struct arena *a, int64_t age_ms);
enum { CALLS_LOOK_ID, CALLS_LOOK_VERSION, CALLS_LOOK_OPEN };
enum { CALLS_LOOK_MARGIN_MS = 10000 };

/* These calls, an array of ids, with everything that a broker needs. */
struct db_call calls_tell_call(struct arena *a, const char *ids);
void calls_tell_read(struct arena *a, const struct rows *rows, int *out_count,
		     struct call **out);

/* Marks these devices as connected: arrays of calls, users and sessions. Skips parts that
 * another transaction holds. */
struct db_call calls_seen_call(struct arena *a, const char *call_ids,
			       const char *user_ids, const char *session_ids);

/* For changing and checking (together with those of calls.h); for looking; for telling
 * after either; for marking devices as seen. */
extern const struct stmt *const calls_live_statements[];
extern const struct stmt *const calls_look_statements[];
extern const struct stmt *const calls_tell_statements[];
extern const struct stmt *const calls_seen_statements[];
