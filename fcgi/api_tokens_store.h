/* api_tokens_store.h -- SQL of the list of one's API tokens. For using a token see
 * shared/api_token.h. */
#pragma once

#include "shared/db.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct token_row {
	const char *id, *name;
	unsigned scopes;
	const char *room_id; /* NULL: any */
	int64_t created_at, last_used_at, expires_at;
};

struct token_draft {
	const char *user_id, *session_id, *name, *hash;
	const char *scopes;  /* db_array() */
	const char *room_id; /* NULL: any */
	int64_t expires_at;  /* 0 never */
	int64_t most;	     /* limit of tokens a person */
};

enum token_result { TOKEN_MADE, TOKEN_NO_SESSION, TOKEN_NO_ROOM, TOKEN_TOO_MANY };
enum err token_insert(struct db *db, struct arena *a, const struct token_draft *d,
		      enum token_result *out_result, struct token_row *out);

/* The latest first; limit + 1. after_time 0: from the latest on. */
enum err tokens_list(struct db *db, struct arena *a, const char *user_id,
		     int64_t after_time, const char *after_id, int64_t limit,
		     int *out_count, struct token_row **out);

/* ERR_NOT_FOUND: revoked, never existed, or somebody else's. */
enum err token_get(struct db *db, struct arena *a, const char *user_id, const char *id,
		   struct token_row *out);
enum err token_delete(struct db *db, struct arena *a, const char *user_id,
		      const char *id);

extern const struct stmt *const api_tokens_statements[];
