/* room_read.c -- see room_read.h. */
#include "shared/room_read.h"

static struct room_me
room_me_from(const struct rows *r, int row)
{
	return (struct room_me){
		.role = (enum member_role)name_index(member_role_names,
						     rows_text(r, row, 14)),
		.joined_at = rows_int(r, row, 15),
		.read_seq = rows_int(r, row, 16),
		.unread = rows_int(r, row, 17),
		.mentions = rows_int(r, row, 18),
		.muted_until = rows_int(r, row, 19),
		.notify = rows_text(r, row, 20),
	};
}

void
room_from(const struct rows *r, int row, struct room *out)
{
	*out = (struct room){
		.no = rows_int(r, row, 0),
		.id = rows_text(r, row, 1),
		.kind = (enum room_kind)name_index(room_kind_names, rows_text(r, row, 2)),
		.name = rows_text(r, row, 3),
		.description = rows_text(r, row, 4),
		.avatar = rows_text(r, row, 5),
		.join_by_id = rows_bool(r, row, 6),
		.max_members = rows_int(r, row, 7),
		.settings = rows_text(r, row, 8),
		.created_at = rows_int(r, row, 9),
		.seq = rows_int(r, row, 10),
		.member_count = rows_int(r, row, 11),
		.owner_id = rows_text(r, row, 12),
		.is_member = rows_bool(r, row, 13),
		.peer = user_from(r, row, ROOM_PEER),
	};
	if (out->is_member)
		out->me = room_me_from(r, row);
	if (!rows_is_null(r, row, ROOM_LAST)) {
		roomlog_event_from(r, row, ROOM_LAST, out->id, &out->last_message);
		out->last_message.status = rows_text(r, row, ROOM_LAST_STATUS);
	}
}

/* ---- one room ------------------------------------------------------------ */

const struct stmt room_get_statement = {
	"room_get",
	"WITH page AS (SELECT no FROM rooms WHERE id = $2)"
	" SELECT " ROOM_COLUMNS ROOM_JOINS
	" WHERE m.user_id IS NOT NULL OR r.kind = 'public'",
};

struct db_call
room_get_call(struct arena *a, const char *viewer, const char *room_id)
{
	return DB_CALL_IN(a, &room_get_statement, viewer, room_id);
}

enum err
room_get_read(const struct rows *rows, struct room *out)
{
	if (rows->count == 0)
		return ERR_NOT_FOUND;
	room_from(rows, 0, out);
	return OK;
}

const struct stmt *const room_read_statements[] = { &room_get_statement, NULL };
