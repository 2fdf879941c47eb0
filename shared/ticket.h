/* ticket.h -- a secret for one use, for places where it must stand in a URL.
 *
 * A page's WebSocket cannot send a header. A ticket works once, within TICKET_S; it has
 * the rights of its session or API token, and ends with it. Only its hash is stored. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/uuid.h"

enum { TICKET_S = 30 };

/* A ticket for a live session or API token; no row if it is not alive. Also sweeps a few
 * unused tickets. hash: from secret_hash(). */
struct db_call ticket_issue_call(struct arena *a, const char *hash,
				 const char *session_id, const char *user_id);

/* Use a ticket up. False if it is unknown, was used, or is too old. */
struct ticket {
	struct uuid user_id, session_id; /* or the API token's id */
	struct uuid room_id;		 /* of an API token bound to a room; else "" */
	unsigned scopes;
	bool is_api_token;
	int64_t left_ms; /* of its session. A span: clocks may differ */
};
struct db_call ticket_spend_call(struct arena *a, const char *hash);
bool ticket_from(const struct rows *rows, struct ticket *out);

extern const struct stmt *const ticket_statements[];
