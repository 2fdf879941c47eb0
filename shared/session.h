/* session.h -- is this sign-in still good?
 *
 * An access token names the user and the session; it cannot say that the session has
 * ended since. Instead of one query a request, every long-lived process keeps the set of
 * sessions that ended within the life of an access token, and rereads its newest part at
 * most every half second. A process that lives for one request (plain CGI) queries its
 * one session instead. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/model.h"

/* The set of ended sessions. Lives in memory alone. */
struct revoked;

struct revoked *revoked_new(void);
void revoked_free(struct revoked *r);
bool revoked_has(const struct revoked *r, const char *session_id);

/* The call reads the sessions that ended in the last age_ms, plus a margin, because a
 * slow transaction may commit late; revoked_take() adds its rows to the set. The
 * parameter is a span, not a point in time, since our clock and the database's may
 * differ. */
struct db_call revoked_call(struct arena *a, int64_t age_ms);
void revoked_take(struct revoked *r, const struct rows *rows, int64_t now_ms,
		  int64_t token_life_ms);
enum { REVOKED_MARGIN_MS = 10000, REVOKED_EVERY_MS = 500 };

/* Delete a portion of the rows that are too old for anybody to need. */
struct db_call revoked_sweep_call(struct arena *a, int64_t token_life_ms);

/* Is this session, or this API token, alive, and whose is it? One row or none, read by
 * session_user_from(). Also updates last_used_at, at most once a minute. */
struct db_call session_call(struct arena *a, const char *session_id, const char *user_id);
bool session_user_from(const struct rows *rows, struct user *out);

/* Is this session alive, and when was its owner last seen (0: never)? For a process that
 * needs no more. Also updates last_used_at. */
enum err session_lives_ask(struct db *db, struct arena *a, const char *session_id,
			   const char *user_id, bool *out_lives, int64_t *out_seen_at);

/* Notes that the user was here, unless they are shown as offline. Writes at most once in
 * SEEN_EVERY_MS. */
struct db_call seen_call(struct arena *a, const char *user_id);
enum { SEEN_EVERY_MS = 5 * 60 * 1000 };

extern const struct stmt *const session_statements[];
