/* marks.c -- see marks.h. */
#include "shared/marks.h"

#include "shared/receipts_sql.h"

enum { AUTHORS_OF = 200 }; /* messages that are searched for their authors */

/* Posting moves the same mark under the room's lock. The later of the two waits for the
 * row and then sees its new value. */
static const struct stmt read_up_to = {
	"marks_read",
	"WITH mark AS MATERIALIZED ("
	" SELECT m.room_no, m.user_id, l.seq, l.ordinal FROM rooms r"
	" JOIN room_heads h ON h.room_no = r.no"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid AND NOT m.banned"
	" LEFT JOIN LATERAL (SELECT x.seq, x.ordinal FROM log x WHERE x.room_no = r.no"
	"  AND x.seq = least($3::bigint, h.seq) LIMIT 1) l ON true"
	" WHERE r.id = $1::uuid"
	"), moved AS ("
	" UPDATE members m SET read_seq = mark.seq, read_messages = mark.ordinal,"
	"  delivered_seq = greatest(m.delivered_seq, mark.seq)"
	" FROM mark WHERE m.room_no = mark.room_no AND m.user_id = mark.user_id"
	"  AND m.read_seq < mark.seq"
	" RETURNING 1"
	") SELECT EXISTS (SELECT FROM moved) FROM mark",
};

struct db_call
marks_read_call(struct arena *a, const char *room_id, const char *user_id, int64_t seq)
{
	return DB_CALL_IN(a, &read_up_to, room_id, user_id, db_int(a, seq));
}

enum err
marks_read_result(const struct rows *rows)
{
	return rows->count ? OK : ERR_NOT_FOUND;
}

bool
marks_read_moved(const struct rows *rows)
{
	return rows_bool(rows, 0, 0);
}

/* ---- many at once -------------------------------------------------------- */

/* Rows that another transaction has locked are skipped, so this statement waits for
 * nobody. Therefore it cannot deadlock with posting, which also moves the marks of
 * several people.
 *
 * LATERAL with LIMIT makes each a probe of one index, whenever it was planned.
 *
 * In large rooms only, it also returns the authors of the messages that the mark passed,
 * or of the last of them if it is not known where the mark was. */
static const struct stmt move = {
	"marks_move",
	/* clang-format off */
	"WITH asked AS MATERIALIZED ("
	" SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])"
	"  WITH ORDINALITY AS a (room_id, user_id, read_to, delivered_to, ord)"
	"), held AS MATERIALIZED ("
	" SELECT a.ord, m.room_no, m.user_id, m.read_seq, m.delivered_seq,"
	"  coalesce(l.seq, 0) AS read_to, l.ordinal,"
	"  greatest(least(a.delivered_to, h.seq), l.seq, 0) AS delivered_to,"
	"  " RECEIPTS_SHOWN("$5::bigint") " AS shown,"
	"  h.member_count > $6::bigint AS large"
	" FROM asked a JOIN rooms r ON r.id = a.room_id"
	" JOIN room_heads h ON h.room_no = r.no"
	" JOIN LATERAL (SELECT * FROM members x WHERE x.room_no = r.no"
	"  AND x.user_id = a.user_id AND NOT x.banned LIMIT 1 FOR UPDATE SKIP LOCKED"
	" ) m ON true"
	" LEFT JOIN LATERAL (SELECT x.seq, x.ordinal FROM log x WHERE x.room_no = r.no"
	"  AND x.seq = least(a.read_to, h.seq) LIMIT 1) l ON true"
	"), moved AS ("
	" UPDATE members m SET read_seq = greatest(m.read_seq, held.read_to),"
	"  read_messages = CASE WHEN held.read_to > m.read_seq THEN held.ordinal"
	"   ELSE m.read_messages END,"
	"  delivered_seq = greatest(m.delivered_seq, held.delivered_to)"
	" FROM held WHERE m.room_no = held.room_no AND m.user_id = held.user_id"
	"  AND (held.read_to > m.read_seq OR held.delivered_to > m.delivered_seq)"
	"), now AS MATERIALIZED ("
	" SELECT *, greatest(read_seq, read_to) AS is_read,"
	"  greatest(read_seq, read_to, delivered_seq, delivered_to) AS is_delivered,"
	"  read_to > read_seq OR delivered_to > delivered_seq AS has_moved,"
	"  CASE WHEN read_to > read_seq THEN read_seq"
	"   WHEN delivered_to > delivered_seq THEN greatest(delivered_seq, read_seq)"
	"   ELSE 0 END AS was FROM held"
	") SELECT"
	"  now.ord IS NULL AND (SELECT true FROM members m WHERE m.room_no ="
	"   (SELECT r.no FROM rooms r WHERE r.id = a.room_id)"
	"   AND m.user_id = a.user_id AND NOT m.banned) IS NOT NULL,"
	"  now.ord IS NOT NULL, coalesce(now.has_moved, false), now.is_read,"
	"  now.is_delivered, now.shown, now.large,"
	"  (SELECT (u.settings->>'send_receipts')::boolean FROM users u"
	"   WHERE u.id = a.user_id),"
	"  CASE WHEN now.shown AND now.large THEN (SELECT array_to_json(array_agg("
	"   DISTINCT said.actor_id)) FROM (SELECT l.actor_id FROM log l"
	"    WHERE l.room_no = now.room_no AND l.type = 'message'"
	"    AND l.seq <= now.is_delivered AND l.seq > now.was"
	"    ORDER BY l.seq DESC LIMIT $7::bigint) said) END"
	" FROM asked a LEFT JOIN now ON now.ord = a.ord"
	" ORDER BY a.ord",
	/* clang-format on */
};

struct db_call
marks_move_call(struct arena *a, const struct mark *marks, int count)
{
	enum { ROOM, USER, READ, DELIVERED, COLUMNS };
	const char **column[COLUMNS];

	for (int c = 0; c < COLUMNS; c++)
		column[c] = ARENA_ARRAY(a, const char *, (size_t)count);
	for (int i = 0; i < count; i++) {
		column[ROOM][i] = marks[i].room_id;
		column[USER][i] = marks[i].user_id;
		column[READ][i] = db_int(a, marks[i].read_seq);
		column[DELIVERED][i] = db_int(a, marks[i].delivered_seq);
	}
	return DB_CALL_IN(
		a, &move, db_array(a, column[ROOM], count),
		db_array(a, column[USER], count), db_array(a, column[READ], count),
		db_array(a, column[DELIVERED], count), db_int(a, RECEIPTS_MEMBERS_MAX),
		db_int(a, RECEIPTS_ALL_MAX), db_int(a, AUTHORS_OF));
}

struct mark_moved
marks_moved(const struct rows *rows, int i)
{
	return (struct mark_moved){
		.is_busy = rows_bool(rows, i, 0),
		.is_member = rows_bool(rows, i, 1),
		.has_moved = rows_bool(rows, i, 2),
		.read_seq = rows_int(rows, i, 3),
		.delivered_seq = rows_int(rows, i, 4),
		.shown = rows_bool(rows, i, 5),
		.is_large = rows_bool(rows, i, 6),
		.sends = rows_bool(rows, i, 7),
		.authors = rows_text(rows, i, 8),
	};
}

const struct stmt *const marks_statements[] = { &read_up_to, &move, NULL };
