/* session.h -- is this sign-in still good?
 *
 * An access token says who and which session; it cannot say that the session
 * ended meanwhile. Instead of a query a request, every long-lived process keeps
 * the set of sessions that ended within the life of an access token, and
 * rereads its newest part at most every half second. A process that lives for
 * one request (plain CGI) asks for its one session instead. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/model.h"

/* The set of ended sessions. Pure memory. */
struct revoked;

struct revoked *revoked_new(void);
void revoked_free(struct revoked *r);
void revoked_add(struct revoked *r, const char *session_id, int64_t at_ms);
bool revoked_has(const struct revoked *r, const char *session_id);
/* Forget what ended before: tokens of it have expired. */
void revoked_expire(struct revoked *r, int64_t before_ms);

/* The call that reads what ended in the last age_ms, and a margin more, since a
 * slow transaction may commit late; and taking over its rows. A span, not a point
 * in time: our clock and the database's need not agree. */
struct db_call revoked_call(struct arena *a, int64_t age_ms);
void revoked_take(struct revoked *r, const struct rows *rows, int64_t now_ms,
		  int64_t token_life_ms);
enum { REVOKED_MARGIN_MS = 10000, REVOKED_EVERY_MS = 500 };

/* Forget, some at a time, what ended so long ago that nobody asks any more. */
struct db_call revoked_sweep_call(struct arena *a, int64_t token_life_ms);

/* Does this session, or this API token, live, and whose is it? One row or none; columns
 * as session_user_from() reads them. Also notes last_used_at, at most once a minute. */
struct db_call session_call(struct arena *a, const char *session_id, const char *user_id);
bool session_user_from(const struct rows *rows, struct user *out);

/* Does this session live, and when was its owner last seen (0: never)? For a process that
 * wants to know no more, with the same note. */
enum err session_lives_ask(struct db *db, struct arena *a, const char *session_id,
			   const char *user_id, bool *out_lives, int64_t *out_seen_at);

/* Note that they were here, unless they are shown as offline; writes at most once in
 * SEEN_EVERY_MS. */
struct db_call seen_call(struct arena *a, const char *user_id);
enum { SEEN_EVERY_MS = 5 * 60 * 1000 };

extern const struct stmt *const session_statements[];
