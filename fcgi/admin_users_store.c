#include "fcgi/admin_store.h"
#include "shared/removal.h"
#include "shared/user_columns.h"

#define COLUMNS                                                    \
	OWN_COLUMNS("u", "a")                                      \
	", u.login_key, ms(u.disabled_at),"                        \
	" (SELECT count(*) FROM sessions s WHERE s.user_id = u.id" \
	"  AND s.expires_at > now())"
#define JOINED " JOIN accounts a ON a.user_id = u.id"

static struct admin_user
user_of(const struct rows *r, int row)
{
	return (struct admin_user){
		.user = own_from(r, row),
		.key = rows_text(r, row, OWN_COLUMN_COUNT),
		.disabled_at = rows_int(r, row, OWN_COLUMN_COUNT + 1),
		.session_count = rows_int(r, row, OWN_COLUMN_COUNT + 2),
	};
}

static enum err
read_one(struct db *db, struct arena *a, const struct db_call *call,
	 struct admin_user *out)
{
	struct rows rows;

	TRY(db_query(db, a, call, &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = user_of(&rows, 0);
	return OK;
}

/* Walks the people by login until the page is full. With a key it may pass over many, for
 * which an administrator can wait. */
static const struct stmt list = {
	"admin_users_list",
	"SELECT " COLUMNS " FROM users u" JOINED " WHERE u.login_key > $2::text"
	" AND ($1::text IS NULL OR strpos(u.login_key, $1) > 0"
	"  OR strpos(concat_ws(' ', u.first_key, u.last_key), $1) > 0"
	"  OR strpos(a.email_key, $1) > 0)"
	" ORDER BY u.login_key LIMIT $3::bigint + 1",
};

enum err
admin_users_list(struct db *db, struct arena *a, const char *key, const char *after,
		 int64_t limit, int *out_count, struct admin_user **out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&list, key, after ? after : "", db_int(a, limit)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct admin_user, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = user_of(&rows, i);
	return OK;
}

static const struct stmt get = {
	"admin_user_get",
	"SELECT " COLUMNS " FROM users u" JOINED " WHERE u.id = $1",
};

enum err
admin_user_get(struct db *db, struct arena *a, const char *user_id,
	       struct admin_user *out)
{
	return read_one(db, a, &DB_CALL(&get, user_id), out);
}

static const struct stmt make = {
	"admin_make",
	"UPDATE users SET is_admin = true WHERE login_key = $1 RETURNING login",
};

enum err
admin_make(struct db *db, struct arena *a, const char *key, const char **out_login)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&make, key), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out_login = rows_text(&rows, 0, 0);
	return OK;
}

/* Locks in a fixed order; the next statement has a snapshot from after the wait. */
static const struct stmt lock_two = {
	"admin_users_lock",
	"SELECT coalesce(bool_or(l.id = $2 AND l.is_admin AND l.disabled_at IS NULL), false)"
	" FROM (SELECT u.id, u.is_admin, u.disabled_at FROM users u WHERE u.id IN ($1, $2)"
	"  ORDER BY u.id FOR UPDATE) l",
};

/* A trigger ends the sessions, so that no code can forget to. The next statement sees the
 * result. */
static const struct stmt set = {
	"admin_user_set",
	"UPDATE users SET is_admin = coalesce($2::boolean, is_admin),"
	" disabled_at = CASE $3::boolean WHEN true THEN coalesce(disabled_at, now())"
	"  WHEN false THEN NULL ELSE disabled_at END WHERE id = $1"
	" AND (SELECT b.is_admin AND b.disabled_at IS NULL FROM users b WHERE b.id = $4)",
};

enum err
admin_user_set(struct db *db, struct arena *a, const char *user_id, const char *by_id,
	       const char *is_admin, const char *disabled, struct admin_user *out)
{
	const struct db_call calls[] = {
		DB_CALL(&lock_two, user_id, by_id),
		DB_CALL(&set, user_id, is_admin, disabled, by_id),
		DB_CALL(&get, user_id),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	if (!rows_bool(&rows[0], 0, 0))
		return ERR_FORBIDDEN;
	if (rows[2].count == 0)
		return ERR_NOT_FOUND;
	*out = user_of(&rows[2], 0);
	return OK;
}

enum err
admin_user_remove(struct db *db, struct arena *a, const char *user_id, const char *by_id,
		  bool erase_messages)
{
	const struct db_call calls[] = {
		DB_CALL(&lock_two, user_id, by_id),
		removal_account_call(a, user_id, erase_messages, by_id),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	if (!rows_bool(&rows[0], 0, 0))
		return ERR_FORBIDDEN;
	return rows[1].count == 1 ? OK : ERR_NOT_FOUND;
}

const struct stmt *const admin_users_statements[] = { &list,	 &get, &make,
						      &lock_two, &set, NULL };
