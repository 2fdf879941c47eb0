/* history_store.c -- see history_store.h. */
#include "fcgi/history_store.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_OF_MEMBER                                                            \
	" FROM rooms r"                                                           \
	" JOIN members m ON m.room_no = r.no AND m.user_id = $1 AND NOT m.banned" \
	" JOIN room_heads h ON h.room_no = r.no"

static const struct stmt get_seq = {
	"room_seq",
	"SELECT h.seq" ROOM_OF_MEMBER " WHERE r.id = $2",
};

enum err
room_seq(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	 int64_t *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get_seq, viewer, room_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = rows_int(&rows, 0, 0);
	return OK;
}

/* ---- a page of messages --------------------------------------------------- */

/* Two batches. The first reads the messages and facts about the room. The second reads
 * what belongs to the messages: senders, reactions, how far others have read. It asks for
 * the whole page at once, and only for what exists. It asks about what the first has
 * found, so a stranger gets nothing. A change between the two shows a moment early, under
 * the older tag. */

/* About the room, in front of each message: its last seq, whether there are messages on
 * the other side, its number, its members if a status is shown, the newest message with a
 * reaction. */
/* clang-format off */
#define PAGE_ROOM(other)                                                            \
	"SELECT h.seq, " other ", r.no, CASE WHEN "                                 \
	RECEIPTS_SHOWN(RECEIPTS_TEXT(RECEIPTS_MEMBERS_MAX)) " THEN h.member_count END," \
	" (SELECT x.seq FROM reactions x WHERE x.room_no = r.no"                    \
	"  ORDER BY x.seq DESC LIMIT 1), "
/* clang-format on */

/* Messages before $3 (null: the newest) or after it, $4 and one more, which means that
 * there are more. Each row says whether there are any on the other side. An empty page is
 * one row without a message. C code sorts the rows: the database would copy them all to
 * sort them. */
static const struct stmt history_before = {
	"history_before",
	PAGE_ROOM("h.last_message >= greatest($3::bigint, " VISIBLE_FROM
		  ") AND $3 IS NOT NULL") ROOMLOG_MESSAGE_ALONE ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq < coalesce($3, h.seq + 1)"
	"  AND e.seq >= " VISIBLE_FROM
	" ORDER BY e.seq DESC LIMIT $4::bigint + 1) l ON true WHERE r.id = $2",
};

static const struct stmt history_after = {
	"history_after",
	PAGE_ROOM("other.side IS NOT NULL") ROOMLOG_MESSAGE_ALONE ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT true AS side FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq <= $3::bigint"
	"  AND e.seq >= " VISIBLE_FROM " LIMIT 1) other ON true"
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq > $3::bigint"
	"  AND e.seq >= " VISIBLE_FROM
	" ORDER BY e.seq LIMIT $4::bigint + 1) l ON true WHERE r.id = $2",
};

enum { PAGE_SEQ, PAGE_OTHER, PAGE_NO, PAGE_MEMBERS, PAGE_REACTED, PAGE_EVENT };

/* One side of a page, as its statement returned it. */
struct half {
	const struct event *items; /* ascending */
	int count;		   /* at most limit */
	bool more, other;	   /* beyond it; on the other side of seq */
};

static int
compare_seq(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static struct half
half_of(struct arena *a, const struct rows *rows, const char *room_id, bool down,
	int64_t limit)
{
	int found = rows_is_null(rows, 0, PAGE_EVENT) ? 0 : rows->count;
	struct event *items = ARENA_ARRAY(a, struct event, (size_t)found);
	bool more = found > limit;

	for (int i = 0; i < found; i++)
		roomlog_message_from(rows, i, PAGE_EVENT, room_id, &items[i]);
	qsort(items, (size_t)found, sizeof(items[0]), compare_seq);
	return (struct half){
		.items = more && down ? items + 1 : items,
		.count = more ? (int)limit : found,
		.more = more,
		.other = rows_bool(rows, 0, PAGE_OTHER),
	};
}

static void
join_halves(struct arena *a, const struct half *before, const struct half *after,
	    struct history *out)
{
	out->count = before->count + after->count;
	out->items = ARENA_ARRAY(a, struct event, (size_t)out->count);
	if (before->count)
		memcpy(out->items, before->items,
		       sizeof(out->items[0]) * (size_t)before->count);
	if (after->count)
		memcpy(out->items + before->count, after->items,
		       sizeof(out->items[0]) * (size_t)after->count);
}

/* ---- what goes with them -------------------------------------------------- */

static const struct stmt history_senders = {
	"history_senders",
	"SELECT id, login, first_name, last_name, avatar FROM users"
	" WHERE id = ANY ($1::uuid[])",
};

/* For the messages $2 to $3 of a room, as $4 sees them. */
/* clang-format off */
static const struct stmt history_reactions = {
	"history_reactions",
	"SELECT g.seq, " ROOMLOG_REACTION_LIST(", 'mine', g.mine")
	" FROM (SELECT x.seq, x.emoji, count(*) AS count, min(x.created_at) AS since,"
	"  bool_or(x.user_id = $4::uuid) AS mine FROM reactions x"
	"  WHERE x.room_no = $1::bigint AND x.seq BETWEEN $2::bigint AND $3::bigint"
	"  GROUP BY x.seq, x.emoji) g GROUP BY g.seq",
};
/* clang-format on */

/* Each sender once. Looks from the last sender back, since most messages are by the
 * sender of the one before. */
static const char *
senders_of(struct arena *a, const struct history *h)
{
	const char **ids = ARENA_ARRAY(a, const char *, (size_t)h->count);
	int count = 0;

	for (int i = 0; i < h->count; i++) {
		const char *id = h->items[i].actor.id;
		int at = count;

		while (id && at > 0 && strcmp(ids[at - 1], id) != 0)
			at--;
		if (id && at == 0)
			ids[count++] = id;
	}
	return count ? db_array(a, ids, count) : NULL;
}

static void
put_senders(const struct rows *senders, struct history *h)
{
	for (int i = 0; i < h->count; i++)
		for (int k = 0; h->items[i].actor.id && k < senders->count; k++)
			if (strcmp(rows_text(senders, k, 0), h->items[i].actor.id) == 0) {
				h->items[i].actor = roomlog_person_from(senders, k, 0);
				break;
			}
}

static void
put_reactions(const struct rows *reactions, struct history *h)
{
	for (int k = 0; k < reactions->count; k++)
		for (int i = 0; i < h->count; i++)
			if (h->items[i].seq == rows_int(reactions, k, 0))
				h->items[i].reactions = rows_text(reactions, k, 1);
}

/* head: any row of the page. */
static enum err
read_more(struct db *db, struct arena *a, const char *viewer, const struct rows *head,
	  struct history *h)
{
	const char *senders = senders_of(a, h), *no = rows_text(head, 0, PAGE_NO);
	struct db_call calls[3];
	struct rows rows[3];
	int count = 0, reacted = -1, read = -1;

	h->receipts = (struct receipts){ .shown = !rows_is_null(head, 0, PAGE_MEMBERS) };
	if (senders)
		calls[count++] = DB_CALL_IN(a, &history_senders, senders);
	if (h->count && rows_int(head, 0, PAGE_REACTED) >= h->items[0].seq)
		calls[reacted = count++] =
			DB_CALL_IN(a, &history_reactions, no, db_int(a, h->items[0].seq),
				   db_int(a, h->items[h->count - 1].seq), viewer);
	if (rows_int(head, 0, PAGE_MEMBERS) > 1)
		calls[read = count++] = receipts_of_others_call(a, viewer, no);
	if (count == 0)
		return OK;
	TRY(db_batch(db, a, calls, count, rows));
	if (senders)
		put_senders(&rows[0], h);
	if (reacted >= 0)
		put_reactions(&rows[reacted], h);
	if (read >= 0)
		receipts_of_others(&rows[read], &h->receipts);
	return OK;
}

/* ---- both ------------------------------------------------------------------ */

static struct db_call
half_call(struct arena *a, const struct stmt *s, const char *viewer, const char *room_id,
	  const char *seq, int64_t limit)
{
	return DB_CALL_IN(a, s, viewer, room_id, seq, db_int(a, limit));
}

enum err
history_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	     int side, int64_t seq, int64_t limit, struct history *out)
{
	bool down = side != HISTORY_AFTER, up = side >= HISTORY_AFTER;
	int64_t first = down && up ? limit / 2 : down ? limit : 0, second = limit - first;
	const char *at = side == HISTORY_NEWEST ? NULL : db_int(a, seq);
	struct half before = {}, after = {};
	struct db_call calls[2];
	struct rows rows[2];
	int count = 0;

	if (down)
		calls[count++] =
			half_call(a, &history_before, viewer, room_id, at, first);
	if (up) /* around a seq: the seq itself and what follows */
		calls[count++] = half_call(a, &history_after, viewer, room_id,
					   db_int(a, down ? seq - 1 : seq), second);
	TRY(db_batch(db, a, calls, count, rows));
	if (rows[0].count == 0 || rows[count - 1].count == 0)
		return ERR_NOT_FOUND;
	if (down)
		before = half_of(a, &rows[0], room_id, true, first);
	if (up)
		after = half_of(a, &rows[count - 1], room_id, false, second);
	out->seq = rows_int(&rows[count - 1], 0, PAGE_SEQ);
	out->has_before = down ? before.more : after.other;
	out->has_after = up ? after.more : before.other;
	join_halves(a, &before, &after, out);
	TRY(read_more(db, a, viewer, &rows[count - 1], out));
	for (int i = 0; i < out->count; i++)
		out->items[i].status = receipts_status(&out->items[i], &out->receipts);
	return OK;
}

/* ---- the log ----------------------------------------------------------------- */

static const struct stmt log_after = {
	"room_log",
	"SELECT h.seq, h.first_seq, " VISIBLE_FROM ", " ROOMLOG_COLUMNS ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.seq > $3::bigint AND e.seq >= " VISIBLE_FROM
	"  ORDER BY e.seq LIMIT $4) l ON true" ROOMLOG_JOINS
	" WHERE r.id = $2 ORDER BY l.seq",
};

enum err
log_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	 int64_t after, int64_t limit, struct log_page *out)
{
	enum { SEQ, FIRST_SEQ, FROM, EVENT };
	struct rows rows;

	TRY(db_query(
		db, a,
		&DB_CALL(&log_after, viewer, room_id, db_int(a, after), db_int(a, limit)),
		&rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = (struct log_page){
		.seq = rows_int(&rows, 0, SEQ),
		.first_seq = rows_int(&rows, 0, FIRST_SEQ),
		.count = rows_is_null(&rows, 0, EVENT) ? 0 : rows.count,
	};
	out->items = ARENA_ARRAY(a, struct event, (size_t)out->count);
	for (int i = 0; i < out->count; i++) {
		struct event *e = &out->items[i];

		roomlog_event_from(&rows, i, EVENT, room_id, e);
		if (roomlog_is_veiled(e, rows_int(&rows, i, FROM)))
			*e = roomlog_veil(e);
	}
	return OK;
}

const struct stmt *const history_statements[] = {
	&get_seq,	  &history_before,    &history_after, &log_after,
	&history_senders, &history_reactions, NULL,
};
