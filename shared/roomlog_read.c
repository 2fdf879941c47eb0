/* roomlog_read.c -- see roomlog.h. Reading. */
#include "shared/roomlog.h"

static const struct stmt after = {
	"log_after",
	"SELECT " ROOMLOG_COLUMNS " FROM log l" ROOMLOG_JOINS
	" WHERE l.room_no = $1 AND l.seq > $2 ORDER BY l.seq LIMIT $3",
};

struct db_call
roomlog_after_call(struct arena *a, int64_t room_no, int64_t after_seq, int64_t limit)
{
	return DB_CALL_IN(a, &after, db_int(a, room_no), db_int(a, after_seq),
			  db_int(a, limit));
}

/* A group that nobody may join by its id stays hidden from strangers. Every room stays
 * hidden from people who are banned, but they are told why. */
static const struct stmt listen = {
	"log_listen",
	"SELECT r.no, h.seq, h.first_seq, h.member_count, r.max_members,"
	"  m.banned IS NOT NULL AND NOT m.banned, coalesce(m.banned, false),"
	"  m.joined_seq, " IS_SINCE_JOIN
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = $2"
	" WHERE r.id = $1 AND (m.user_id IS NOT NULL OR r.kind = 'public'"
	"  OR (r.kind = 'group' AND r.join_by_id))",
};

struct db_call
roomlog_listen_call(struct arena *a, const char *room_id, const char *user_id)
{
	return DB_CALL_IN(a, &listen, room_id, user_id);
}

enum err
roomlog_listen_read(const struct rows *r, struct listening *out)
{
	if (r->count == 0)
		return ERR_NOT_FOUND;
	*out = (struct listening){
		.room_no = rows_int(r, 0, 0),
		.seq = rows_int(r, 0, 1),
		.first_seq = rows_int(r, 0, 2),
		.member_count = rows_int(r, 0, 3),
		.max_members = rows_int(r, 0, 4),
		.is_member = rows_bool(r, 0, 5),
		.is_banned = rows_bool(r, 0, 6),
		.joined_seq = rows_int(r, 0, 7),
		.is_since_join = rows_bool(r, 0, 8),
	};
	return OK;
}

bool
roomlog_may_be_veiled(const struct event *e)
{
	return e->type == EVENT_EDITED || e->type == EVENT_REACTION;
}

bool
roomlog_is_veiled(const struct event *e, int64_t visible_from)
{
	return roomlog_may_be_veiled(e) && e->target_seq < visible_from;
}

struct event
roomlog_veil(const struct event *e)
{
	struct event bare = *e;

	bare.text = bare.mentions = bare.data = NULL;
	bare.actor = (struct person){};
	return bare;
}

static const struct stmt heads = {
	"log_heads",
	"SELECT h.room_no, h.seq FROM unnest($1::bigint[]) AS asked (no)"
	" JOIN room_heads h ON h.room_no = asked.no",
};

struct db_call
roomlog_heads_call(struct arena *a, const int64_t *room_nos, int count)
{
	return DB_CALL_IN(a, &heads, db_array_int(a, room_nos, count));
}

static const struct stmt recent = {
	"log_recent",
	"SELECT r.id, h.seq, m.read_seq, " ROOMLOG_UNREAD ", " ROOMLOG_MENTIONS
	" FROM members m JOIN room_heads h ON h.room_no = m.room_no"
	" JOIN rooms r ON r.no = m.room_no"
	" WHERE m.user_id = $1 AND NOT m.banned"
	" ORDER BY h.active_at DESC, h.room_no DESC LIMIT $2::bigint + 1",
};

struct db_call
roomlog_recent_call(struct arena *a, const char *user_id, int64_t limit)
{
	return DB_CALL_IN(a, &recent, user_id, db_int(a, limit));
}

struct person
roomlog_person_from(const struct rows *r, int row, int col)
{
	return (struct person){
		.id = rows_text(r, row, col),
		.login = rows_text(r, row, col + 1),
		.first_name = rows_text(r, row, col + 2),
		.last_name = rows_text(r, row, col + 3),
		.avatar = rows_text(r, row, col + 4),
	};
}

void
roomlog_message_from(const struct rows *r, int row, int c, const char *room_id,
		     struct event *out)
{
	int type = name_index(event_type_names, rows_text(r, row, c + 3));
	int kind = name_index(message_kind_names, rows_text(r, row, c + 7));

	*out = (struct event){
		.room_no = rows_int(r, row, c),
		.room_id = room_id,
		.seq = rows_int(r, row, c + 1),
		.ordinal = rows_int(r, row, c + 2),
		.type = (enum event_type)type,
		.created_at = rows_int(r, row, c + 4),
		.target_seq = rows_int(r, row, c + 5),
		.client_id = rows_text(r, row, c + 6),
		.kind = kind < 0 ? MESSAGE_TEXT : (enum message_kind)kind,
		.text = rows_text(r, row, c + 8),
		.data = rows_text(r, row, c + 9),
		.edited_at = rows_int(r, row, c + 10),
		.deleted_at = rows_int(r, row, c + 11),
		.mentions = rows_text(r, row, c + 12),
		.actor.id = rows_text(r, row, c + 13),
	};
}

void
roomlog_event_from(const struct rows *r, int row, int c, const char *room_id,
		   struct event *out)
{
	roomlog_message_from(r, row, c, room_id, out);
	out->actor = roomlog_person_from(r, row, c + 13);
	out->subject = roomlog_person_from(r, row, c + 18);
	out->reactions = rows_text(r, row, c + 23);
}

const struct stmt *const roomlog_read_statements[] = { &after, &listen, &heads, &recent,
						       NULL };
