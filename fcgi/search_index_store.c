#include "fcgi/search_store.h"

#include "fcgi/search_tokens.h"

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

/* Of the rooms in $1, the $3 whose next event is the oldest, and the next $2 events of
 * each; the first $3 of all these. */
static const struct stmt pending = {
	"search_pending",
	"WITH picked AS MATERIALIZED ("
	" SELECT i.no, coalesce(s.seq, 0) AS done, n.created_at AS since"
	" FROM unnest($1::bigint[]) AS i (no)"
	" LEFT JOIN LATERAL (SELECT s.seq FROM search_heads s WHERE s.room_no = i.no"
	"  LIMIT 1) s ON true"
	" CROSS JOIN LATERAL (SELECT l.created_at FROM log l WHERE l.room_no = i.no"
	"  AND l.seq > coalesce(s.seq, 0) ORDER BY l.seq LIMIT 1) n"
	" ORDER BY n.created_at LIMIT $3::bigint"
	"), events AS MATERIALIZED ("
	" SELECT p.done, e.* FROM picked p"
	" CROSS JOIN LATERAL (SELECT l.room_no, l.seq, l.type, l.target_seq FROM log l"
	"  WHERE l.room_no = p.no AND l.seq > p.done ORDER BY l.seq LIMIT $2::bigint) e"
	" ORDER BY p.since, e.room_no, e.seq LIMIT $3::bigint"
	") SELECT e.room_no, e.done, e.seq, t.seq, ms(t.created_at), t.actor_id, t.text,"
	"  e.type <> 'message' FROM events e"
	" LEFT JOIN LATERAL (SELECT t.seq, t.created_at, t.actor_id,"
	"  CASE WHEN t.deleted_at IS NULL THEN concat_ws(' ', t.text, t.data->>'name',"
	"   t.data->>'label', t.data->>'alt') END AS text"
	"  FROM log t WHERE t.room_no = e.room_no AND t.type = 'message'"
	"  AND t.seq = CASE e.type WHEN 'message' THEN e.seq WHEN 'edited' THEN e.target_seq"
	"   WHEN 'deleted' THEN e.target_seq END LIMIT 1) t ON true"
	" ORDER BY e.room_no, e.seq",
};

enum err
search_pending(struct db *db, struct arena *a, const int64_t *rooms, int count, int limit,
	       int *out_count, struct search_event **out)
{
	enum { EACH_MIN = 10 }; /* so that fewer rooms' heads move */
	int each = limit / count;
	struct rows r;

	TRY(db_query(db, a,
		     &DB_CALL(&pending, db_array_int(a, rooms, count),
			      db_int(a, each > EACH_MIN ? each : EACH_MIN),
			      db_int(a, limit)),
		     &r));
	*out_count = r.count;
	*out = ARENA_ARRAY(a, struct search_event, (size_t)r.count);
	for (int i = 0; i < r.count; i++)
		(*out)[i] = (struct search_event){
			.room_no = rows_int(&r, i, 0),
			.done = rows_int(&r, i, 1),
			.seq = rows_int(&r, i, 2),
			.message = rows_int(&r, i, 3),
			.at_ms = rows_int(&r, i, 4),
			.author_id = rows_text(&r, i, 5),
			.text = rows_text(&r, i, 6),
			.is_change = rows_bool(&r, i, 7),
		};
	return OK;
}

/* ---- writing ------------------------------------------------------------- */

/* One writer at a time. It is a statement of its own, so that the next one sees what the
 * writer before us wrote. The number is "FOYS" in ASCII. */
static const struct stmt lock = {
	"search_lock",
	"SELECT pg_advisory_xact_lock(1179605331)",
};

/* clang-format off */

/* Only missing words, since each conflict would use up a number. */
static const struct stmt add_words = {
	"search_add_words",
	"INSERT INTO search_words (word, stem, grams)"
	" SELECT i.word, i.stem, i.grams::integer[]"
	" FROM unnest($1::text[], $2::text[], $3::text[]) AS i (word, stem, grams)"
	" WHERE (SELECT w.no FROM search_words w WHERE w.word = i.word) IS NULL",
};

/* Skips rooms that another process has indexed since we read them. */
#define HELD                                                                            \
	"held AS MATERIALIZED ("                                                        \
	" SELECT i.no, i.upto FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"    \
	"  AS i (no, was, upto)"                                                        \
	" WHERE coalesce((SELECT s.seq FROM search_heads s WHERE s.room_no = i.no), 0)" \
	"  = i.was)"

/* The list that contains a place, or to which it belongs. */
#define FIRST_OF(x)                                                       \
	"coalesce((SELECT l.first FROM search_lists l WHERE l.term = " x ".term" \
	"  AND l.first <= " x ".place ORDER BY l.first DESC LIMIT 1), 0)"

/* Removes the messages `old` from everything, and words that no other message has. A
 * place that another message with the term shares stays in the list. */
#define TAKE_OUT                                                                       \
	", gone AS ("                                                                  \
	" DELETE FROM search_index s USING old o"                                      \
	"  WHERE s.place = o.place AND s.room_no = o.room_no AND s.seq = o.seq"        \
	"), hit AS MATERIALIZED ("                                                     \
	" SELECT x.term, x.place, " FIRST_OF("x") " AS first"                          \
	" FROM (SELECT DISTINCT t.term, o.place FROM old o"                            \
	"   CROSS JOIN LATERAL unnest(o.terms) AS t (term)) x"                         \
	" WHERE (SELECT true FROM search_index s WHERE s.place = x.place"              \
	"  AND s.terms @> ARRAY[x.term] AND (SELECT true FROM old o WHERE"             \
	"   o.place = s.place AND o.room_no = s.room_no AND o.seq = s.seq) IS NULL"    \
	"  LIMIT 1) IS NULL"                                                           \
	"), cut AS MATERIALIZED ("                                                     \
	" SELECT l.term, l.first, ARRAY(SELECT p FROM unnest(l.places) AS p"           \
	"   WHERE p <> ALL (h.places)) AS places"                                      \
	" FROM (SELECT term, first, array_agg(place) AS places FROM hit GROUP BY 1, 2) h" \
	" CROSS JOIN LATERAL (SELECT l.* FROM search_lists l"                          \
	"  WHERE l.term = h.term AND l.first = h.first LIMIT 1) l"                     \
	"), shorter AS ("                                                              \
	" UPDATE search_lists l SET places = c.places FROM cut c"                      \
	"  WHERE c.places <> '{}' AND l.term = c.term AND l.first = c.first"           \
	"), ended AS ("                                                                \
	" DELETE FROM search_lists l USING cut c"                                      \
	"  WHERE c.places = '{}' AND l.term = c.term AND l.first = c.first"            \
	"), unused AS ("                                                               \
	" DELETE FROM search_words w USING (SELECT DISTINCT c.term FROM cut c"         \
	"   WHERE c.places = '{}' AND c.term > 0 AND (SELECT true FROM search_lists l" \
	"    WHERE l.term = c.term AND (SELECT true FROM cut d WHERE d.term = l.term"  \
	"     AND d.first = l.first AND d.places = '{}') IS NULL LIMIT 1) IS NULL) u"  \
	"  WHERE w.no = u.term)"

/* First removes edited and deleted messages as they were. */
static const struct stmt take_out = {
	"search_take_out",
	"WITH " HELD ", old AS MATERIALIZED ("
	" SELECT DISTINCT s.* FROM unnest($4::bigint[], $5::bigint[], $6::bigint[])"
	"  AS i (no, seq, place) CROSS JOIN LATERAL (SELECT s.* FROM search_index s"
	"  WHERE s.place = i.place AND s.room_no = i.no AND s.seq = i.seq LIMIT 1) s"
	" WHERE i.no IN (SELECT no FROM held))" TAKE_OUT
	" SELECT count(*) FROM old",
};

/* Adds each place to the list where it belongs, then splits lists that are too long, in
 * the order of places. Returns how many rooms were not skipped. */
static const struct stmt add_messages = {
	"search_add_messages",
	"WITH " HELD ", input AS MATERIALIZED ("
	" SELECT DISTINCT ON (i.no, i.seq) i.* FROM unnest($4::bigint[], $5::bigint[],"
	"  $6::bigint[], $7::text[], $8::text[]) AS i (no, seq, place, terms, words)"
	" WHERE i.no IN (SELECT no FROM held) AND i.words IS NOT NULL"
	"), numbers AS MATERIALIZED ("
	" SELECT array_agg((SELECT w.no FROM search_words w WHERE w.word = i.word)"
	"  ORDER BY i.ord) AS nos FROM unnest($9::text[]) WITH ORDINALITY AS i (word, ord)"
	"), fresh AS MATERIALIZED ("
	" SELECT i.place, i.no, i.seq, i.terms::integer[]"
	"  || ARRAY(SELECT n.nos[w] FROM unnest(i.words::integer[]) AS w) AS terms"
	" FROM input i CROSS JOIN numbers n"
	"), written AS ("
	" INSERT INTO search_index (place, room_no, seq, terms) SELECT * FROM fresh"
	"), aimed AS MATERIALIZED ("
	" SELECT x.term, x.first, array_agg(x.place) AS places FROM ("
	"  SELECT p.term, p.place, " FIRST_OF("p") " AS first"
	"  FROM (SELECT t.term, f.place FROM fresh f"
	"   CROSS JOIN LATERAL unnest(f.terms) AS t (term)) p) x GROUP BY x.term, x.first"
	"), joined AS MATERIALIZED ("
	" SELECT a.term, a.first, coalesce(l.places, '{}') || a.places AS places"
	" FROM aimed a LEFT JOIN LATERAL (SELECT l.places FROM search_lists l"
	"  WHERE l.term = a.term AND l.first = a.first LIMIT 1) l ON true"
	"), cut AS ("
	" SELECT j.term, j.first, j.places FROM joined j WHERE cardinality(j.places) <= 200"
	" UNION ALL"
	" SELECT y.term, CASE WHEN y.piece = 0 THEN y.first ELSE min(y.place) END,"
	"  array_agg(y.place) FROM ("
	"  SELECT x.*, (row_number() OVER w - 1) * ((count(*) OVER t + 199) / 200)"
	"   / count(*) OVER t AS piece FROM (SELECT DISTINCT j.term, j.first, p.place"
	"    FROM joined j CROSS JOIN LATERAL unnest(j.places) AS p (place)"
	"    WHERE cardinality(j.places) > 200) x"
	"   WINDOW t AS (PARTITION BY x.term, x.first), w AS (t ORDER BY x.place)) y GROUP BY y.term, y.first, y.piece"
	"), listed AS ("
	" INSERT INTO search_lists AS l (term, first, places) SELECT * FROM cut"
	" ON CONFLICT (term, first) DO UPDATE SET places = EXCLUDED.places"
	"), moved AS ("
	" INSERT INTO search_heads AS s (room_no, seq) SELECT no, upto FROM held"
	" ON CONFLICT (room_no) DO UPDATE SET seq = EXCLUDED.seq"
	") SELECT count(*) FROM held",
};

/* Words added for a message that we did not write, since another process had indexed
 * it. */
static const struct stmt drop_words = {
	"search_drop_words",
	"DELETE FROM search_words w USING unnest($1::text[]) AS i (word)"
	" WHERE w.word = i.word AND (SELECT true FROM search_lists l WHERE l.term = w.no"
	"  LIMIT 1) IS NULL",
};

/* clang-format on */

static enum err
drop(struct db *db, struct arena *a, const char *words)
{
	const struct db_call calls[] = { { .stmt = &lock }, DB_CALL(&drop_words, words) };
	struct rows rows[2];

	return db_batch(db, a, calls, 2, rows);
}

enum err
search_write(struct db *db, struct arena *a, const struct search_batch *b)
{
	enum { CALLS = 4 };
	const char *words = db_array(a, b->words, b->word_count);
	const char *room_nos = db_array(a, b->room_nos, b->room_count);
	const char *was = db_array(a, b->was, b->room_count);
	const char *upto = db_array(a, b->upto, b->room_count);
	struct db_call calls[CALLS] = { { .stmt = &lock } };
	struct rows rows[CALLS];
	int count = 1;

	if (b->old_count > 0)
		calls[count++] = DB_CALL_IN(a, &take_out, room_nos, was, upto,
					    db_array(a, b->old_in_room, b->old_count),
					    db_array(a, b->old_seqs, b->old_count),
					    db_array(a, b->old_places, b->old_count));
	if (b->word_count > 0)
		calls[count++] = DB_CALL_IN(a, &add_words, words,
					    db_array(a, b->stems, b->word_count),
					    db_array(a, b->grams, b->word_count));
	calls[count++] = DB_CALL_IN(a, &add_messages, room_nos, was, upto,
				    db_array(a, b->in_room, b->message_count),
				    db_array(a, b->seqs, b->message_count),
				    db_array(a, b->places, b->message_count),
				    db_array(a, b->terms, b->message_count),
				    db_array(a, b->in_words, b->message_count), words);
	TRY(db_batch(db, a, calls, count, rows));
	if (b->word_count == 0 || rows_int(&rows[count - 1], 0, 0) == b->room_count)
		return OK;
	return drop(db, a, words);
}

/* ---- forgetting ---------------------------------------------------------- */

static const struct stmt dead_room = {
	"search_dead_room",
	"SELECT s.room_no FROM search_heads s LEFT JOIN rooms r ON r.no = s.room_no"
	" WHERE r.no IS NULL LIMIT 1",
};

/* clang-format off */
static const struct stmt forget_room = {
	"search_forget_room",
	"WITH old AS MATERIALIZED ("
	" SELECT DISTINCT s.* FROM search_lists l CROSS JOIN LATERAL unnest(l.places) AS p"
	"  CROSS JOIN LATERAL (SELECT s.* FROM search_index s WHERE s.place = p"
	"   AND s.room_no = $1::bigint) s"
	" WHERE l.term = $2::integer LIMIT 500)" TAKE_OUT
	", done AS ("
	" DELETE FROM search_heads s WHERE s.room_no = $1::bigint"
	"  AND (SELECT count(*) FROM old) = 0"
	") SELECT count(*) FROM old",
};
/* clang-format on */

enum err
search_forget_room(struct db *db, struct arena *a, bool *out_more)
{
	struct rows dead, rows[2];
	int64_t room_no;

	TRY(db_query(db, a, &(struct db_call){ .stmt = &dead_room }, &dead));
	*out_more = dead.count > 0;
	if (dead.count == 0)
		return OK;
	room_no = rows_int(&dead, 0, 0);
	return db_batch(
		db, a,
		(struct db_call[]){ { .stmt = &lock },
				    DB_CALL_IN(a, &forget_room, db_int(a, room_no),
					       db_int(a, search_term_of_room(room_no))) },
		2, rows);
}

const struct stmt *const search_index_statements[] = {
	&behind,       &pending,    &lock,	&add_words,   &take_out,
	&add_messages, &drop_words, &dead_room, &forget_room, NULL,
};
