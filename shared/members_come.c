/* members_come.c -- see members.h. Joining: by the room's id, by an invite, or added by
 * an admin. Each statement ends with the answer that members.c reads. */
#include "shared/allowed.h"
#include "shared/members.h"
#include "shared/members_sql.h"

#define JOINS_TOO_MANY IN_TOO_MANY("$2::uuid", "$3::bigint")

/* $1 room, $2 who, $3 rooms at most. */
static const struct stmt join = {
	"members_join",
	"WITH " HELD_ROOM ", verdict AS MATERIALIZED ("
	" SELECT room.*, CASE"
	"  WHEN m.banned THEN 'banned'"
	"  WHEN NOT m.banned THEN 'unchanged'"
	"  WHEN kind = 'direct' OR (kind = 'group' AND NOT join_by_id) THEN 'no_room'"
	"  WHEN member_count >= max_members THEN 'full'"
	"  WHEN " JOINS_TOO_MANY " THEN 'too_many'"
	"  ELSE 'ok' END AS result"
	" FROM room LEFT JOIN members m ON m.room_no = room.no AND m.user_id = $2::uuid"
	"), " COMING_ALONE ", " COME_IN
	" SELECT result, no, seq + (result = 'ok')::int, false FROM verdict",
};

void
members_join_calls(struct arena *a, const char *room_id, const char *user_id,
		   int64_t max_rooms, struct db_call out[MEMBERS_CALLS])
{
	out[0] = roomlog_lock_call(a, room_id);
	out[1] = DB_CALL_IN(a, &join, room_id, user_id, db_int(a, max_rooms));
}

/* ---- by an invite -------------------------------------------------------- */

static const struct stmt lock_invited = {
	"lock_invited_room",
	"SELECT set_config('foyer.held', coalesce(array_agg(h.room_no), '{}')::text, true)"
	" FROM (SELECT h.room_no FROM room_invites i"
	"  JOIN room_heads h ON h.room_no = i.room_no WHERE i.code = $1 FOR UPDATE OF h) h",
};

#define INVITED_ROOM HELD_ROOM_WHERE("r.no = (SELECT room_no FROM invite)")

/* $1 code, $2 who, $3 rooms at most. It runs under the room's lock, so uses are counted
 * exactly; the invite's row is locked so that it cannot be revoked meanwhile. A used-up
 * invite is kept for a day, so that somebody who joined by it may repeat the request. */
static const struct stmt join_invited = {
	"members_join_invited",
	"WITH invite AS MATERIALIZED ("
	" SELECT i.room_no, coalesce(i.uses >= i.max_uses, false) AS spent"
	" FROM room_invites i WHERE i.code = $1::text"
	" AND (i.expires_at IS NULL OR i.expires_at > statement_timestamp()) FOR UPDATE"
	"), " INVITED_ROOM ", verdict AS MATERIALIZED ("
	" SELECT room.*, CASE"
	"  WHEN NOT m.banned THEN 'unchanged'"
	"  WHEN invite.spent THEN 'no_room'"
	"  WHEN m.banned THEN 'banned'"
	"  WHEN member_count >= max_members THEN 'full'"
	"  WHEN " JOINS_TOO_MANY " THEN 'too_many'"
	"  ELSE 'ok' END AS result"
	" FROM room CROSS JOIN invite"
	" LEFT JOIN members m ON m.room_no = room.no AND m.user_id = $2::uuid"
	"), used AS ("
	" UPDATE room_invites i SET uses = i.uses + 1,"
	"  expires_at = CASE WHEN i.uses + 1 >= i.max_uses"
	"   THEN least(i.expires_at, statement_timestamp() + interval '1 day')"
	"   ELSE i.expires_at END"
	" FROM verdict v WHERE v.result = 'ok' AND i.code = $1::text"
	"), " COMING_ALONE ", " COME_IN
	" SELECT result, no, seq + (result = 'ok')::int, false FROM verdict",
};

void
members_join_invited_calls(struct arena *a, const char *code, const char *user_id,
			   int64_t max_rooms, struct db_call out[MEMBERS_CALLS])
{
	out[0] = DB_CALL_IN(a, &lock_invited, code);
	out[1] = DB_CALL_IN(a, &join_invited, code, user_id, db_int(a, max_rooms));
}

/* ---- brought by an admin ------------------------------------------------- */

#define LETS_ADD ALLOWED_ADD("$2::uuid", "whom.id")
#define IS_IN_TOO_MANY IN_TOO_MANY("whom.id", "$5::bigint")

/* $1 room, $2 by, $3 whom, $4 role, $5 rooms at most, $6 the key of a login. All of them
 * or none: the answer names the first who cannot be added. Members stay as they are. */
static const struct stmt add = {
	"members_add",
	"WITH " HELD_ROOM ", whom AS MATERIALIZED ("
	" SELECT DISTINCT ON (id) id, place"
	" FROM (SELECT * FROM unnest($3::uuid[]) WITH ORDINALITY AS i (id, place)"
	"  UNION ALL SELECT (SELECT id FROM users WHERE login_key = $6::text), 1"
	"  WHERE $6::text IS NOT NULL) i ORDER BY id, place"
	"), people AS MATERIALIZED ("
	" SELECT whom.*, CASE"
	"  WHEN u.id IS NULL THEN 'no_user'"
	"  WHEN m.banned THEN 'is_banned'"
	"  WHEN NOT m.banned THEN 'unchanged'"
	"  WHEN NOT " LETS_ADD " THEN 'refused'"
	"  WHEN " IS_IN_TOO_MANY " THEN 'too_many'"
	"  ELSE 'ok' END AS result"
	" FROM room CROSS JOIN whom LEFT JOIN users u ON u.id = whom.id"
	" LEFT JOIN members m ON m.room_no = room.no AND m.user_id = whom.id"
	"), verdict AS MATERIALIZED ("
	" SELECT room.*, refused.place, CASE"
	"  WHEN b.role IS NULL THEN 'no_room'"
	"  WHEN b.role = 'member' OR kind = 'direct'"
	"   OR ($4::member_role <> 'member' AND b.role <> 'owner') THEN 'forbidden'"
	"  WHEN refused.result IS NOT NULL THEN refused.result"
	"  WHEN new.count = 0 THEN 'unchanged'"
	"  WHEN member_count + new.count > max_members THEN 'full'"
	"  ELSE 'ok' END AS result, new.count"
	" FROM room CROSS JOIN (SELECT count(*) FROM people WHERE result = 'ok') new"
	" LEFT JOIN members b ON b.room_no = room.no AND b.user_id = $2::uuid AND NOT b.banned"
	" LEFT JOIN (SELECT result, place FROM people WHERE result NOT IN ('ok', 'unchanged')"
	"  ORDER BY place LIMIT 1) refused ON true"
	"), coming AS MATERIALIZED ("
	" SELECT v.no, v.seq, v.messages, p.id, $4::member_role AS role,"
	"  row_number() OVER (ORDER BY p.place) AS n"
	" FROM verdict v JOIN people p ON p.result = 'ok' WHERE v.result = 'ok'"
	"), " COME_IN
	" SELECT result, no, seq + CASE WHEN result = 'ok' THEN count ELSE 0 END, false, place"
	" FROM verdict",
};

void
members_add_calls(struct arena *a, const struct member_add *m,
		  struct db_call out[MEMBERS_CALLS])
{
	out[0] = roomlog_lock_call(a, m->room_id);
	out[1] = DB_CALL_IN(a, &add, m->room_id, m->by_id,
			    db_array(a, m->user_ids, m->user_count), m->role,
			    db_int(a, m->max_rooms), m->login_key);
}

void
members_add_read(const struct rows rows[MEMBERS_CALLS], struct member_outcome *out)
{
	members_read(rows, out);
	if (rows[1].count > 0)
		out->refused = (int)rows_int(&rows[1], 0, 4);
}

const struct stmt *const members_come_statements[] = { &join, &lock_invited,
						       &join_invited, &add, NULL };
