#include "fcgi/search_store.h"

/* ---- what is to be indexed ----------------------------------------------- */

static const struct stmt behind = {
	"search_behind",
	"SELECT h.room_no FROM room_heads h"
	" LEFT JOIN search_heads s ON s.room_no = h.room_no"
	" WHERE h.seq > coalesce(s.seq, 0)",
};

enum err
search_behind(struct db *db, struct arena *a, int *out_count, int64_t **out)
{
	struct rows rows;

	TRY(db_query(db, a, &(struct db_call){ .stmt = &behind }, &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, int64_t, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = rows_int(&rows, i, 0);
	return OK;
}

/* Of the rooms ($1) those $3 whose next event is the oldest, and of each the next $2
 * events; but nothing is due that is newer than what is not read here. So a great
 * backlog is indexed in the order of time, and blocks fill evenly. The oldest of all is
 * always due, also when a clock was set back between it and the next. */
static const struct stmt pending = {
	"search_pending",
	"WITH late AS MATERIALIZED ("
	" SELECT i.no, coalesce(s.seq, 0) AS done, n.created_at"
	" FROM unnest($1::bigint[]) AS i (no)"
	" LEFT JOIN LATERAL (SELECT s.seq FROM search_heads s WHERE s.room_no = i.no"
	"  LIMIT 1) s ON true"
	" CROSS JOIN LATERAL (SELECT l.created_at FROM log l WHERE l.room_no = i.no"
	"  AND l.seq > coalesce(s.seq, 0) ORDER BY l.seq LIMIT 1) n"
	" ORDER BY n.created_at LIMIT $3::bigint + 1"
	"), picked AS MATERIALIZED ("
	" SELECT l.*, (SELECT e.created_at FROM log e WHERE e.room_no = l.no"
	"  AND e.seq > l.done ORDER BY e.seq OFFSET $2::bigint LIMIT 1) AS next_at"
	" FROM late l ORDER BY l.created_at LIMIT $3::bigint"
	"), horizon AS MATERIALIZED ("
	" SELECT greatest((SELECT min(created_at) FROM picked),"
	"  coalesce(least((SELECT min(next_at) FROM picked), (SELECT created_at FROM late"
	"   ORDER BY created_at OFFSET $3::bigint LIMIT 1)), 'infinity')) AS at"
	") SELECT p.no, p.done, e.seq, coalesce(e.created_at <= h.at, true), t.seq,"
	"  t.created_at, t.actor_id, t.text"
	" FROM picked p CROSS JOIN horizon h"
	" CROSS JOIN LATERAL (SELECT l.seq, l.created_at, l.type, l.target_seq FROM log l"
	"  WHERE l.room_no = p.no AND l.seq > p.done ORDER BY l.seq LIMIT $2::bigint) e"
	" LEFT JOIN LATERAL (SELECT t.seq, t.created_at, t.actor_id,"
	"  CASE WHEN t.deleted_at IS NULL THEN concat_ws(' ', t.text, t.data->>'name',"
	"   t.data->>'label', t.data->>'alt') END AS text"
	"  FROM log t WHERE t.room_no = p.no AND t.type = 'message'"
	"  AND t.seq = CASE e.type WHEN 'message' THEN e.seq WHEN 'edited' THEN e.target_seq"
	"   WHEN 'deleted' THEN e.target_seq END LIMIT 1) t ON true"
	" ORDER BY p.no, e.seq",
};

enum err
search_pending(struct db *db, struct arena *a, const int64_t *rooms, int count, int limit,
	       int *out_count, struct search_event **out)
{
	enum { ROOMS_MAX = 50, EACH_MIN = 10 };
	int each = limit / (count < ROOMS_MAX ? count : ROOMS_MAX);
	struct rows r;

	each = each < EACH_MIN ? EACH_MIN : each;
	TRY(db_query(db, a,
		     &DB_CALL(&pending, db_array_int(a, rooms, count), db_int(a, each),
			      db_int(a, ROOMS_MAX)),
		     &r));
	*out_count = r.count;
	*out = ARENA_ARRAY(a, struct search_event, (size_t)r.count);
	for (int i = 0; i < r.count; i++)
		(*out)[i] = (struct search_event){
			.room_no = rows_int(&r, i, 0),
			.done = rows_int(&r, i, 1),
			.seq = rows_int(&r, i, 2),
			.is_due = rows_bool(&r, i, 3),
			.message = rows_int(&r, i, 4),
			.at = rows_text(&r, i, 5),
			.author_id = rows_text(&r, i, 6),
			.text = rows_text(&r, i, 7),
		};
	return OK;
}

/* ---- writing ------------------------------------------------------------- */

/* One at a time; a statement of its own, so that what follows sees what the one before
 * us wrote. The number is "FOYS" in ASCII. */
static const struct stmt lock = {
	"search_lock",
	"SELECT pg_advisory_xact_lock(1179605331)",
};

/* Only what is missing, since a conflict would use up a number each time. */
static const struct stmt add_words = {
	"search_add_words",
	"INSERT INTO search_words (word, stem, grams)"
	" SELECT i.word, i.stem, i.grams::integer[]"
	" FROM unnest($1::text[], $2::text[], $3::text[]) AS i (word, stem, grams)"
	" WHERE (SELECT w.no FROM search_words w WHERE w.word = i.word) IS NULL",
};

/* The words of rows that are gone or change. */
#define LOOSEN(terms)                                                     \
	"INSERT INTO search_loose SELECT DISTINCT t.no FROM (" terms      \
	") x CROSS JOIN LATERAL unnest(x.terms) AS t (no) WHERE t.no > 0" \
	" ON CONFLICT DO NOTHING"

/* Rooms that somebody else indexed since we read them are passed over. What is newer
 * than all before goes into the last block, or opens new ones, each beginning at a time
 * of its own; what is late goes where its time lies. Six tokens say in which block a
 * message is, and in which eight, 64 and so on of them (search_tokens.h). */
static const struct stmt add_messages = {
	"search_add_messages",
	"WITH held AS MATERIALIZED ("
	" SELECT i.no, i.upto FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"
	"  AS i (no, was, upto)"
	" WHERE coalesce((SELECT s.seq FROM search_heads s WHERE s.room_no = i.no), 0)"
	"  = i.was"
	"), input AS MATERIALIZED ("
	" SELECT DISTINCT ON (i.no, i.seq) i.* FROM unnest($4::bigint[], $5::bigint[],"
	"  $6::timestamptz(3)[], $7::text[], $8::text[]) AS i (no, seq, at, tokens, words)"
	" WHERE i.no IN (SELECT no FROM held) ORDER BY i.no, i.seq"
	"), numbers AS MATERIALIZED ("
	" SELECT array_agg((SELECT w.no FROM search_words w WHERE w.word = i.word)"
	"  ORDER BY i.ord) AS nos FROM unnest($9::text[]) WITH ORDINALITY AS i (word, ord)"
	"), last AS MATERIALIZED ("
	" SELECT * FROM search_blocks ORDER BY no DESC LIMIT 1"
	"), placed AS MATERIALIZED ("
	" SELECT i.*, CASE WHEN i.at > last.until_at THEN last.no + ((last.size - 1"
	"   + rank() OVER (PARTITION BY i.at > last.until_at ORDER BY i.at)) / 512)::integer"
	"  ELSE (SELECT b.no FROM search_blocks b WHERE b.from_at <= i.at"
	"   ORDER BY b.from_at DESC LIMIT 1) END AS block"
	" FROM input i CROSS JOIN last WHERE i.words IS NOT NULL"
	"), blocks AS ("
	" INSERT INTO search_blocks AS b (no, from_at, until_at, size)"
	" SELECT p.block, min(p.at), max(p.at), count(*) FROM placed p CROSS JOIN last"
	"  WHERE p.at > last.until_at GROUP BY p.block"
	" ON CONFLICT (no) DO UPDATE SET until_at = EXCLUDED.until_at,"
	"  size = b.size + EXCLUDED.size"
	"), gone AS ("
	" DELETE FROM search_index s USING input i"
	"  WHERE i.words IS NULL AND s.room_no = i.no AND s.seq = i.seq"
	" RETURNING s.terms"
	"), loose AS (" LOOSEN(
		"SELECT terms FROM gone UNION ALL SELECT s.terms FROM placed p"
		" CROSS JOIN LATERAL (SELECT o.terms FROM search_index o"
		"  WHERE o.room_no = p.no AND o.seq = p.seq LIMIT 1) s") "), written AS ("
									 " INSERT INTO search_index (room_no, seq, created_at, terms)"
									 " SELECT p.no, p.seq, p.at, p.tokens::integer[]"
									 "  || ARRAY(SELECT -1 - ((l << 26) | (p.block >> (3 * l)))"
									 "   FROM generate_series(0, 5) AS l)"
									 "  || ARRAY(SELECT n.nos[w] FROM unnest(p.words::integer[]) AS w)"
									 " FROM placed p CROSS JOIN numbers n"
									 " ON CONFLICT (room_no, seq) DO UPDATE SET terms = EXCLUDED.terms"
									 ") INSERT INTO search_heads AS s (room_no, seq) SELECT no, upto FROM held"
									 " ON CONFLICT (room_no) DO UPDATE SET seq = EXCLUDED.seq",
};

enum err
search_write(struct db *db, struct arena *a, const struct search_batch *b)
{
	enum { LOCK, WORDS, MESSAGES, CALLS };
	const char *words = db_array(a, b->words, b->word_count);
	struct db_call calls[CALLS] = {
		[LOCK] = { .stmt = &lock },
		[WORDS] = DB_CALL_IN(a, &add_words, words,
				     db_array(a, b->stems, b->word_count),
				     db_array(a, b->grams, b->word_count)),
		[MESSAGES] = DB_CALL_IN(a, &add_messages,
					db_array(a, b->room_nos, b->room_count),
					db_array(a, b->was, b->room_count),
					db_array(a, b->upto, b->room_count),
					db_array(a, b->in_room, b->message_count),
					db_array(a, b->seqs, b->message_count),
					db_array(a, b->ats, b->message_count),
					db_array(a, b->tokens, b->message_count),
					db_array(a, b->terms, b->message_count), words),
	};
	struct rows rows[CALLS];

	return db_batch(db, a, calls, CALLS, rows);
}

/* ---- forgetting ---------------------------------------------------------- */

static const struct stmt forget_room = {
	"search_forget_room",
	"WITH dead AS MATERIALIZED (SELECT s.room_no FROM search_heads s"
	"  LEFT JOIN rooms r ON r.no = s.room_no WHERE r.no IS NULL LIMIT 1"
	"), piece AS MATERIALIZED (SELECT i.room_no, i.seq FROM dead"
	"  JOIN search_index i ON i.room_no = dead.room_no ORDER BY i.seq LIMIT 1000"
	"), gone AS (DELETE FROM search_index i USING piece p"
	"  WHERE i.room_no = p.room_no AND i.seq = p.seq RETURNING i.terms"
	"), loose AS (" LOOSEN(
		"SELECT terms FROM gone") "), done AS (DELETE FROM search_heads s USING dead d WHERE s.room_no = d.room_no"
					  "  AND (SELECT count(*) FROM piece) = 0"
					  ") SELECT count(*) FROM dead",
};

enum err
search_forget_room(struct db *db, struct arena *a, bool *out_more)
{
	const struct db_call calls[] = { { .stmt = &lock }, { .stmt = &forget_room } };
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_more = rows_int(&rows[1], 0, 0) > 0;
	return OK;
}

/* A word in use is mostly found in the newest window. */
static const struct stmt forget_words = {
	"search_forget_words",
	"WITH piece AS MATERIALIZED (SELECT l.word_no, (SELECT true"
	"  FROM unnest($1::text[]) WITH ORDINALITY AS w (blocks, ord)"
	"  CROSS JOIN LATERAL (SELECT FROM search_index s"
	"   WHERE s.terms && w.blocks::integer[] AND s.terms @> ARRAY[l.word_no] LIMIT 1) s"
	"  LIMIT 1) AS used FROM search_loose l ORDER BY l.word_no LIMIT 100"
	"), gone AS (DELETE FROM search_words w USING piece p"
	"  WHERE w.no = p.word_no AND p.used IS NULL"
	"), done AS (DELETE FROM search_loose l USING piece p WHERE l.word_no = p.word_no"
	") SELECT count(*) FROM piece",
};

enum err
search_forget_words(struct db *db, struct arena *a, const char *const *windows,
		    int window_count, bool *out_more)
{
	struct db_call calls[] = {
		{ .stmt = &lock },
		DB_CALL_IN(a, &forget_words, db_array(a, windows, window_count)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_more = rows_int(&rows[1], 0, 0) > 0;
	return OK;
}

const struct stmt *const search_index_statements[] = {
	&behind,       &pending,     &lock,	    &add_words,
	&add_messages, &forget_room, &forget_words, NULL,
};
