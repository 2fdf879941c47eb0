/* audience_store.c -- see audience_store.h. */
#include "broker/audience_store.h"

#include <string.h>

/* LATERAL with LIMIT: one probe of one index per room, whenever the plan was made. */
static const struct stmt rooms = {
	"audience_rooms",
	"SELECT room.id, m.room_no, room.seq, room.is_public FROM members m"
	" JOIN LATERAL (SELECT r.id, r.kind = 'public' AS is_public, h.seq"
	"  FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	"  WHERE r.no = m.room_no LIMIT 1) room ON true"
	" WHERE m.user_id = $1::uuid AND NOT m.banned",
};

struct db_call
audience_rooms_call(struct arena *a, const char *user_id)
{
	return DB_CALL_IN(a, &rooms, user_id);
}

struct crowd_facts
audience_room_from(const struct rows *r, int row)
{
	return (struct crowd_facts){
		.id = rows_text(r, row, 0),
		.no = rows_int(r, row, 1),
		.seq = rows_int(r, row, 2),
		.is_public = rows_bool(r, row, 3),
	};
}

/* ---- who came and went --------------------------------------------------- */

/* The range of the partial index first, whatever the planner thinks of the rest. */
static const struct stmt touched = {
	"membership_touched",
	"WITH recent AS MATERIALIZED ("
	" SELECT l.room_no, l.seq, l.subject_id, l.data->>'action' AS action,"
	"  l.actor_id = l.subject_id AS alone"
	" FROM log l WHERE l.type = 'member'"
	"  AND l.created_at >= now() - $1::bigint * interval '1 ms'"
	"), last AS MATERIALIZED ("
	" SELECT DISTINCT ON (room_no, subject_id) * FROM recent"
	" WHERE action IN ('joined', 'left', 'banned', 'unbanned')"
	" ORDER BY room_no, subject_id, seq DESC"
	") SELECT room.id, last.room_no, room.seq, room.is_public, last.subject_id,"
	"  m.is_in IS NOT NULL, last.action, last.alone FROM last"
	" JOIN LATERAL (SELECT r.id, r.kind = 'public' AS is_public, h.seq"
	"  FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	"  WHERE r.no = last.room_no LIMIT 1) room ON true"
	" LEFT JOIN LATERAL (SELECT true AS is_in FROM members m"
	"  WHERE m.room_no = last.room_no AND m.user_id = last.subject_id"
	"  AND NOT m.banned LIMIT 1) m ON true",
};

struct db_call
membership_touched_call(struct arena *a, int64_t age_ms)
{
	return DB_CALL_IN(a, &touched, db_int(a, age_ms));
}

struct membership_row
membership_row_from(const struct rows *r, int row)
{
	const char *action = rows_text(r, row, 6);
	bool left_alone = strcmp(action, "left") == 0 && rows_bool(r, row, 7);

	return (struct membership_row){
		.room = audience_room_from(r, row),
		.user_id = rows_text(r, row, 4),
		.is_member = rows_bool(r, row, 5),
		.reason = strcmp(action, "banned") == 0 ? "banned"
			  : left_alone			? "left"
							: "removed",
	};
}

static const struct stmt removed = {
	"membership_removed",
	"SELECT room_id FROM removed_rooms"
	" WHERE removed_at >= now() - $1::bigint * interval '1 ms'",
};

struct db_call
membership_removed_call(struct arena *a, int64_t age_ms)
{
	return DB_CALL_IN(a, &removed, db_int(a, age_ms));
}

const struct stmt *const membership_statements[] = { &touched, &removed, NULL };
const struct stmt *const audience_statements[] = { &rooms, NULL };
