#include "fcgi/search_store.h"

#include "fcgi/search_query.h"
#include "shared/roomlog.h"

/* ---- where to look ------------------------------------------------------- */

static const struct stmt scope = {
	"search_scope",
	"SELECT m.room_no, h.seq, (SELECT s.seq FROM search_heads s"
	"  WHERE s.room_no = m.room_no LIMIT 1)"
	" FROM members m JOIN room_heads h ON h.room_no = m.room_no"
	" WHERE m.user_id = $1 AND NOT m.banned AND ($2::uuid IS NULL OR m.room_no ="
	"  (SELECT r.no FROM rooms r WHERE r.id = $2)) ORDER BY m.room_no",
};

enum err
search_scope_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
		  struct search_scope *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&scope, viewer, room_id), &rows));
	*out = (struct search_scope){
		.count = rows.count,
		.room_no = ARENA_ARRAY(a, int64_t, (size_t)rows.count),
		.seq = ARENA_ARRAY(a, int64_t, (size_t)rows.count),
		.done = ARENA_ARRAY(a, int64_t, (size_t)rows.count),
	};
	for (int i = 0; i < rows.count; i++) {
		out->room_no[i] = rows_int(&rows, i, 0);
		out->seq[i] = rows_int(&rows, i, 1);
		out->done[i] = rows_int(&rows, i, 2);
	}
	return OK;
}

static const struct stmt author = {
	"search_author",
	"SELECT id FROM users WHERE login_key = $1",
};

enum err
search_author(struct db *db, struct arena *a, const char *login_key, const char **out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&author, login_key), &rows));
	*out = rows.count ? rows_text(&rows, 0, 0) : NULL;
	return OK;
}

/* ---- words --------------------------------------------------------------- */

static const struct stmt this_word = {
	"search_word",
	"SELECT w.no FROM search_words w WHERE w.word = $1",
};

/* Triples only say where to look. A word may come by both ways: that does no harm. */
static const struct stmt like_word = {
	"search_words_like",
	"SELECT w.no FROM search_words w WHERE w.stem = $1::text"
	" UNION ALL (SELECT w.no FROM search_words w WHERE w.grams @> $2::integer[]"
	"  AND strpos(w.word, $3::text) > 0) LIMIT $4",
};

static struct db_call
words_call(struct arena *a, const struct search_slot *slot)
{
	int64_t *grams;
	int32_t *hashes;
	int count;

	if (slot->word)
		return DB_CALL_IN(a, &this_word, slot->word);
	count = words_grams(a, slot->part, true, &hashes);
	grams = ARENA_ARRAY(a, int64_t, (size_t)count);
	for (int i = 0; i < count; i++)
		grams[i] = hashes[i];
	return DB_CALL_IN(a, &like_word, slot->stem, db_array_int(a, grams, count),
			  slot->part, db_int(a, SEARCH_VARIANTS_MAX + 1));
}

enum err
search_words_find(struct db *db, struct arena *a, const struct search_slot *slots,
		  int count, struct search_variants out[])
{
	struct db_call *calls = ARENA_ARRAY(a, struct db_call, (size_t)count);
	struct rows *rows = ARENA_ARRAY(a, struct rows, (size_t)count);
	int64_t nos[SEARCH_VARIANTS_MAX + 1];

	if (count == 0)
		return OK;
	for (int i = 0; i < count; i++)
		calls[i] = words_call(a, &slots[i]);
	TRY(db_batch(db, a, calls, count, rows));
	for (int i = 0; i < count; i++) {
		for (int j = 0; j < rows[i].count; j++)
			nos[j] = rows_int(&rows[i], j, 0);
		out[i] = (struct search_variants){ rows[i].count,
						   db_array_int(a, nos, rows[i].count) };
	}
	return OK;
}

/* ---- candidates ---------------------------------------------------------- */

static const struct stmt block_of = {
	"search_block_of",
	"SELECT b.no FROM search_blocks b"
	" WHERE b.from_at <= coalesce($1::timestamptz(3), 'infinity')"
	" ORDER BY b.from_at DESC LIMIT 1",
};

enum err
search_block_of(struct db *db, struct arena *a, const struct search_place *place,
		int64_t *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&block_of, db_time(a, place->at)), &rows));
	*out = rows.count ? rows_int(&rows, 0, 0) : 0;
	return OK;
}

/* What of a message is searched. */
#define SEARCHED(l)                                                     \
	"concat_ws(' ', " l ".text, " l ".data->>'name', " l ".data->>" \
	"'label', " l ".data->>'alt')"

#define SEEN_BY_MEMBER                                                      \
	" JOIN rooms r ON r.no = l.room_no"                                 \
	" JOIN members m ON m.room_no = l.room_no AND m.user_id = $1::uuid" \
	" AND NOT m.banned"                                                 \
	" AND (r.settings->>'history' = 'all' OR l.seq >= m.joined_seq)"    \
	" AND l.type = 'message' AND l.deleted_at IS NULL"

/* One window of blocks after the other, newest first: a window is asked only when those
 * before it did not fill the page. GIN leaps from one list to the next within it, so
 * that it costs what the rarest of them has there. The loop over the windows must be
 * the outer one, since the inner query is made of each, so their order stays. */
#define CANDIDATES(words)                                                               \
	"SELECT c.room_no, c.seq, ms(c.created_at), v.text"                             \
	" FROM unnest($2::text[]) WITH ORDINALITY AS w (blocks, ord)"                   \
	" CROSS JOIN LATERAL (SELECT s.room_no, s.seq, s.created_at"                    \
	"  FROM search_index s WHERE s.terms && w.blocks::integer[]"                    \
	"  AND s.terms && $3::integer[]" words "  AND (s.created_at, s.room_no, s.seq)" \
	"   < (coalesce($4::timestamptz(3), 'infinity'), $5::bigint, $6::bigint)"       \
	"  ORDER BY s.created_at DESC, s.room_no DESC, s.seq DESC LIMIT $7::bigint)"    \
	" c LEFT JOIN LATERAL (SELECT " SEARCHED(                                       \
		"l") " AS text FROM log l" SEEN_BY_MEMBER                               \
		     " WHERE l.room_no = c.room_no AND l.seq = c.seq"                   \
		     "  AND ($8::uuid IS NULL OR l.actor_id = $8) LIMIT 1) v ON true"   \
		     " LIMIT $7::bigint"
#define ANY_OF(n) " AND s.terms && $" n "::integer[]"

static const struct stmt candidates[SEARCH_ASKED_MAX + 1] = {
	{ "search_0", CANDIDATES("") },
	{ "search_1", CANDIDATES(ANY_OF("9")) },
	{ "search_2", CANDIDATES(ANY_OF("9") ANY_OF("10")) },
	{ "search_3", CANDIDATES(ANY_OF("9") ANY_OF("10") ANY_OF("11")) },
	{ "search_4", CANDIDATES(ANY_OF("9") ANY_OF("10") ANY_OF("11") ANY_OF("12")) },
};

enum err
search_candidates(struct db *db, struct arena *a, const struct search_ask *ask,
		  int *out_count, struct search_candidate **out)
{
	enum { FIXED = 8 };
	const char *params[FIXED + SEARCH_ASKED_MAX] = {
		ask->viewer,
		db_array(a, ask->windows, ask->window_count),
		ask->rooms,
		db_time(a, ask->before.at),
		db_int(a, ask->before.room_no),
		db_int(a, ask->before.seq),
		db_int(a, ask->limit),
		ask->author_id,
	};
	struct db_call call;
	struct rows rows;

	for (int i = 0; i < ask->count; i++)
		params[FIXED + i] = ask->any[i];
	call = db_call_in(a, &candidates[ask->count], FIXED + ask->count, params);
	TRY(db_query(db, a, &call, &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct search_candidate, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct search_candidate){
			{ rows_int(&rows, i, 2), rows_int(&rows, i, 0),
			  rows_int(&rows, i, 1) },
			rows_text(&rows, i, 3),
		};
	return OK;
}

static const struct stmt messages = {
	"search_messages",
	"SELECT r.id, " ROOMLOG_COLUMNS_FOR(
		"$1::uuid") " FROM unnest($2::bigint[], $3::bigint[])"
			    " WITH ORDINALITY AS i (room_no, seq, ord)"
			    " JOIN log l ON l.room_no = i.room_no AND l.seq = i.seq" SEEN_BY_MEMBER
				    ROOMLOG_JOINS " ORDER BY i.ord",
};

enum err
search_messages(struct db *db, struct arena *a, const char *viewer,
		const struct search_place *places, int count, int *out_count,
		struct event **out)
{
	int64_t *room_nos = ARENA_ARRAY(a, int64_t, (size_t)count);
	int64_t *seqs = ARENA_ARRAY(a, int64_t, (size_t)count);
	struct rows rows = {};

	for (int i = 0; i < count; i++) {
		room_nos[i] = places[i].room_no;
		seqs[i] = places[i].seq;
	}
	if (count > 0)
		TRY(db_query(db, a,
			     &DB_CALL(&messages, viewer, db_array_int(a, room_nos, count),
				      db_array_int(a, seqs, count)),
			     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct event, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		roomlog_event_from(&rows, i, 1, rows_text(&rows, i, 0), &(*out)[i]);
	return OK;
}

const struct stmt *const search_statements[] = {
	&scope,		&author,	&this_word,	&like_word,
	&block_of,	&candidates[0], &candidates[1], &candidates[2],
	&candidates[3], &candidates[4], &messages,	NULL,
};
