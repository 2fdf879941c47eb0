/* activity_store.c -- see activity_store.h. */
#include "broker/activity_store.h"

#include "shared/roomlog.h"

enum { LAST = 6 };

/* LATERAL with LIMIT: one probe of one index each, whenever the plan was made. */
static const struct stmt activity = {
	"activity",
	"WITH mine AS MATERIALIZED ("
	" SELECT m.*, a.ord, row_number() OVER (PARTITION BY m.room_no ORDER BY a.ord) = 1"
	"  AS is_first"
	" FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS a (room_no, user_id, ord)"
	" JOIN LATERAL (SELECT x.room_no, x.user_id, x.read_seq, x.read_messages,"
	"  x.joined_seq FROM members x WHERE x.room_no = a.room_no"
	"  AND x.user_id = a.user_id AND NOT x.banned LIMIT 1) m ON true"
	") SELECT r.id, m.user_id, h.seq, " ROOMLOG_UNREAD ", " ROOMLOG_MENTIONS
	", r.settings->>'history' = 'all' OR h.last_message >= m.joined_seq"
	", " ROOMLOG_COLUMNS " FROM mine m"
	" JOIN LATERAL (SELECT x.id, x.settings FROM rooms x"
	"  WHERE x.no = m.room_no LIMIT 1) r ON true"
	" JOIN LATERAL (SELECT x.* FROM room_heads x"
	"  WHERE x.room_no = m.room_no LIMIT 1) h ON true"
	" LEFT JOIN LATERAL (SELECT x.* FROM log x WHERE m.is_first"
	"  AND x.room_no = m.room_no AND x.seq = h.last_message LIMIT 1) l ON true" ROOMLOG_JOINS
	" ORDER BY m.ord",
};

struct db_call
activity_call(struct arena *a, const int64_t *room_nos, const char *const *user_ids,
	      int count)
{
	return DB_CALL_IN(a, &activity, db_array_int(a, room_nos, count),
			  db_array(a, user_ids, count));
}

void
activity_row_from(const struct rows *r, int row, struct activity_row *out)
{
	*out = (struct activity_row){
		.room_id = rows_text(r, row, 0),
		.user_id = rows_text(r, row, 1),
		.seq = rows_int(r, row, 2),
		.unread = rows_int(r, row, 3),
		.mentions = rows_int(r, row, 4),
		.sees_last = rows_bool(r, row, 5),
	};
	if (!rows_is_null(r, row, LAST))
		roomlog_event_from(r, row, LAST, out->room_id, &out->last);
}

const struct stmt *const activity_statements[] = { &activity, NULL };
