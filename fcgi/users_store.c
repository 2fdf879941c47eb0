/* users_store.c -- see users_store.h. */
#include "fcgi/users_store.h"
#include "shared/file_access.h"
#include "shared/status.h"
#include "shared/user_columns.h"

/* ---- oneself ------------------------------------------------------------- */

#define OWN OWN_COLUMNS("u", "a")

static enum err
read_own(struct db *db, struct arena *a, const struct db_call *call, struct user *out)
{
	struct rows rows;

	TRY(db_query(db, a, call, &rows));
	if (rows.count == 0)
		return ERR_UNAUTHENTICATED;
	*out = own_from(&rows, 0);
	return OK;
}

static const struct stmt own = {
	"user_own",
	"SELECT " OWN " FROM users u JOIN accounts a ON a.user_id = u.id"
	" WHERE u.id = $1",
};

enum err
user_own(struct db *db, struct arena *a, const char *user_id, struct user *out)
{
	return read_own(db, a, &DB_CALL(&own, user_id), out);
}

/* $11 whether the avatar is given, $12 the file. One row: the avatar that was made, if
 * any, then the person, unless the avatar could not be made. */
static const struct stmt update = {
	"user_update",
	/* clang-format off */
	"WITH made AS MATERIALIZED (SELECT CASE WHEN $12::uuid IS NOT NULL"
	"  THEN " AVATAR_OF_FILE("$12::uuid", "$1::uuid") " END AS id"
	"), changed AS (UPDATE users SET"
	" first_name = CASE WHEN $2::boolean THEN $3 ELSE first_name END,"
	" first_key = CASE WHEN $2::boolean THEN $4 ELSE first_key END,"
	" last_name = CASE WHEN $5::boolean THEN $6 ELSE last_name END,"
	" last_key = CASE WHEN $5::boolean THEN $7 ELSE last_key END,"
	" bio = CASE WHEN $8::boolean THEN $9 ELSE bio END,"
	" avatar = CASE WHEN $11::boolean THEN made.id ELSE avatar END,"
	" settings = settings || $10::jsonb FROM made WHERE users.id = $1::uuid"
	" AND ($12::uuid IS NULL OR made.id IS NOT NULL) RETURNING users.*"
	") SELECT " OWN ", $12::uuid IS NULL OR made.id IS NOT NULL"
	" FROM made LEFT JOIN changed u ON true"
	" LEFT JOIN accounts a ON a.user_id = u.id",
	/* clang-format on */
};

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

enum err
user_update(struct db *db, struct arena *a, const struct user_change *c,
	    bool *out_avatar_fits, struct user *out)
{
	const struct db_call call = DB_CALL(
		&update, c->user_id, yes_no(c->first_name.given), c->first_name.text,
		c->first_key, yes_no(c->last_name.given), c->last_name.text, c->last_key,
		yes_no(c->bio.given), c->bio.text, c->settings ? c->settings : "{}",
		yes_no(c->avatar.given), c->avatar.text);
	struct rows rows;

	TRY(db_query(db, a, &call, &rows));
	*out_avatar_fits = rows_bool(&rows, 0, OWN_COLUMN_COUNT);
	if (*out_avatar_fits && rows_is_null(&rows, 0, 0))
		return ERR_UNAUTHENTICATED;
	*out = own_from(&rows, 0);
	return OK;
}

static const struct stmt set_status = {
	"user_set_status",
	"WITH changed AS (" STATUS_UPDATE " RETURNING *"
	") SELECT " OWN " FROM changed u JOIN accounts a ON a.user_id = u.id",
};

enum err
user_set_status(struct db *db, struct arena *a, const char *user_id, const char *status,
		const struct text_change *text, struct user *out)
{
	return read_own(
		db, a,
		&DB_CALL(&set_status, user_id, status, yes_no(text->given), text->text),
		out);
}

/* ---- others -------------------------------------------------------------- */

static const struct stmt get = {
	"user_get",
	"SELECT " USER_COLUMNS("u") " FROM users u WHERE u.id = $2",
};

enum err
user_get(struct db *db, struct arena *a, const char *viewer, const char *user_id,
	 struct user *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, viewer, user_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = user_from(&rows, 0, 0);
	return OK;
}

const struct stmt *const users_statements[] = { &own, &update, &set_status, &get, NULL };
