/* members_store.c -- see rooms_store.h. The members of a room. */
#include "fcgi/rooms_store.h"
#include "shared/user_columns.h"

/* From rooms r, members m and users u, for the viewer $1. */
#define MEMBER_COLUMNS                                                                  \
	USER_COLUMNS_IF(                                                                \
		"u", "(r.kind <> 'public' AND NOT m.banned) OR " USER_SHARES_ROOM("u")) \
	", m.role, ms(m.joined_at), m.read_seq,"                                        \
	" m.delivered_seq, ms(m.muted_until), m.banned,"                                \
	" CASE WHEN m.user_id = $1::uuid THEN m.notify END, (u.settings->>'send_receipts')::boolean"

/* read_seq of somebody is visible only if they send receipts; read_seq and delivered_seq
 * are hidden if either blocks the other. */
static struct member
member_from(const struct rows *r, int row)
{
	int relation = user_relation_from(r, row, 0);
	bool tells = relation != USER_BLOCKED;
	bool tells_read = relation == USER_SELF ||
			  (tells && rows_bool(r, row, USER_COLUMN_COUNT + 7));
	int role = name_index(member_role_names, rows_text(r, row, USER_COLUMN_COUNT));

	return (struct member){
		.user = user_from(r, row, 0),
		.role = (enum member_role)role,
		.joined_at = rows_int(r, row, USER_COLUMN_COUNT + 1),
		.read_seq = tells_read ? rows_int(r, row, USER_COLUMN_COUNT + 2) : 0,
		.delivered_seq = tells ? rows_int(r, row, USER_COLUMN_COUNT + 3) : 0,
		.muted_until = rows_int(r, row, USER_COLUMN_COUNT + 4),
		.banned = rows_bool(r, row, USER_COLUMN_COUNT + 5),
		.notify = rows_text(r, row, USER_COLUMN_COUNT + 6),
	};
}

/* One row without a person means that the room exists and the page is empty. Removed
 * accounts are left out, even if their membership still exists. */
static const struct stmt list = {
	"members_list",
	"SELECT " MEMBER_COLUMNS " FROM rooms r"
	" JOIN members me ON me.room_no = r.no AND me.user_id = $1 AND NOT me.banned"
	" LEFT JOIN LATERAL (SELECT * FROM members o WHERE o.room_no = r.no"
	"  AND ($3::uuid IS NULL OR o.user_id > $3) AND (NOT o.banned OR me.role <> 'member')"
	"  AND (SELECT true FROM users x WHERE x.id = o.user_id LIMIT 1)"
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

/* As seen by $1, who is in the room too; only admins see people who are banned. */
#define MEMBERS_SEEN                                                                    \
	"SELECT " MEMBER_COLUMNS " FROM rooms r"                                        \
	" JOIN members me ON me.room_no = r.no AND me.user_id = $1 AND NOT me.banned"   \
	" JOIN members m ON m.room_no = r.no AND (NOT m.banned OR me.role <> 'member')" \
	" JOIN users u ON u.id = m.user_id WHERE r.id = $2"

static const struct stmt get = { "member_get", MEMBERS_SEEN " AND m.user_id = $3" };

enum err
member_get(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	   const char *user_id, struct member *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, viewer, room_id, user_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = member_from(&rows, 0);
	return OK;
}

static const struct stmt is_banned = {
	"member_is_banned",
	"SELECT true FROM rooms r JOIN members m ON m.room_no = r.no"
	" AND m.user_id = $1 AND m.banned WHERE r.id = $2",
};

enum err
member_is_banned(struct db *db, struct arena *a, const char *user_id, const char *room_id,
		 bool *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&is_banned, user_id, room_id), &rows));
	*out = rows.count > 0;
	return OK;
}

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

static const struct stmt set_notify = {
	"member_set_notify",
	"UPDATE members m SET notify = $3 FROM rooms r WHERE r.id = $2"
	" AND m.room_no = r.no AND m.user_id = $1 AND NOT m.banned",
};

enum err
member_set_notify(struct db *db, struct arena *a, const char *room_id,
		  const char *user_id, const char *notify, struct member *out)
{
	const struct db_call calls[] = {
		DB_CALL(&set_notify, user_id, room_id, notify),
		DB_CALL(&get, user_id, room_id, user_id),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	if (rows[1].count == 0)
		return ERR_NOT_FOUND;
	*out = member_from(&rows[1], 0);
	return OK;
}

/* ---- coming, going ------------------------------------------------------- */

static const struct stmt named = {
	"members_named",
	MEMBERS_SEEN " AND m.user_id IN (SELECT unnest($3::uuid[])"
		     "  UNION ALL SELECT id FROM users WHERE login_key = $4)"
		     " ORDER BY m.user_id",
};

enum err
member_add(struct db *db, struct arena *a, const struct member_add *m,
	   struct member_outcome *out_outcome, int *out_count, struct member **out)
{
	struct db_call calls[MEMBERS_CALLS + 1];
	struct rows rows[MEMBERS_CALLS + 1], *now = &rows[MEMBERS_CALLS];

	members_add_calls(a, m, calls);
	calls[MEMBERS_CALLS] =
		DB_CALL_IN(a, &named, m->by_id, m->room_id,
			   db_array(a, m->user_ids, m->user_count), m->login_key);
	TRY(db_batch(db, a, calls, MEMBERS_CALLS + 1, rows));
	members_add_read(rows, out_outcome);
	*out_count = now->count;
	*out = ARENA_ARRAY(a, struct member, (size_t)now->count);
	for (int i = 0; i < now->count; i++)
		(*out)[i] = member_from(now, i);
	return OK;
}

static enum err
run_join(struct db *db, struct arena *a, const struct db_call calls[],
	 struct member_outcome *out_outcome, struct room *out)
{
	struct rows rows[MEMBERS_CALLS + 1];

	TRY(db_batch(db, a, calls, MEMBERS_CALLS + 1, rows));
	members_read(rows, out_outcome);
	if (out_outcome->result != MEMBER_OK && out_outcome->result != MEMBER_UNCHANGED)
		return OK;
	return room_get_read(&rows[MEMBERS_CALLS], out);
}

enum err
member_join(struct db *db, struct arena *a, const char *room_id, const char *user_id,
	    int64_t max_rooms, struct member_outcome *out_outcome, struct room *out)
{
	struct db_call calls[MEMBERS_CALLS + 1];

	members_join_calls(a, room_id, user_id, max_rooms, calls);
	calls[MEMBERS_CALLS] = room_get_call(a, user_id, room_id);
	return run_join(db, a, calls, out_outcome, out);
}

enum err
member_join_invited(struct db *db, struct arena *a, const char *code, const char *user_id,
		    int64_t max_rooms, struct member_outcome *out_outcome,
		    struct room *out)
{
	struct db_call calls[MEMBERS_CALLS + 1];

	members_join_invited_calls(a, code, user_id, max_rooms, calls);
	calls[MEMBERS_CALLS] = room_get_held_call(a, user_id);
	return run_join(db, a, calls, out_outcome, out);
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

const struct stmt *const members_store_statements[] = { &list,	     &get,   &is_banned,
							&set_notify, &named, NULL };
