/* presence_store.c -- see presence_store.h. */
#include "broker/presence_store.h"

#include "shared/brokers.h"
#include "shared/session.h"
#include "shared/user_columns.h"

/* Sorted, so that two brokers that write about the same people do not deadlock. */
static const struct stmt put = {
	"presence_put",
	"INSERT INTO presence AS p (user_id, broker_id, away)"
	" SELECT here.user_id, $1::uuid, here.away"
	" FROM unnest($2::uuid[], $3::boolean[]) here (user_id, away) ORDER BY here.user_id"
	" ON CONFLICT (user_id, broker_id) DO UPDATE SET away = excluded.away"
	" WHERE p.away <> excluded.away",
};

struct db_call
presence_put_call(struct arena *a, const char *broker_id, const char *const *user_ids,
		  const char *const *aways, int count)
{
	return DB_CALL_IN(a, &put, broker_id, db_array(a, user_ids, count),
			  db_array(a, aways, count));
}

static const struct stmt remove_gone = {
	"presence_remove",
	"DELETE FROM presence WHERE broker_id = $1::uuid AND user_id = ANY ($2::uuid[])",
};

struct db_call
presence_remove_call(struct arena *a, const char *broker_id, const char *const *user_ids,
		     int count)
{
	return DB_CALL_IN(a, &remove_gone, broker_id, db_array(a, user_ids, count));
}

/* Never our own: after a time without the database our row may look dead, until the
 * next beat. */
static const struct stmt sweep = {
	"presence_sweep",
	"DELETE FROM presence WHERE (user_id, broker_id) IN ("
	" SELECT p.user_id, p.broker_id FROM presence p WHERE p.broker_id <> $2::uuid"
	"  AND (SELECT true FROM brokers b WHERE b.id = p.broker_id"
	"   AND " BROKER_IS_ALIVE("b") ") IS NULL"
				       " ORDER BY p.user_id LIMIT $1::bigint"
				       " FOR UPDATE SKIP LOCKED) RETURNING user_id",
};

struct db_call
presence_sweep_call(struct arena *a, const char *broker_id)
{
	return DB_CALL_IN(a, &sweep, db_int(a, PRESENCE_SWEEP), broker_id);
}

static const struct stmt seen = {
	"presence_seen",
	"UPDATE users u SET last_seen_at = seen.at FROM ("
	" SELECT u.id, now() - s.ago * interval '1 ms' AS at"
	" FROM unnest($1::uuid[], $2::bigint[], $3::boolean[]) s (user_id, ago, gone)"
	" JOIN users u ON u.id = s.user_id"
	" WHERE NOT u.seen_frozen AND coalesce(u.last_seen_at < now()"
	"  - s.ago * interval '1 ms' - CASE WHEN s.gone THEN interval '0'"
	"  ELSE $4::bigint * interval '1 ms' END, true)"
	" ORDER BY u.id FOR UPDATE OF u) seen WHERE u.id = seen.id",
};

struct db_call
presence_seen_call(struct arena *a, const char *const *user_ids, const int64_t *ago_ms,
		   const char *const *gone, int count)
{
	return DB_CALL_IN(a, &seen, db_array(a, user_ids, count),
			  db_array_int(a, ago_ms, count), db_array(a, gone, count),
			  db_int(a, SEEN_EVERY_MS));
}

/* People whom they hold as a contact, and those in a room with them that is not public:
 * these may see it, unless there is a block (user_columns.h). */
/* clang-format off */
static const struct stmt read_people = {
	"presence_read",
	"SELECT asked.id, u.login, u.first_name, u.last_name, u.avatar, "
	USER_STATUS("u") ", u.status, u.status_text, ms(u.last_seen_at),"
	" u.settings->>'show_last_seen',"
	" ARRAY(SELECT c.contact_id FROM contacts c WHERE c.user_id = asked.id"
	"  AND NOT c.blocked),"
	" ARRAY(SELECT c.contact_id AS id FROM contacts c WHERE c.user_id = asked.id"
	"  AND c.blocked UNION SELECT c.user_id FROM contacts c"
	"  WHERE c.contact_id = asked.id AND c.blocked ORDER BY id),"
	" ARRAY(SELECT r.id FROM members m"
	"  JOIN room_heads h ON h.room_no = m.room_no AND h.member_count <= $2::bigint"
	"  JOIN rooms r ON r.no = m.room_no AND r.kind <> 'public'"
	"  WHERE m.user_id = asked.id AND NOT m.banned)"
	" FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, ord)"
	" LEFT JOIN users u ON u.id = asked.id ORDER BY asked.ord",
};
/* clang-format on */

struct db_call
presence_read_call(struct arena *a, const char *const *user_ids, int count,
		   int64_t max_members)
{
	return DB_CALL_IN(a, &read_people, db_array(a, user_ids, count),
			  db_int(a, max_members));
}

void
presence_read_from(const struct rows *r, int row, struct presence_read *out)
{
	*out = (struct presence_read){
		.person = { .id = rows_text(r, row, 0),
			    .login = rows_text(r, row, 1),
			    .first_name = rows_text(r, row, 2),
			    .last_name = rows_text(r, row, 3),
			    .avatar = rows_text(r, row, 4) },
		.shown = rows_text(r, row, 5),
		.chosen = rows_text(r, row, 6),
		.text = rows_text(r, row, 7),
		.last_seen_at = rows_int(r, row, 8),
		.show_last_seen = rows_text(r, row, 9),
		.contacts = rows_text(r, row, 10),
		.blocked = rows_text(r, row, 11),
		.room_ids = rows_text(r, row, 12),
	};
}

static const struct stmt pair = {
	"presence_pair",
	"SELECT " USER_COLUMNS("u") ", " USER_SHARES_ROOM("u") " FROM users u"
							       " WHERE u.id = $2",
};

struct db_call
presence_pair_call(struct arena *a, const char *viewer_id, const char *user_id)
{
	return DB_CALL_IN(a, &pair, viewer_id, user_id);
}

bool
presence_pair_from(const struct rows *rows, struct user *out)
{
	if (rows->count == 0)
		return false;
	*out = user_from(rows, 0, 0);
	if (out->status)
		return true;
	out->status = "offline";
	out->status_text = NULL;
	return rows_bool(rows, 0, USER_COLUMN_COUNT);
}

const struct stmt *const presence_statements[] = { &put,  &remove_gone, &sweep,
						   &seen, &read_people, &pair,
						   NULL };
