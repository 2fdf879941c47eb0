#include "fcgi/admin_store.h"

#define COLUMNS "code, created_by, max_uses, uses, ms(created_at), ms(expires_at)"

static struct admin_invite
invite_of(const struct rows *r, int row)
{
	return (struct admin_invite){
		.code = rows_text(r, row, 0),
		.created_by = rows_text(r, row, 1),
		.max_uses = rows_int(r, row, 2),
		.uses = rows_int(r, row, 3),
		.created_at = rows_int(r, row, 4),
		.expires_at = rows_int(r, row, 5),
	};
}

static const struct stmt make = {
	"admin_invite_make",
	"INSERT INTO registration_invites (code, created_by, max_uses, expires_at)"
	" VALUES ($1, $2, $3, $4) RETURNING " COLUMNS,
};

enum err
admin_invite_make(struct db *db, struct arena *a, const struct admin_invite *i,
		  struct admin_invite *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&make, i->code, i->created_by,
			      i->max_uses ? db_int(a, i->max_uses) : NULL,
			      db_time(a, i->expires_at)),
		     &rows));
	*out = invite_of(&rows, 0);
	return OK;
}

static const struct stmt list = {
	"admin_invites_list",
	"SELECT " COLUMNS " FROM registration_invites"
	" WHERE $1::timestamptz IS NULL OR (created_at, code) < ($1, $2::text)"
	" ORDER BY created_at DESC, code DESC LIMIT $3::bigint + 1",
};

enum err
admin_invites_list(struct db *db, struct arena *a, const struct admin_invite *after,
		   int64_t limit, int *out_count, struct admin_invite **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&list, after ? db_time(a, after->created_at) : NULL,
			      after ? after->code : NULL, db_int(a, limit)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct admin_invite, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = invite_of(&rows, i);
	return OK;
}

static const struct stmt get = {
	"admin_invite_get",
	"SELECT " COLUMNS " FROM registration_invites WHERE code = $1",
};

enum err
admin_invite_get(struct db *db, struct arena *a, const char *code,
		 struct admin_invite *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, code), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = invite_of(&rows, 0);
	return OK;
}

static const struct stmt end = {
	"admin_invite_end",
	"DELETE FROM registration_invites WHERE code = $1 RETURNING code",
};

enum err
admin_invite_end(struct db *db, struct arena *a, const char *code)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&end, code), &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

const struct stmt *const admin_invites_statements[] = { &make, &list, &get, &end, NULL };
