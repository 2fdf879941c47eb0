/* invites_store.c -- see invites_store.h. */
#include "fcgi/invites_store.h"
#include "shared/roomlog.h"

#define INVITE_COLUMNS                                                    \
	"i.code, i.max_uses, i.uses, ms(i.created_at), ms(i.expires_at)," \
	" i.created_by"

static struct invite
invite_from(const struct rows *r, int row, int col)
{
	return (struct invite){
		.code = rows_text(r, row, col),
		.max_uses = rows_int(r, row, col + 1),
		.uses = rows_int(r, row, col + 2),
		.created_at = rows_int(r, row, col + 3),
		.expires_at = rows_int(r, row, col + 4),
		.created_by = rows_text(r, row, col + 5),
	};
}

/* Room $1 and the role of $2 in it. No row for a stranger, as everywhere. */
#define ROOM_OF_MEMBER                                                              \
	"room AS MATERIALIZED ("                                                    \
	" SELECT r.no, r.kind, m.role <> 'member' AND r.kind <> 'direct' AS may"    \
	" FROM rooms r JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid" \
	"  AND NOT m.banned WHERE r.id = $1::uuid)"

static enum invite_result
result_of(const struct rows *r)
{
	static const char *const words[] = {
		[INVITE_OK] = "ok",
		[INVITE_NO_ROOM] = "no_room",
		[INVITE_FORBIDDEN] = "forbidden",
		[INVITE_NONE] = "none",
		[INVITE_TOO_MANY] = "too_many",
		[INVITE_TOO_MANY + 1] = NULL,
	};

	return r->count == 0 ? INVITE_NO_ROOM
			     : (enum invite_result)name_index(words, rows_text(r, 0, 0));
}

/* $3 code, $4 max_uses, $5 expires_at, $6 the limit, which is exact, since the room is
 * locked. */
static const struct stmt insert = {
	"invite_insert",
	"WITH " ROOM_OF_MEMBER ", verdict AS MATERIALIZED ("
	" SELECT no, CASE WHEN NOT may THEN 'forbidden' WHEN (SELECT count(*)"
	"   FROM room_invites x WHERE x.room_no = no AND (x.uses < x.max_uses) IS NOT FALSE"
	"   AND (x.expires_at > now()) IS NOT FALSE) >= $6::bigint THEN 'too_many'"
	"  ELSE 'ok' END AS result FROM room WHERE no = " ROOMLOG_HELD "), made AS ("
	" INSERT INTO room_invites (code, room_no, created_by, max_uses, expires_at)"
	" SELECT $3, no, $2::uuid, $4::integer, $5::timestamptz FROM verdict"
	" WHERE result = 'ok' RETURNING *"
	") SELECT v.result, " INVITE_COLUMNS " FROM verdict v LEFT JOIN made i ON true",
};

enum err
invite_insert(struct db *db, struct arena *a, const char *room_id, const char *by_id,
	      const struct invite *draft, enum invite_result *out_result,
	      struct invite *out)
{
	const char *max_uses = draft->max_uses ? db_int(a, draft->max_uses) : NULL;
	const struct db_call calls[] = {
		roomlog_lock_call(a, room_id),
		DB_CALL(&insert, room_id, by_id, draft->code, max_uses,
			db_time(a, draft->expires_at), db_int(a, INVITES_MOST)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_result = result_of(&rows[1]);
	if (*out_result == INVITE_OK)
		*out = invite_from(&rows[1], 0, 1);
	return OK;
}

static const struct stmt get = {
	"invite_get",
	"WITH " ROOM_OF_MEMBER
	" SELECT CASE WHEN NOT may THEN 'forbidden' WHEN i.code IS NULL THEN 'none'"
	"  ELSE 'ok' END, " INVITE_COLUMNS
	" FROM room LEFT JOIN room_invites i ON i.room_no = room.no AND i.code = $3"
	"  AND (i.expires_at > now()) IS NOT FALSE",
};

enum err
invite_get(struct db *db, struct arena *a, const char *room_id, const char *by_id,
	   const char *code, enum invite_result *out_result, struct invite *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, room_id, by_id, code), &rows));
	*out_result = result_of(&rows);
	if (*out_result == INVITE_OK)
		*out = invite_from(&rows, 0, 1);
	return OK;
}

static const struct stmt delete = {
	"invite_delete",
	"WITH " ROOM_OF_MEMBER ", gone AS ("
	" DELETE FROM room_invites i USING room WHERE may AND i.room_no = room.no"
	" AND i.code = $3 RETURNING i.code"
	") SELECT CASE WHEN NOT may THEN 'forbidden'"
	"  WHEN (SELECT count(*) FROM gone) = 0 THEN 'none' ELSE 'ok' END FROM room",
};

enum err
invite_delete(struct db *db, struct arena *a, const char *room_id, const char *by_id,
	      const char *code, enum invite_result *out_result)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&delete, room_id, by_id, code), &rows));
	*out_result = result_of(&rows);
	return OK;
}

/* $3 and $4 the place, $5 limit. One row without a code: there are none. */
static const struct stmt list = {
	"invites_list",
	"WITH " ROOM_OF_MEMBER
	" SELECT CASE WHEN may THEN 'ok' ELSE 'forbidden' END, " INVITE_COLUMNS
	" FROM room LEFT JOIN LATERAL (SELECT * FROM room_invites x"
	"  WHERE may AND x.room_no = room.no AND (x.expires_at > now()) IS NOT FALSE"
	"  AND ($4::text IS NULL OR (x.created_at, x.code) < ($3::timestamptz, $4::text))"
	"  ORDER BY x.created_at DESC, x.code DESC LIMIT $5::bigint + 1) i ON true"
	" ORDER BY i.created_at DESC, i.code DESC",
};

enum err
invites_list(struct db *db, struct arena *a, const char *room_id, const char *by_id,
	     const struct invite *after, int64_t limit, enum invite_result *out_result,
	     int *out_count, struct invite **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&list, room_id, by_id, db_time(a, after->created_at),
			      after->code, db_int(a, limit)),
		     &rows));
	*out_result = result_of(&rows);
	*out_count = rows.count && !rows_is_null(&rows, 0, 1) ? rows.count : 0;
	*out = ARENA_ARRAY(a, struct invite, (size_t)*out_count);
	for (int i = 0; i < *out_count; i++)
		(*out)[i] = invite_from(&rows, i, 1);
	return OK;
}

static const struct stmt look = {
	"invite_look",
	"SELECT r.id, r.kind, r.name, r.description, r.avatar, h.member_count,"
	"  coalesce(NOT m.banned, false), coalesce(m.banned, false), ms(i.expires_at)"
	" FROM room_invites i JOIN rooms r ON r.no = i.room_no"
	" JOIN room_heads h ON h.room_no = r.no"
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = $1::uuid"
	" WHERE i.code = $2 AND (i.expires_at > now()) IS NOT FALSE"
	"  AND ((i.uses < i.max_uses) IS NOT FALSE OR NOT m.banned)",
};

enum err
invite_look(struct db *db, struct arena *a, const char *code, const char *viewer,
	    struct invite_preview *out)
{
	struct rows r;

	TRY(db_query(db, a, &DB_CALL(&look, viewer, code), &r));
	if (r.count == 0)
		return ERR_NOT_FOUND;
	*out = (struct invite_preview){
		.room = {
			.id = rows_text(&r, 0, 0),
			.kind = (enum room_kind)name_index(room_kind_names,
							   rows_text(&r, 0, 1)),
			.name = rows_text(&r, 0, 2),
			.description = rows_text(&r, 0, 3),
			.avatar = rows_text(&r, 0, 4),
			.member_count = rows_int(&r, 0, 5),
		},
		.is_member = rows_bool(&r, 0, 6),
		.is_banned = rows_bool(&r, 0, 7),
		.expires_at = rows_int(&r, 0, 8),
	};
	return OK;
}

static const struct stmt sweep = {
	"invites_sweep",
	"WITH gone AS (DELETE FROM room_invites WHERE code IN (SELECT code FROM room_invites"
	" WHERE expires_at < now() ORDER BY expires_at LIMIT $1::bigint"
	" FOR UPDATE SKIP LOCKED) RETURNING 1) SELECT count(*) FROM gone",
};

enum err
invites_sweep(struct db *db, struct arena *a, int64_t most, int64_t *out_count)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&sweep, db_int(a, most)), &rows));
	*out_count = rows_int(&rows, 0, 0);
	return OK;
}

const struct stmt *const invites_statements[] = { &insert, &get,   &delete, &list,
						  &look,   &sweep, NULL };
