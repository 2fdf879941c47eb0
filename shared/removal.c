/* removal.c -- see removal.h. */
#include "shared/removal.h"

#include "shared/members_sql.h"
#include "shared/roomlog.h"

/* ---- at once ------------------------------------------------------------- */

static const struct stmt account = {
	"removal_account",
	"WITH gone AS ("
	" DELETE FROM users WHERE id = $1 AND ($3::uuid IS NULL"
	"  OR (SELECT b.is_admin AND b.disabled_at IS NULL FROM users b WHERE b.id = $3))"
	" RETURNING id, avatar"
	"), queued AS ("
	" INSERT INTO removed_accounts (user_id, erase_messages)"
	" SELECT id, $2::boolean FROM gone"
	"), image AS ("
	" DELETE FROM avatars v USING gone WHERE v.id = gone.avatar"
	") SELECT id FROM gone",
};

struct db_call
removal_account_call(struct arena *a, const char *user_id, bool erase_messages,
		     const char *by_id)
{
	return DB_CALL_IN(a, &account, user_id, erase_messages ? "true" : "false", by_id);
}

enum err
removal_account(struct db *db, struct arena *a, const char *user_id, bool erase_messages)
{
	const struct db_call call =
		removal_account_call(a, user_id, erase_messages, NULL);
	struct rows rows;

	TRY(db_query(db, a, &call, &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

/* ---- leaving rooms ------------------------------------------------------- */

static const struct stmt memberships = {
	"removal_memberships",
	"SELECT r.id, m.user_id FROM removed_accounts g"
	" JOIN members m ON m.user_id = g.user_id JOIN rooms r ON r.no = m.room_no"
	" LIMIT $1::bigint",
};

enum err
removal_memberships(struct db *db, struct arena *a, int64_t limit, int *out_count,
		    struct remnant **out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&memberships, db_int(a, limit)), &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct remnant, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct remnant){ rows_text(&rows, i, 0),
					      rows_text(&rows, i, 1) };
	return OK;
}

/* Like members_leave, but leaves any room, without an event if they were banned there,
 * and never hands over to an account that is itself removed. Erasing starts over, since
 * they may have written here until now. */
static const struct stmt leave = {
	"removal_leave",
	"WITH room AS MATERIALIZED ("
	" SELECT r.no, h.seq, h.messages, h.member_count, m.role, m.banned,"
	"  r.is_lobby OR (SELECT true FROM members o JOIN users u ON u.id = o.user_id"
	"   WHERE o.room_no = r.no AND NOT o.banned AND o.user_id <> $2::uuid LIMIT 1)"
	"   IS NOT NULL AS stays,"
	"  CASE WHEN m.role = 'owner' THEN (SELECT o.user_id"
	"   FROM members o JOIN users u ON u.id = o.user_id"
	"   WHERE o.room_no = r.no AND NOT o.banned AND o.user_id <> $2::uuid"
	"   AND (NOT r.is_lobby OR o.role = 'admin' OR u.is_admin)"
	"   ORDER BY o.role DESC, o.joined_at, o.user_id LIMIT 1) END AS heir"
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid"
	" WHERE r.id = $1::uuid AND r.no = " ROOMLOG_HELD
	" AND (SELECT true FROM removed_accounts g WHERE g.user_id = $2::uuid)"
	"), left_ AS ("
	" DELETE FROM members m USING room v WHERE m.room_no = v.no"
	" AND m.user_id = $2::uuid AND (v.banned OR v.stays)"
	"), removed AS ("
	" DELETE FROM rooms r USING room v WHERE r.no = v.no AND NOT v.banned"
	" AND NOT v.stays"
	"), again AS ("
	" UPDATE removed_accounts g SET walked_no = 0, walked_key = '' FROM room"
	" WHERE g.user_id = $2::uuid AND g.walked_no > 0"
	"), " GO_OUT(
		"room",
		"NOT v.banned") " SELECT CASE WHEN banned THEN 0 ELSE seq + CASE WHEN heir IS NOT NULL"
				"  THEN 2 ELSE 1 END END FROM room",
};

enum err
removal_leave(struct db *db, struct arena *a, const struct remnant *r, int64_t *out_seq)
{
	const struct db_call calls[] = {
		roomlog_lock_call(a, r->room_id),
		DB_CALL(&leave, r->room_id, r->user_id),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_seq = rows[1].count > 0 ? rows_int(&rows[1], 0, 0) : 0;
	return OK;
}

/* ---- erasing what was said ----------------------------------------------- */

#define THE_END "9223372036854775807" /* all rooms are done */

static const struct stmt next = {
	"removal_next",
	"SELECT g.user_id, g.walked_no, g.walked_key FROM removed_accounts g"
	" WHERE g.erase_messages AND (SELECT true FROM members m"
	"  WHERE m.user_id = g.user_id LIMIT 1) IS NULL"
	" AND g.walked_no < " THE_END " ORDER BY g.removed_at, g.user_id LIMIT 1",
};

enum err
removal_next(struct db *db, struct arena *a, struct erasure *out)
{
	struct rows rows;

	TRY(db_query(db, a, &(struct db_call){ .stmt = &next }, &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = (struct erasure){ rows_text(&rows, 0, 0), rows_int(&rows, 0, 1),
				 rows_text(&rows, 0, 2) };
	return OK;
}

/* Every message has a key, and the index on keys is the one by author. */
static const struct stmt messages = {
	"removal_messages",
	"SELECT seq, client_id FROM log WHERE room_no = $2 AND actor_id = $1"
	" AND client_id > $3 AND client_id IS NOT NULL AND type = 'message'"
	" ORDER BY client_id LIMIT $4",
};

enum err
removal_messages(struct db *db, struct arena *a, const struct erasure *e, int64_t limit,
		 int *out_count, struct remark **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&messages, e->user_id, db_int(a, e->room_no), e->key,
			      db_int(a, limit)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct remark, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] =
			(struct remark){ rows_int(&rows, i, 0), rows_text(&rows, i, 1) };
	return OK;
}

/* Does nothing if they had to leave another room meanwhile: erasing then starts over. */
static const struct stmt walked = {
	"removal_walked",
	"UPDATE removed_accounts SET walked_key = $3"
	" WHERE user_id = $1 AND walked_no = $2",
};

enum err
removal_walked(struct db *db, struct arena *a, const struct erasure *e, const char *key)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&walked, e->user_id, db_int(a, e->room_no), key),
			&rows);
}

static const struct stmt walk_on = {
	"removal_walk_on",
	"WITH ahead AS MATERIALIZED ("
	" SELECT r.no, (SELECT true FROM log l WHERE l.room_no = r.no AND l.actor_id = $1"
	"  AND l.client_id IS NOT NULL LIMIT 1) AS wrote"
	" FROM rooms r WHERE r.no > $2::bigint ORDER BY r.no LIMIT 1000"
	"), place AS ("
	" SELECT coalesce(min(no) FILTER (WHERE wrote), max(no), " THE_END ") AS no"
	" FROM ahead"
	") UPDATE removed_accounts g SET walked_no = place.no, walked_key = ''"
	" FROM place WHERE g.user_id = $1 AND g.walked_no = $2",
};

enum err
removal_walk_on(struct db *db, struct arena *a, const struct erasure *e)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&walk_on, e->user_id, db_int(a, e->room_no)),
			&rows);
}

static const struct stmt done = {
	"removal_done",
	"DELETE FROM removed_accounts g WHERE g.removed_at < now() - interval '1 minute'"
	" AND (NOT g.erase_messages OR g.walked_no = " THE_END ")"
	" AND (SELECT true FROM members m WHERE m.user_id = g.user_id LIMIT 1) IS NULL",
};

enum err
removal_done(struct db *db, struct arena *a)
{
	struct rows rows;

	return db_query(db, a, &(struct db_call){ .stmt = &done }, &rows);
}

/* ---- removed rooms ------------------------------------------------------- */

static const struct stmt rooms = {
	"removal_rooms",
	"SELECT clear_removed_rooms($1)",
};

enum err
removal_rooms(struct db *db, struct arena *a, int64_t limit, bool *out_more)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&rooms, db_int(a, limit)), &rows));
	*out_more = rows_bool(&rows, 0, 0);
	return OK;
}

const struct stmt *const removal_account_statements[] = { &account, NULL };
const struct stmt *const removal_statements[] = {
	&memberships, &leave, &next, &messages, &walked, &walk_on, &done, &rooms, NULL,
};
