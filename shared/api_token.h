/* api_token.h -- secrets for scripts: its holder acts as its owner, within its scopes.
 *
 * "fyr_" and 256 random bits; only the hash is stored. It is looked up at every use, so
 * revoking it takes effect at once. Each scope stands alone: a token that may only post
 * cannot read, so a token that leaks from a machine reveals no messages. A token that is
 * bound to a room works in that room only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/json.h"
#include "shared/problem.h"
#include "shared/uuid.h"

enum token_scope {
	TOKEN_READ = 1 << 0,
	TOKEN_POST = 1 << 1,
	TOKEN_ADMIN = 1 << 2,
	TOKEN_SCOPES = TOKEN_READ | TOKEN_POST | TOKEN_ADMIN,
};

enum { TOKEN_SCOPE_COUNT = 3, API_TOKEN_LEN = 4 + 43 };
extern const char *const token_scope_names[]; /* NULL-terminated; bit i is name i */

/* The column as one number: TOKEN_SCOPES_OF("t.scopes"). */
#define TOKEN_SCOPES_OF(scopes)                                                      \
	"('read' = ANY (" scopes "))::int + 2 * ('post' = ANY (" scopes "))::int + " \
	"4 * ('admin' = ANY (" scopes "))::int"

struct json *token_scopes_json(struct arena *a, unsigned scopes);
/* ERR_FORBIDDEN, with words, if a needed scope is missing. */
enum err token_scope_check(unsigned scopes, unsigned needed, struct problem *p);
/* The refusal of what a token bound to a room may not do: 403. */
enum err token_bound_problem(struct problem *p);

/* Does it have the form of one? */
bool api_token_is(const char *token);
const char *api_token_new(struct arena *a);

/* Far enough in the future to mean never: for tokens that do not expire. */
#define TOKEN_FOREVER_MS (int64_t)(100LL * 365 * 86400 * 1000)

/* The contents of a token's row. */
struct api_token {
	struct uuid id, user_id;
	unsigned scopes;
	struct uuid room_id; /* "" any */
	int64_t room_no;     /* 0: any, or the room no longer exists */
	int64_t expires_at;  /* 0 never */
	int64_t left_ms;     /* until then, or TOKEN_FOREVER_MS */
	const char *login;
};

/* hash: from secret_hash(). Also updates last_used_at, at most once a minute. */
struct db_call api_token_call(struct arena *a, const char *hash);
/* ERR_UNAUTHENTICATED: token_invalid (also if revoked), token_expired, or session_ended
 * (the owner is disabled). */
enum err api_token_read(const struct rows *rows, struct problem *p,
			struct api_token *out);

extern const struct stmt api_token_find; /* one of session_statements */
