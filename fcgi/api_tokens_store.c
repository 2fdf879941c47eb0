#include "fcgi/api_tokens_store.h"

#include "shared/api_token.h"

#define TOKEN_COLUMNS                                        \
	"t.id, t.name, " TOKEN_SCOPES_OF(                    \
		"t.scopes") ", t.room_id, ms(t.created_at)," \
			    " ms(t.last_used_at), ms(t.expires_at)"

static struct token_row
row_from(const struct rows *r, int row)
{
	return (struct token_row){
		.id = rows_text(r, row, 0),
		.name = rows_text(r, row, 1),
		.scopes = (unsigned)rows_int(r, row, 2),
		.room_id = rows_text(r, row, 3),
		.created_at = rows_int(r, row, 4),
		.last_used_at = rows_int(r, row, 5),
		.expires_at = rows_int(r, row, 6),
	};
}

/* One at a time for each person, so that the limit holds. */
static const struct stmt lock_owner = {
	"api_token_owner",
	"SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE",
};

static const struct stmt insert = {
	"api_token_insert",
	"WITH asked AS MATERIALIZED ("
	" SELECT CASE"
	"  WHEN (SELECT true FROM sessions s WHERE s.id = $2::uuid AND s.user_id = $1::uuid"
	"   AND s.expires_at > now()) IS NULL THEN 1"
	"  WHEN $6::uuid IS NOT NULL AND NOT is_in_room($1::uuid, $6::uuid) THEN 2"
	"  WHEN (SELECT count(*) FROM api_tokens o WHERE o.user_id = $1::uuid)"
	"   >= $8::bigint THEN 3 ELSE 0 END AS result"
	"), t AS ("
	" INSERT INTO api_tokens (user_id, name, token_hash, scopes, room_id, expires_at)"
	" SELECT $1::uuid, $3, decode($4, 'hex'), $5::text[], $6::uuid, $7::timestamptz"
	" FROM asked WHERE result = 0 RETURNING *"
	") SELECT " TOKEN_COLUMNS ", asked.result FROM asked LEFT JOIN t ON true",
};

enum err
token_insert(struct db *db, struct arena *a, const struct token_draft *d,
	     enum token_result *out_result, struct token_row *out)
{
	const struct db_call calls[] = {
		DB_CALL(&lock_owner, d->user_id),
		DB_CALL(&insert, d->user_id, d->session_id, d->name, d->hash, d->scopes,
			d->room_id, db_time(a, d->expires_at), db_int(a, d->most)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out = row_from(&rows[1], 0);
	*out_result = (enum token_result)rows_int(&rows[1], 0, 7);
	return OK;
}

/* The index uses the first condition on the time; the second separates equal times. */
static const struct stmt list = {
	"api_tokens_list",
	"SELECT " TOKEN_COLUMNS " FROM api_tokens t WHERE t.user_id = $1"
	" AND t.created_at <= coalesce($2::timestamptz, 'infinity')"
	" AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2::timestamptz, $3::uuid))"
	" ORDER BY t.created_at DESC, t.id DESC LIMIT $4::bigint + 1",
};

enum err
tokens_list(struct db *db, struct arena *a, const char *user_id, int64_t after_time,
	    const char *after_id, int64_t limit, int *out_count, struct token_row **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&list, user_id, db_time(a, after_time),
			      after_time ? after_id : NULL, db_int(a, limit)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct token_row, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = row_from(&rows, i);
	return OK;
}

static const struct stmt get = {
	"api_token_get",
	"SELECT " TOKEN_COLUMNS " FROM api_tokens t WHERE t.id = $1 AND t.user_id = $2",
};

enum err
token_get(struct db *db, struct arena *a, const char *user_id, const char *id,
	  struct token_row *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, id, user_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = row_from(&rows, 0);
	return OK;
}

static const struct stmt delete = {
	"api_token_delete",
	"DELETE FROM api_tokens WHERE id = $1 AND user_id = $2 RETURNING id",
};

enum err
token_delete(struct db *db, struct arena *a, const char *user_id, const char *id)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&delete, id, user_id), &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

const struct stmt *const api_tokens_statements[] = { &lock_owner, &insert, &list,
						     &get,	  &delete, NULL };
