#include "fcgi/devices_store.h"

#include "fcgi/page.h"
#include "shared/session.h"

#define DEVICE_COLUMNS "id, ms(created_at), ms(last_used_at), address, user_agent"

static struct device
device_from(const struct rows *r, int row)
{
	return (struct device){
		.id = rows_text(r, row, 0),
		.created_at = rows_int(r, row, 1),
		.last_used_at = rows_int(r, row, 2),
		.address = rows_text(r, row, 3),
		.user_agent = rows_text(r, row, 4),
	};
}

/* The index uses the first condition on the time; the second separates equal times. */
static const struct stmt list = {
	"devices_list",
	"SELECT " DEVICE_COLUMNS " FROM sessions WHERE user_id = $1"
	" AND expires_at > now() AND created_at <= coalesce($2::timestamptz, 'infinity')"
	" AND ($2::timestamptz IS NULL OR (created_at, id) < ($2::timestamptz, $3::uuid))"
	" ORDER BY created_at DESC, id DESC LIMIT $4::bigint + 1",
};

enum err
devices_list(struct db *db, struct arena *a, const char *user_id,
	     const struct page_place *after, int64_t limit, int *out_count,
	     struct device **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&list, user_id, db_time(a, after->time),
			      after->time ? after->id.text : NULL, db_int(a, limit)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct device, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = device_from(&rows, i);
	return OK;
}

static const struct stmt get = {
	"device_get",
	"SELECT " DEVICE_COLUMNS " FROM sessions"
	" WHERE id = $1 AND user_id = $2 AND expires_at > now()",
};

enum err
device_get(struct db *db, struct arena *a, const char *user_id, const char *session_id,
	   struct device *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, session_id, user_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = device_from(&rows, 0);
	return OK;
}

static const struct stmt end = {
	"device_end",
	"DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id",
};

enum err
device_end(struct db *db, struct arena *a, const char *user_id, const char *session_id)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&end, session_id, user_id), &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

static const struct stmt end_others = {
	"devices_end_others",
	"DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id",
};

enum err
devices_end_others(struct db *db, struct arena *a, const char *user_id,
		   const char *session_id)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&end_others, user_id, session_id), &rows);
}

/* ---- the sweep ----------------------------------------------------------- */

enum { SWEEP_MOST = 1000 };

/* Rows are kept for a day, in which a refresh token that comes too late is told so. The
 * tokens that a session has spent go with it. */
static const struct stmt sweep_over = {
	"sessions_sweep",
	"DELETE FROM sessions WHERE id IN (SELECT id FROM sessions"
	" WHERE refresh_expires_at < now() - interval '1 day' - $1::bigint * interval '1 second'"
	" ORDER BY refresh_expires_at LIMIT $2) RETURNING id",
};

/* No address stays known for ever: it may be somebody else's by now. */
static const struct stmt sweep_addresses = {
	"signin_addresses_sweep",
	"DELETE FROM signin_addresses WHERE (user_id, address) IN"
	" (SELECT user_id, address FROM signin_addresses"
	"  WHERE last_at < now() - interval '1 year' ORDER BY last_at LIMIT $1)"
	" RETURNING user_id",
};

enum err
devices_sweep(struct db *db, struct arena *a, int64_t access_token_s, bool *out_more)
{
	const struct db_call calls[] = {
		DB_CALL(&sweep_over, db_int(a, access_token_s), db_int(a, SWEEP_MOST)),
		DB_CALL(&sweep_addresses, db_int(a, SWEEP_MOST)),
		revoked_sweep_call(a, access_token_s * 1000),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	*out_more = rows[0].count == SWEEP_MOST || rows[1].count == SWEEP_MOST;
	return OK;
}

const struct stmt *const devices_statements[] = {
	&list, &get, &end, &end_others, &sweep_over, &sweep_addresses, NULL,
};
