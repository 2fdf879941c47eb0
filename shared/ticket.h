/* ticket.h -- a secret for one use, where one must stand in a URL.
 *
 * A WebSocket of a page can show no header. A ticket is good once, for TICKET_S, and
 * is worth what its session or API token is worth, and ends with it. Only its hash
 * is stored. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/uuid.h"

enum { TICKET_S = 30 };

/* A ticket for a session or an API token that lives; no row: it does not. Sweeps a few
 * that nobody used. hash: of secret_hash(). */
struct db_call ticket_issue_call(struct arena *a, const char *hash,
				 const char *session_id, const char *user_id);

/* Use it up. False: it is none, was used, or is too old. */
struct ticket {
	struct uuid user_id, session_id; /* or the API token's id */
	struct uuid room_id;		 /* of an API token that is bound to one; or "" */
	unsigned scopes;
	bool is_api_token;
	int64_t left_ms; /* of its session. A span: clocks need not agree */
};
struct db_call ticket_spend_call(struct arena *a, const char *hash);
bool ticket_from(const struct rows *rows, struct ticket *out);

extern const struct stmt *const ticket_statements[];
