/* api_token.h -- secrets for scripts: who holds one is its owner, as far as it says.
 *
 * "fyr_" and 256 random bits; only the hash is stored. Looked up at every use, so that
 * taking one back is felt at once. Each scope stands for itself: a token that may only
 * post cannot read, so that what a machine gives away tells nobody what was said. One
 * that is bound to a room is good there and nowhere else. */
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
/* ERR_FORBIDDEN with words: what is needed is not all there. */
enum err token_scope_check(unsigned scopes, unsigned needed, struct problem *p);
/* What is not for a token that is bound to a room: 403. */
enum err token_bound_problem(struct problem *p);

/* Does it look like one? */
bool api_token_is(const char *token);
const char *api_token_new(struct arena *a);

/* Far enough to be never: for what has no end. */
#define TOKEN_FOREVER_MS (int64_t)(100LL * 365 * 86400 * 1000)

/* What a token says. */
struct api_token {
	struct uuid id, user_id;
	unsigned scopes;
	struct uuid room_id; /* "" any */
	int64_t room_no;     /* 0: any, or that room is gone */
	int64_t expires_at;  /* 0 never */
	int64_t left_ms;     /* until then, or TOKEN_FOREVER_MS */
	const char *login;
};

/* hash: of secret_hash(). Also notes last_used_at, at most once a minute. */
struct db_call api_token_call(struct arena *a, const char *hash);
/* ERR_UNAUTHENTICATED: token_invalid (also taken back), token_expired, session_ended
 * (its owner is disabled). */
enum err api_token_read(const struct rows *rows, struct problem *p,
			struct api_token *out);

extern const struct stmt api_token_find; /* one of session_statements */
