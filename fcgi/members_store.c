/* members_store.c -- see rooms_store.h. Who is in a room. */
#include "fcgi/rooms_store.h"
#include "shared/user_columns.h"

/* From rooms r, members m and users u, for the viewer $1. */
#define MEMBER_COLUMNS                                                    \
	USER_COLUMNS_IF("u", "r.kind <> 'public' OR " USER_IS_KNOWN("u")) \
	", m.role, ms(m.joined_at), m.read_seq,"                          \
	" m.delivered_seq, ms(m.muted_until), m.banned"

static struct member
member_from(const struct rows *r, int row)
{
	int role = name_index(member_role_names, rows_text(r, row, USER_COLUMN_COUNT));

	return (struct member){
		.user = user_from(r, row, 0),
		.role = (enum member_role)role,
		.joined_at = rows_int(r, row, USER_COLUMN_COUNT + 1),
		.read_seq = rows_int(r, row, USER_COLUMN_COUNT + 2),
		.delivered_seq = rows_int(r, row, USER_COLUMN_COUNT + 3),
		.muted_until = rows_int(r, row, USER_COLUMN_COUNT + 4),
		.banned = rows_bool(r, row, USER_COLUMN_COUNT + 5),
	};
}

/* One row without a person tells that the room is there and the page empty. */
static const struct stmt list = {
	"members_list",
	"SELECT " MEMBER_COLUMNS " FROM rooms r"
	" JOIN members me ON me.room_no = r.no AND me.user_id = $1 AND NOT me.banned"
	" LEFT JOIN LATERAL (SELECT * FROM members o WHERE o.room_no = r.no"
	"  AND ($3::uuid IS NULL OR o.user_id > $3) AND (NOT o.banned OR me.role <> 'member')"
	"  ORDER BY o.user_id LIMIT $4::bigint + 1) m ON true"
	" LEFT JOIN users u ON u.id = m.user_id"
	" WHERE r.id = $2 ORDER BY m.user_id",
};

enum err
members_list(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	     const char *after, int64_t limit, int *out_count, struct member **out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&list, viewer, room_id, after, db_int(a, limit)),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out_count = rows_is_null(&rows, 0, 0) ? 0 : rows.count;
	*out = ARENA_ARRAY(a, struct member, (size_t)rows.count);
	for (int i = 0; i < *out_count; i++)
		(*out)[i] = member_from(&rows, i);
	return OK;
}

static const struct stmt get = {
	"member_get",
	"SELECT " MEMBER_COLUMNS " FROM rooms r"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $3"
	" JOIN users u ON u.id = m.user_id WHERE r.id = $2",
};

enum err
member_update(struct db *db, struct arena *a, const struct member_change *c,
	      struct member_outcome *out_outcome, struct member *out)
{
	struct db_call calls[MEMBERS_CALLS + 1];
	struct rows rows[MEMBERS_CALLS + 1];

	members_change_calls(a, c, calls);
	calls[MEMBERS_CALLS] = DB_CALL_IN(a, &get, c->by_id, c->room_id, c->user_id);
	TRY(db_batch(db, a, calls, MEMBERS_CALLS + 1, rows));
	members_read(rows, out_outcome);
	if (rows[MEMBERS_CALLS].count == 1)
		*out = member_from(&rows[MEMBERS_CALLS], 0);
	return OK;
}

enum err
member_join(struct db *db, struct arena *a, const char *room_id, const char *user_id,
	    struct member_outcome *out_outcome, struct room *out)
{
	struct db_call calls[MEMBERS_CALLS + 1];
	struct rows rows[MEMBERS_CALLS + 1];

	members_join_calls(a, room_id, user_id, calls);
	calls[MEMBERS_CALLS] = room_get_call(a, user_id, room_id);
	TRY(db_batch(db, a, calls, MEMBERS_CALLS + 1, rows));
	members_read(rows, out_outcome);
	if (out_outcome->result != MEMBER_OK && out_outcome->result != MEMBER_UNCHANGED)
		return OK;
	return room_get_read(&rows[MEMBERS_CALLS], out);
}

enum err
member_leave(struct db *db, struct arena *a, const char *room_id, const char *user_id,
	     struct member_outcome *out_outcome)
{
	struct db_call calls[MEMBERS_CALLS];
	struct rows rows[MEMBERS_CALLS];

	members_leave_calls(a, room_id, user_id, calls);
	TRY(db_batch(db, a, calls, MEMBERS_CALLS, rows));
	members_read(rows, out_outcome);
	return OK;
}

const struct stmt *const members_store_statements[] = { &list, &get, NULL };
