/* rooms_store.c -- see rooms_store.h. Reading. */
#include "fcgi/rooms_store.h"
#include "shared/room_read.h"

/* ---- one room ------------------------------------------------------------ */

/* The room that was locked earlier in this transaction. */
static const struct stmt get_held = {
	"room_get_held",
	"WITH page AS (SELECT no FROM rooms WHERE no = " ROOMLOG_HELD ")"
	" SELECT " ROOM_COLUMNS ROOM_JOINS " WHERE m.user_id IS NOT NULL",
};

struct db_call
room_get_held_call(struct arena *a, const char *viewer)
{
	return DB_CALL_IN(a, &get_held, viewer);
}

enum err
room_get(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	 struct room *out)
{
	struct db_call call = room_get_call(a, viewer, room_id);
	struct rows rows;

	TRY(db_query(db, a, &call, &rows));
	return room_get_read(&rows, out);
}

/* ---- lists --------------------------------------------------------------- */

static void
list_from(struct arena *a, const struct rows *r, int time_col, struct room_list *out)
{
	out->count = r->count;
	out->items = ARENA_ARRAY(a, struct room, (size_t)r->count);
	out->places = ARENA_ARRAY(a, struct room_place, (size_t)r->count);
	for (int i = 0; i < r->count; i++) {
		room_from(r, i, &out->items[i]);
		out->places[i] = (struct room_place){ .time = rows_int(r, i, time_col),
						      .no = out->items[i].no };
	}
}

static const struct stmt mine = {
	"rooms_mine",
	"WITH page AS MATERIALIZED ("
	" SELECT h.room_no AS no FROM members m JOIN room_heads h ON h.room_no = m.room_no"
	" WHERE m.user_id = $1::uuid AND NOT m.banned AND ($2::timestamptz IS NULL"
	"  OR (h.active_at, h.room_no) < ($2::timestamptz, $3::bigint))"
	" ORDER BY h.active_at DESC, h.room_no DESC LIMIT $4::bigint + 1"
	") SELECT " ROOM_COLUMNS ROOM_JOINS " ORDER BY h.active_at DESC, r.no DESC",
};

enum err
rooms_mine(struct db *db, struct arena *a, const char *viewer,
	   const struct room_place *after, int64_t limit, struct room_list *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&mine, viewer, db_time(a, after->time),
			      db_int(a, after->no), db_int(a, limit)),
		     &rows));
	list_from(a, &rows, ROOM_ACTIVE, out);
	return OK;
}

/* Without rooms from which $1 is banned, which is checked room by room, as far as the
 * page goes. */
static const struct stmt public_rooms = {
	"rooms_public",
	"WITH page AS MATERIALIZED ("
	" SELECT no FROM rooms WHERE kind = 'public'"
	"  AND ($2::timestamptz IS NULL"
	"   OR (created_at, no) < ($2::timestamptz, $3::bigint))"
	"  AND (SELECT m.banned FROM members m WHERE m.room_no = no"
	"   AND m.user_id = $1::uuid) IS NOT TRUE"
	" ORDER BY created_at DESC, no DESC LIMIT $4::bigint + 1"
	") SELECT " ROOM_COLUMNS ROOM_JOINS " ORDER BY r.created_at DESC, r.no DESC",
};

enum err
rooms_public(struct db *db, struct arena *a, const char *viewer,
	     const struct room_place *after, int64_t limit, struct room_list *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&public_rooms, viewer, db_time(a, after->time),
			      db_int(a, after->no), db_int(a, limit)),
		     &rows));
	list_from(a, &rows, ROOM_CREATED, out);
	return OK;
}

/* Like the search for people (directory_store.c): a range of room_words_order for words
 * that begin with the key and, while the page is not full, one for the endings. */
#define BEYOND_KEY "$2::text || U&'\\+10FFFF'"
#define HITS(inside, limit)                                                            \
	"MATERIALIZED (SELECT w.inside, w.word, w.room_id FROM room_words w"           \
	" WHERE w.inside = " inside " AND w.word >= $2::text AND w.word < " BEYOND_KEY \
	" AND (w.inside, w.word, w.room_id) > ($3::boolean, $4::text, $5::uuid)"       \
	" AND (SELECT true FROM room_words b WHERE b.room_id = w.room_id"              \
	"  AND b.word >= $2::text AND b.word < " BEYOND_KEY                            \
	"  AND (b.inside, b.word) < (w.inside, w.word) LIMIT 1) IS NULL"               \
	" AND (SELECT m.banned FROM rooms r JOIN members m ON m.room_no = r.no"        \
	"  AND m.user_id = $1::uuid WHERE r.id = w.room_id) IS NOT TRUE"               \
	" ORDER BY w.inside, w.word, w.room_id LIMIT " limit ")"
#define WHAT_IS_LEFT "$6::bigint + 1 - (SELECT count(*) FROM first)"
#define BEGIN_WITH_IT HITS("false", "$6::bigint + 1")
#define END_WITH_IT HITS("true", WHAT_IS_LEFT)

static const struct stmt search = {
	"rooms_search",
	"WITH first AS " BEGIN_WITH_IT ","
	" further AS " END_WITH_IT ","
	" hits AS (SELECT * FROM first UNION ALL SELECT * FROM further),"
	" page AS MATERIALIZED (SELECT found.no, hits.* FROM hits"
	"  JOIN rooms found ON found.id = hits.room_id)"
	" SELECT " ROOM_COLUMNS ", page.inside, page.word" ROOM_JOINS
	" ORDER BY page.inside, page.word, page.room_id",
};

enum err
rooms_search(struct db *db, struct arena *a, const char *viewer, const char *key,
	     const struct room_place *after, int64_t limit, struct room_list *out)
{
	enum { INSIDE = ROOM_COLUMN_COUNT, WORD };
	static const struct room_place begin = {
		.word = "", .room_id = "00000000-0000-0000-0000-000000000000"
	};
	const struct room_place *place = after->word ? after : &begin;
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&search, viewer, key, place->inside ? "true" : "false",
			      place->word, place->room_id, db_int(a, limit)),
		     &rows));
	list_from(a, &rows, ROOM_ACTIVE, out);
	for (int i = 0; i < out->count; i++)
		out->places[i] =
			(struct room_place){ .inside = rows_bool(&rows, i, INSIDE),
					     .word = rows_text(&rows, i, WORD),
					     .room_id = out->items[i].id };
	return OK;
}

const struct stmt *const rooms_statements[] = { &room_get_statement, &get_held, &mine,
						&public_rooms,	     &search,	NULL };
