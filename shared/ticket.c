#include "shared/ticket.h"

enum { SWEPT_AT_ONCE = 50 };

static const struct stmt issue = {
	"ticket_issue",
	"WITH swept AS ("
	" DELETE FROM tickets WHERE token_hash IN"
	"  (SELECT token_hash FROM tickets WHERE expires_at < now()"
	"   ORDER BY expires_at LIMIT $5::bigint FOR UPDATE SKIP LOCKED)"
	") INSERT INTO tickets (token_hash, session_id, expires_at)"
	" SELECT decode($1, 'hex'), id, now() + $4::bigint * interval '1 second'"
	" FROM sessions WHERE id = $2 AND user_id = $3 AND expires_at > now()"
	" RETURNING session_id",
};

struct db_call
ticket_issue_call(struct arena *a, const char *hash, const char *session_id,
		  const char *user_id)
{
	return DB_CALL_IN(a, &issue, hash, session_id, user_id, db_int(a, TICKET_S),
			  db_int(a, SWEPT_AT_ONCE));
}

/* Of two who show one ticket at once, the second finds no row. */
static const struct stmt spend = {
	"ticket_spend",
	"WITH spent AS ("
	" DELETE FROM tickets WHERE token_hash = decode($1, 'hex')"
	" AND expires_at > now() RETURNING session_id"
	") SELECT s.user_id, s.id, ms(s.expires_at) - ms(now())"
	" FROM spent JOIN sessions s ON s.id = spent.session_id"
	" WHERE s.expires_at > now()",
};

struct db_call
ticket_spend_call(struct arena *a, const char *hash)
{
	return DB_CALL_IN(a, &spend, hash);
}

bool
ticket_from(const struct rows *rows, struct ticket *out)
{
	if (rows->count == 0)
		return false;
	out->left_ms = rows_int(rows, 0, 2);
	return uuid_parse(rows_text(rows, 0, 0), &out->user_id) == OK &&
	       uuid_parse(rows_text(rows, 0, 1), &out->session_id) == OK;
}

const struct stmt *const ticket_statements[] = { &issue, &spend, NULL };
