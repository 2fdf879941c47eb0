/* marks.c -- see marks.h. */
#include "shared/marks.h"

/* Posting moves the same mark under the room's lock: the later of the two waits for
 * the row, and then finds where it stands. */
static const struct stmt read_up_to = {
	"marks_read",
	"WITH mark AS MATERIALIZED ("
	" SELECT m.room_no, m.user_id, l.seq, l.ordinal FROM rooms r"
	" JOIN room_heads h ON h.room_no = r.no"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid AND NOT m.banned"
	" LEFT JOIN log l ON l.room_no = r.no AND l.seq = least($3::bigint, h.seq)"
	" WHERE r.id = $1::uuid"
	"), moved AS ("
	" UPDATE members m SET read_seq = mark.seq, read_messages = mark.ordinal,"
	"  delivered_seq = greatest(m.delivered_seq, mark.seq)"
	" FROM mark WHERE m.room_no = mark.room_no AND m.user_id = mark.user_id"
	"  AND m.read_seq < mark.seq"
	") SELECT true FROM mark",
};

static const struct stmt delivered_up_to = {
	"marks_delivered",
	"WITH mark AS MATERIALIZED ("
	" SELECT m.room_no, m.user_id, least($3::bigint, h.seq) AS seq FROM rooms r"
	" JOIN room_heads h ON h.room_no = r.no"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid AND NOT m.banned"
	" WHERE r.id = $1::uuid"
	"), moved AS ("
	" UPDATE members m SET delivered_seq = mark.seq"
	" FROM mark WHERE m.room_no = mark.room_no AND m.user_id = mark.user_id"
	"  AND m.delivered_seq < mark.seq"
	") SELECT true FROM mark",
};

struct db_call
marks_delivered_call(struct arena *a, const char *room_id, const char *user_id,
		     int64_t seq)
{
	return DB_CALL_IN(a, &delivered_up_to, room_id, user_id, db_int(a, seq));
}

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

const struct stmt *const marks_statements[] = { &read_up_to, &delivered_up_to, NULL };
