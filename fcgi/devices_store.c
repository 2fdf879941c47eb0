#include "fcgi/devices_store.h"

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

/* The first condition on the time is the index's, the second takes the ties apart. */
static const struct stmt list = {
	"devices_list",
	"SELECT " DEVICE_COLUMNS " FROM sessions WHERE user_id = $1"
	" AND expires_at > now() AND created_at <= coalesce($2::timestamptz, 'infinity')"
	" AND ($2::timestamptz IS NULL OR (created_at, id) < ($2::timestamptz, $3::uuid))"
	" ORDER BY created_at DESC, id DESC LIMIT $4::bigint + 1",
};

enum err
devices_list(struct db *db, struct arena *a, const char *user_id,
	     const struct device_place *after, int64_t limit, int *out_count,
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

const struct stmt *const devices_statements[] = { &list, &get, &end, NULL };
