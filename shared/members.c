/* members.c -- see members.h. */
#include "shared/members.h"

#include "shared/allowed.h"
#include "shared/members_sql.h"

/* Every change ends with the same answer: result, room, its last seq, removed. */

/* When the owner leaves, the oldest admin, else the oldest member, becomes owner. A room
 * without members is removed with everything in it. The lobby stays, and only an admin of
 * it or an administrator can inherit it: it may have no owner. A direct room can be left
 * by whom the other one's removed account has left alone in it. */
#define MAY_FOLLOW                                                                  \
	"(NOT room.is_lobby OR o.role = 'admin' OR (SELECT u.is_admin FROM users u" \
	" WHERE u.id = o.user_id))"
/* clang-format off */
static const struct stmt leave = {
	"members_leave",
	"WITH " HELD_ROOM ", verdict AS MATERIALIZED ("
	" SELECT room.*, m.role, m.muted_until, m.posted_at,"
	"  is_lobby OR member_count > 1 AS stays,"
	"  CASE WHEN m.role = 'owner' THEN (SELECT o.user_id FROM members o"
	"   WHERE o.room_no = room.no AND NOT o.banned AND o.user_id <> $2::uuid"
	"   AND " MAY_FOLLOW " ORDER BY o.role DESC, o.joined_at, o.user_id LIMIT 1)"
	"   END AS heir, CASE"
	"  WHEN m.banned IS NULL OR m.banned THEN 'no_room'"
	"  WHEN kind = 'direct' AND member_count > 1 THEN 'forbidden'"
	"  ELSE 'ok' END AS result"
	" FROM room LEFT JOIN members m ON m.room_no = room.no AND m.user_id = $2::uuid"
	"), left_ AS ("
	" DELETE FROM members m USING verdict v WHERE v.result = 'ok'"
	" AND m.room_no = v.no AND m.user_id = $2::uuid AND v.stays"
	"), removed AS ("
	" DELETE FROM rooms r USING verdict v WHERE v.result = 'ok' AND NOT v.stays"
	" AND r.no = v.no"
	"), " KEEP_FORMER("$2::uuid", "muted_until", "posted_at",
			  "result = 'ok' AND stays")
	", " GO_OUT("verdict", "v.result = 'ok'")
	" SELECT result, no, seq + CASE WHEN result <> 'ok' THEN 0"
	"  WHEN heir IS NOT NULL THEN 2 ELSE 1 END, result = 'ok' AND NOT stays"
	" FROM verdict",
};
/* clang-format on */

void
members_leave_calls(struct arena *a, const char *room_id, const char *user_id,
		    struct db_call out[MEMBERS_CALLS])
{
	out[0] = roomlog_lock_call(a, room_id);
	out[1] = DB_CALL_IN(a, &leave, room_id, user_id);
}

/* $1 room, $2 by, $3 whom, $4 role, $5 set muted, $6 muted_until, $7 banned, $8 remove,
 * $9 rooms at most. The owner may change everything about others; admins may change plain
 * members, but not roles. Only the owner gives roles; giving away `owner` makes the giver
 * an admin. An owner cannot be muted, since nobody could lift it. A ban takes the role
 * away too. Lifting a ban restores the membership under the rules for adding somebody.
 * Removing somebody who is banned forgets them; the event `unbanned` then has no role.
 * The invites of somebody who is put out are deleted. */
/* clang-format off */
#define LETS_ADD ALLOWED_ADD("$2::uuid", "$3::uuid")
#define IS_IN_TOO_MANY IN_TOO_MANY("$3::uuid", "$9::bigint")
static const struct stmt change = {
	"members_change",
	"WITH " HELD_ROOM ", asked AS MATERIALIZED ("
	" SELECT room.*, b.role AS by_role, m.role AS old_role, m.banned AS old_banned,"
	"  m.muted_until AS old_muted, m.posted_at, u.id AS user_id,"
	"  coalesce($7::boolean, m.banned, false) AS new_banned,"
	"  CASE WHEN $4::member_role = 'owner' THEN NULL"
	"   WHEN $5::boolean THEN $6::timestamptz(3) ELSE m.muted_until END AS new_muted,"
	"  CASE WHEN coalesce($7::boolean, m.banned, false) THEN 'member'"
	"   ELSE coalesce($4::member_role, m.role, 'member') END AS new_role"
	" FROM room"
	" LEFT JOIN members b ON b.room_no = room.no AND b.user_id = $2::uuid AND NOT b.banned"
	" LEFT JOIN members m ON m.room_no = room.no AND m.user_id = $3::uuid"
	" LEFT JOIN users u ON u.id = $3::uuid"
	"), verdict AS MATERIALIZED ("
	" SELECT asked.*, CASE"
	"  WHEN by_role IS NULL THEN 'no_room'"
	"  WHEN by_role = 'member' OR kind = 'direct' OR $2::uuid = $3::uuid THEN 'forbidden'"
	"  WHEN user_id IS NULL OR (old_banned IS NULL"
	"   AND ($8::boolean OR $7::boolean IS NOT TRUE)) THEN 'no_user'"
	"  WHEN by_role = 'admin' AND (old_role <> 'member' OR new_role <> 'member')"
	"   THEN 'forbidden'"
	"  WHEN NOT old_banned OR new_banned OR $8::boolean THEN 'ok'"
	"  WHEN NOT " LETS_ADD " THEN 'refused'"
	"  WHEN " IS_IN_TOO_MANY " THEN 'too_many'"
	"  WHEN member_count >= max_members THEN 'full'"
	"  ELSE 'ok' END AS result FROM asked"
	"), events AS MATERIALIZED ("
	" SELECT v.*, row_number() OVER (ORDER BY e.n) AS n, e.subject, e.data"
	" FROM verdict v CROSS JOIN LATERAL (VALUES"
	"  (1, $3::uuid, 'left', v.old_role, NULL::timestamptz, $8::boolean AND NOT v.old_banned),"
	"  (2, $3::uuid, 'unbanned', CASE WHEN $8 THEN NULL ELSE v.new_role END,"
	"   CASE WHEN NOT $8 THEN v.new_muted END, v.old_banned AND (NOT v.new_banned OR $8)),"
	"  (3, $3::uuid, 'banned', 'member', NULL, v.new_banned AND NOT $8"
	"   AND v.old_banned IS NOT TRUE),"
	"  (4, $3::uuid, 'role', v.new_role, v.new_muted, NOT $8 AND NOT v.new_banned"
	"   AND v.new_role <> v.old_role),"
	"  (5, $2::uuid, 'role', 'admin', NULL, NOT $8 AND v.new_role = 'owner'"
	"   AND v.old_role <> 'owner'),"
	"  (6, $3::uuid, 'muted', v.new_role, v.new_muted, NOT $8 AND NOT v.new_banned"
	"   AND v.new_muted IS DISTINCT FROM v.old_muted)"
	"  ) AS w (n, subject, action, role, muted, happens)"
	" CROSS JOIN LATERAL (SELECT w.n, w.subject, jsonb_build_object("
	"  'action', w.action, 'role', w.role, 'muted_until',"
	"  " MUTED_UNTIL("w.muted") ") AS data) e"
	" WHERE v.result = 'ok' AND w.happens"
	"), " KEEP_FORMER("$3::uuid", "old_muted", "posted_at",
			  "result = 'ok' AND $8::boolean AND NOT old_banned")
	", gone AS ("
	" DELETE FROM members m USING verdict v WHERE v.result = 'ok' AND $8::boolean"
	" AND m.room_no = v.no AND m.user_id = $3::uuid"
	"), gave AS ("
	" UPDATE members m SET role = 'admin' FROM verdict v WHERE v.result = 'ok'"
	" AND NOT $8::boolean AND v.new_role = 'owner' AND v.old_role <> 'owner'"
	" AND m.room_no = v.no AND m.user_id = $2::uuid"
	"), kept AS ("
	" INSERT INTO members AS m (room_no, user_id, role, banned, muted_until)"
	" SELECT no, $3::uuid, new_role::member_role, new_banned, new_muted"
	" FROM verdict WHERE result = 'ok' AND NOT $8::boolean"
	"  AND NOT (old_banned AND NOT new_banned)"
	" ON CONFLICT (room_no, user_id) DO UPDATE SET role = excluded.role,"
	"  banned = excluded.banned, muted_until = excluded.muted_until"
	"), back AS ("
	" UPDATE members m SET role = v.new_role, banned = false, muted_until = v.new_muted,"
	"  joined_at = now(), joined_seq = v.seq + 1, read_seq = v.seq + 1,"
	"  read_messages = v.messages, delivered_seq = v.seq + 1"
	" FROM verdict v WHERE v.result = 'ok' AND NOT $8::boolean"
	"  AND v.old_banned AND NOT v.new_banned"
	"  AND m.room_no = v.no AND m.user_id = $3::uuid"
	"), revoked AS ("
	" DELETE FROM room_invites i USING verdict v WHERE v.result = 'ok'"
	" AND ($8::boolean OR v.new_banned) AND i.room_no = v.no AND i.created_by = $3::uuid"
	"), told AS ("
	" INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, subject_id, type,"
	"  data)"
	" SELECT no, seq + n, messages, statement_timestamp(), $2::uuid, subject, 'member',"
	"  data FROM events"
	"), moved AS ("
	" UPDATE room_heads h SET seq = v.seq + (SELECT count(*) FROM events),"
	"  member_count = v.member_count"
	"   - (v.old_banned IS FALSE AND ($8::boolean OR v.new_banned))::int"
	"   + (v.old_banned IS TRUE AND NOT v.new_banned AND NOT $8::boolean)::int"
	" FROM verdict v WHERE v.result = 'ok' AND h.room_no = v.no"
	") SELECT CASE WHEN result = 'ok' AND NOT EXISTS (SELECT FROM events)"
	"  THEN 'unchanged' ELSE result END, no, seq + (SELECT count(*) FROM events), false"
	" FROM verdict",
};
/* clang-format on */

static const char *
flag(bool value)
{
	return value ? "true" : "false";
}

void
members_change_calls(struct arena *a, const struct member_change *c,
		     struct db_call out[MEMBERS_CALLS])
{
	out[0] = roomlog_lock_call(a, c->room_id);
	out[1] = DB_CALL_IN(a, &change, c->room_id, c->by_id, c->user_id, c->role,
			    flag(c->given_muted_until), db_time(a, c->muted_until),
			    c->banned < 0 ? NULL : flag(c->banned), flag(c->remove),
			    c->max_rooms ? db_int(a, c->max_rooms) : NULL);
}

static const char *const result_names[] = {
	[MEMBER_OK] = "ok",
	[MEMBER_UNCHANGED] = "unchanged",
	[MEMBER_NO_ROOM] = "no_room",
	[MEMBER_FULL] = "full",
	[MEMBER_BANNED] = "banned",
	[MEMBER_FORBIDDEN] = "forbidden",
	[MEMBER_NO_USER] = "no_user",
	[MEMBER_IS_BANNED] = "is_banned",
	[MEMBER_TOO_MANY] = "too_many",
	[MEMBER_REFUSED] = "refused",
	[MEMBER_RESULT_COUNT] = NULL,
};

void
members_read(const struct rows rows[MEMBERS_CALLS], struct member_outcome *out)
{
	const struct rows *r = &rows[1];

	if (r->count == 0) { /* no room with this id */
		*out = (struct member_outcome){ .result = MEMBER_NO_ROOM };
		return;
	}
	*out = (struct member_outcome){
		.result =
			(enum member_result)name_index(result_names, rows_text(r, 0, 0)),
		.room_no = rows_int(r, 0, 1),
		.seq = rows_int(r, 0, 2),
		.room_removed = rows_bool(r, 0, 3),
	};
}

enum err
member_problem(const struct member_outcome *o, struct problem *p)
{
	switch (o->result) {
	case MEMBER_OK:
	case MEMBER_UNCHANGED:
		return OK;
	case MEMBER_FULL:
		return problem_fail(p, ERR_CONFLICT, "room_full", "The room is full.");
	case MEMBER_BANNED:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You are banned from this room.");
	case MEMBER_TOO_MANY:
		return problem_fail(p, ERR_CONFLICT, "too_many_rooms",
				    "You are in the maximum number of rooms.");
	case MEMBER_FORBIDDEN:
		return ERR_FORBIDDEN;
	case MEMBER_REFUSED:
		return allowed_problem(p);
	default:
		return ERR_NOT_FOUND;
	}
}

const struct stmt *const members_statements[] = { &leave, &change, NULL };
