/* audience_store.c -- see audience_store.h. */
#include "broker/audience_store.h"

/* LATERAL with LIMIT: one probe of one index a room, whenever it was planned. */
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

const struct stmt *const audience_statements[] = { &rooms, NULL };
