#include "fcgi/admin_store.h"
#include "shared/roomlog.h"

static const struct stmt list = {
	"admin_rooms_list",
	"SELECT r.no, r.id, r.kind, r.name,"
	" (SELECT m.user_id FROM members m WHERE m.room_no = r.no AND m.role = 'owner'),"
	" h.member_count, h.messages, ms(r.created_at), ms(h.active_at)"
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	" WHERE ($2::bigint = 0 OR r.no < $2)"
	" AND ($1::text IS NULL OR strpos(lower(r.name), lower($1)) > 0)"
	" ORDER BY r.no DESC LIMIT $3::bigint + 1",
};

enum err
admin_rooms_list(struct db *db, struct arena *a, const char *key, int64_t before,
		 int64_t limit, int *out_count, struct admin_room **out)
{
	struct rows r;

	TRY(db_query(db, a, &DB_CALL(&list, key, db_int(a, before), db_int(a, limit)),
		     &r));
	*out_count = r.count;
	*out = ARENA_ARRAY(a, struct admin_room, (size_t)r.count);
	for (int i = 0; i < r.count; i++)
		(*out)[i] = (struct admin_room){
			.no = rows_int(&r, i, 0),
			.id = rows_text(&r, i, 1),
			.kind = rows_text(&r, i, 2),
			.name = rows_text(&r, i, 3),
			.owner_id = rows_text(&r, i, 4),
			.member_count = rows_int(&r, i, 5),
			.message_count = rows_int(&r, i, 6),
			.created_at = rows_int(&r, i, 7),
			.active_at = rows_int(&r, i, 8),
		};
	return OK;
}

/* As its owner would remove it; direct rooms too. */
static const struct stmt remove_room = {
	"admin_room_remove",
	"WITH held AS MATERIALIZED (SELECT r.no, h.seq FROM rooms r"
	"  JOIN room_heads h ON h.room_no = r.no"
	"  WHERE r.id = $1 AND r.no = " ROOMLOG_HELD "), removed AS ("
	" DELETE FROM rooms r USING held WHERE r.no = held.no"
	") SELECT seq + 1 FROM held",
};

enum err
admin_room_remove(struct db *db, struct arena *a, const char *room_id, int64_t *out_seq)
{
	const struct db_call calls[] = { roomlog_lock_call(a, room_id),
					 DB_CALL(&remove_room, room_id) };
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	if (rows[1].count == 0)
		return ERR_NOT_FOUND;
	*out_seq = rows_int(&rows[1], 0, 0);
	return OK;
}

static const struct stmt stats = {
	"admin_stats",
	"SELECT p.*, (SELECT count(*) FROM sessions WHERE expires_at > now()), r.*,"
	" (SELECT coalesce(sum(messages), 0)::bigint FROM room_heads),"
	" (SELECT count(*) FROM files),"
	" (SELECT coalesce(sum(size), 0)::bigint FROM blobs)"
	" FROM (SELECT count(*), count(*) FILTER (WHERE disabled_at IS NOT NULL),"
	"  count(*) FILTER (WHERE is_admin) FROM users) p,"
	" (SELECT count(*) FILTER (WHERE kind = 'public'),"
	"  count(*) FILTER (WHERE kind = 'group'),"
	"  count(*) FILTER (WHERE kind = 'direct') FROM rooms) r",
};

enum err
admin_stats_read(struct db *db, struct arena *a, struct admin_stats *out)
{
	struct rows r;

	TRY(db_query(db, a, &DB_CALL(&stats), &r));
	*out = (struct admin_stats){
		.users = rows_int(&r, 0, 0),
		.disabled = rows_int(&r, 0, 1),
		.admins = rows_int(&r, 0, 2),
		.sessions = rows_int(&r, 0, 3),
		.public_rooms = rows_int(&r, 0, 4),
		.groups = rows_int(&r, 0, 5),
		.directs = rows_int(&r, 0, 6),
		.messages = rows_int(&r, 0, 7),
		.files = rows_int(&r, 0, 8),
		.file_bytes = rows_int(&r, 0, 9),
	};
	return OK;
}

const struct stmt *const admin_rooms_statements[] = { &list, &remove_room, &stats, NULL };
