#include "shared/ticket.h"

#include "shared/api_token.h"

enum { SWEPT_AT_ONCE = 50 };

static const struct stmt issue = {
	"ticket_issue",
	"WITH swept AS ("
	" DELETE FROM tickets WHERE token_hash IN"
	"  (SELECT token_hash FROM tickets WHERE expires_at < now()"
	"   ORDER BY expires_at LIMIT $5::bigint FOR UPDATE SKIP LOCKED)"
	") INSERT INTO tickets (token_hash, session_id, api_token_id, expires_at)"
	" SELECT decode($1, 'hex'), s.id, t.id, now() + $4::bigint * interval '1 second'"
	" FROM (VALUES ($2::uuid)) of (id)"
	" LEFT JOIN sessions s ON s.id = of.id AND s.user_id = $3 AND s.expires_at > now()"
	" LEFT JOIN api_tokens t ON t.id = of.id AND t.user_id = $3"
	"  AND (t.expires_at IS NULL OR t.expires_at > now())"
	" WHERE num_nonnulls(s.id, t.id) = 1 RETURNING token_hash",
};

struct db_call
ticket_issue_call(struct arena *a, const char *hash, const char *session_id,
		  const char *user_id)
{
	return DB_CALL_IN(a, &issue, hash, session_id, user_id, db_int(a, TICKET_S),
			  db_int(a, SWEPT_AT_ONCE));
}

/* If two requests show one ticket at the same time, the second finds no row. */
static const struct stmt spend = {
	"ticket_spend",
	"WITH spent AS ("
	" DELETE FROM tickets WHERE token_hash = decode($1, 'hex')"
	" AND expires_at > now() RETURNING session_id, api_token_id"
	") SELECT s.user_id, s.id, ms(s.expires_at) - ms(now()), $2::int, NULL::uuid, false"
	" FROM spent JOIN sessions s ON s.id = spent.session_id"
	" WHERE s.expires_at > now()"
	" UNION ALL SELECT t.user_id, t.id, ms(t.expires_at) - ms(now()),"
	"  " TOKEN_SCOPES_OF(
		"t.scopes") ", t.room_id, true"
			    " FROM spent JOIN api_tokens t ON t.id = spent.api_token_id"
			    " WHERE t.expires_at IS NULL OR t.expires_at > now()",
};

struct db_call
ticket_spend_call(struct arena *a, const char *hash)
{
	return DB_CALL_IN(a, &spend, hash, db_int(a, TOKEN_SCOPES));
}

bool
ticket_from(const struct rows *rows, struct ticket *out)
{
	if (rows->count == 0)
		return false;
	*out = (struct ticket){
		.left_ms = rows_is_null(rows, 0, 2) ? TOKEN_FOREVER_MS
						    : rows_int(rows, 0, 2),
		.scopes = (unsigned)rows_int(rows, 0, 3),
		.is_api_token = rows_bool(rows, 0, 5),
	};
	if (!rows_is_null(rows, 0, 4) &&
	    uuid_parse(rows_text(rows, 0, 4), &out->room_id) != OK)
		return false;
	return uuid_parse(rows_text(rows, 0, 0), &out->user_id) == OK &&
	       uuid_parse(rows_text(rows, 0, 1), &out->session_id) == OK;
}

const struct stmt *const ticket_statements[] = { &issue, &spend, NULL };
