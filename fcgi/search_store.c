#include "fcgi/search_store.h"

#include <stdlib.h>
#include <string.h>

#include "fcgi/search_query.h"
#include "shared/roomlog.h"

/* ---- where to look ------------------------------------------------------- */

static const struct stmt scope = {
	"search_scope",
	"SELECT m.room_no, h.seq, (SELECT s.seq FROM search_heads s"
	"  WHERE s.room_no = m.room_no LIMIT 1), CASE WHEN r.settings->>'history' = 'all'"
	"  THEN 0 ELSE m.joined_seq END"
	" FROM members m JOIN room_heads h ON h.room_no = m.room_no"
	" JOIN rooms r ON r.no = m.room_no"
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
		.since = ARENA_ARRAY(a, int64_t, (size_t)rows.count),
	};
	for (int i = 0; i < rows.count; i++) {
		out->room_no[i] = rows_int(&rows, i, 0);
		out->seq[i] = rows_int(&rows, i, 1);
		out->done[i] = rows_int(&rows, i, 2);
		out->since[i] = rows_int(&rows, i, 3);
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

/* Triples only say where to look. A word may be found in both ways. */
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

/* Greatest first. */
static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

static struct search_variants
variants_from(struct arena *a, const struct rows *rows)
{
	int64_t *terms = ARENA_ARRAY(a, int64_t, (size_t)rows->count);
	int count = 0;

	for (int i = 0; i < rows->count; i++)
		terms[i] = rows_int(rows, i, 0);
	qsort(terms, (size_t)rows->count, sizeof(int64_t), compare);
	for (int i = 0; i < rows->count; i++)
		if (i == 0 || terms[i] != terms[count - 1])
			terms[count++] = terms[i];
	return (struct search_variants){ rows->count > SEARCH_VARIANTS_MAX ? rows->count
									   : count,
					 terms };
}

enum err
search_words_find(struct db *db, struct arena *a, const struct search_slot *slots,
		  int count, struct search_variants out[])
{
	struct db_call *calls = ARENA_ARRAY(a, struct db_call, (size_t)count);
	struct rows *rows = ARENA_ARRAY(a, struct rows, (size_t)count);

	if (count == 0)
		return OK;
	for (int i = 0; i < count; i++)
		calls[i] = words_call(a, &slots[i]);
	TRY(db_batch(db, a, calls, count, rows));
	for (int i = 0; i < count; i++) {
		out[i] = variants_from(a, &rows[i]);
	}
	return OK;
}

/* ---- lists --------------------------------------------------------------- */

static const struct stmt lists_below = {
	"search_lists_below",
	"SELECT i.ord - 1, l.first, l.places FROM unnest($1::integer[], $2::bigint[],"
	"  $3::bigint[]) WITH ORDINALITY AS i (term, below, wanted, ord)"
	" CROSS JOIN LATERAL (SELECT l.first, l.places FROM search_lists l"
	"  WHERE l.term = i.term AND l.first < i.below ORDER BY l.first DESC"
	"  LIMIT i.wanted) l ORDER BY i.ord, l.first DESC",
};

/* {1,2,3}, in any order, all lower than the places already there; two messages may share
 * a place. */
static void
take_places(struct arena *a, const char *array, struct search_list *out)
{
	int64_t *places;
	int count = 0, max = 1;
	char *end;

	for (const char *s = array; *s; s++)
		max += *s == ',';
	places = ARENA_ARRAY(a, int64_t, (size_t)(out->count + max));
	for (const char *s = array + 1; *s && *s != '}'; s = end + (*end == ',')) {
		places[out->count + count] = strtoll(s, &end, 10);
		count += places[out->count + count] < out->below;
	}
	qsort(places + out->count, (size_t)count, sizeof(int64_t), compare);
	if (out->count > 0)
		memcpy(places, out->places, sizeof(int64_t) * (size_t)out->count);
	out->places = places;
	for (int i = out->count, all = out->count + count; i < all; i++)
		if (out->count == 0 || places[i] != places[out->count - 1])
			places[out->count++] = places[i];
}

enum err
search_lists_read(struct db *db, struct arena *a, struct search_list *lists[], int count)
{
	int64_t *terms = ARENA_ARRAY(a, int64_t, (size_t)count);
	int64_t *below = ARENA_ARRAY(a, int64_t, (size_t)count);
	int64_t *wanted = ARENA_ARRAY(a, int64_t, (size_t)count);
	struct rows rows;

	for (int i = 0; i < count; i++) {
		terms[i] = lists[i]->term;
		below[i] = lists[i]->below;
		wanted[i] = lists[i]->wanted;
		lists[i]->first = 0;
	}
	TRY(db_query(db, a,
		     &DB_CALL(&lists_below, db_array_int(a, terms, count),
			      db_array_int(a, below, count),
			      db_array_int(a, wanted, count)),
		     &rows));
	for (int i = 0; i < rows.count; i++) {
		struct search_list *l = lists[rows_int(&rows, i, 0)];

		l->first = rows_int(&rows, i, 1);
		take_places(a, rows_text(&rows, i, 2), l);
	}
	return OK;
}

/* ---- candidates ---------------------------------------------------------- */

/* The searched parts of a message. */
#define SEARCHED(l)                                                     \
	"concat_ws(' ', " l ".text, " l ".data->>'name', " l ".data->>" \
	"'label', " l ".data->>'alt')"

/* Does not ask the index about rooms: an array there would be one search for each
 * room. */
/* clang-format off */
static const struct stmt candidates = {
	"search_candidates",
	"WITH asked AS MATERIALIZED (SELECT t::integer[] AS terms FROM unnest($3::text[]) t)"
	" SELECT s.place, s.room_no, s.seq, (SELECT " SEARCHED("l") " FROM log l"
	"  WHERE l.room_no = s.room_no AND l.seq = s.seq AND l.deleted_at IS NULL"
	"   AND ($4::uuid IS NULL OR l.actor_id = $4) LIMIT 1)"
	" FROM unnest($1::bigint[]) WITH ORDINALITY AS i (place, ord)"
	" CROSS JOIN LATERAL (SELECT s.place, s.room_no, s.seq FROM search_index s"
	"  WHERE s.place = i.place AND s.room_no + 0 = ANY ($2::bigint[])"
	"  AND (s.place, s.room_no, s.seq) < ($5::bigint, $6::bigint, $7::bigint)"
	"  AND (SELECT count(*) FROM asked a WHERE NOT a.terms && s.terms) = 0) s"
	" ORDER BY i.ord, s.room_no DESC, s.seq DESC",
};
/* clang-format on */

enum err
search_candidates(struct db *db, struct arena *a, const struct search_ask *ask,
		  const int64_t *places, int count, int *out_count,
		  struct search_candidate **out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&candidates, db_array_int(a, places, count), ask->rooms,
			      db_array(a, ask->any, ask->any_count), ask->author_id,
			      db_int(a, ask->before.place),
			      db_int(a, ask->before.room_no), db_int(a, ask->before.seq)),
		     &rows));
	*out_count = rows.count;
	*out = ARENA_ARRAY(a, struct search_candidate, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++)
		(*out)[i] = (struct search_candidate){
			{ rows_int(&rows, i, 0), rows_int(&rows, i, 1),
			  rows_int(&rows, i, 2) },
			rows_text(&rows, i, 3),
		};
	return OK;
}

#define SEEN_BY_MEMBER                                                      \
	" JOIN rooms r ON r.no = l.room_no"                                 \
	" JOIN members m ON m.room_no = l.room_no AND m.user_id = $1::uuid" \
	" AND NOT m.banned"                                                 \
	" AND (r.settings->>'history' = 'all' OR l.seq >= m.joined_seq)"    \
	" AND l.type = 'message' AND l.deleted_at IS NULL"

/* LATERAL, LIMIT: one probe for each place, even in a plan that was made while there were
 * few messages. */
/* clang-format off */
static const struct stmt messages = {
	"search_messages",
	"SELECT r.id, " ROOMLOG_MESSAGE("$1::uuid")
	" FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS i (room_no, seq, ord)"
	" CROSS JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = i.room_no"
	"  AND e.seq = i.seq LIMIT 1) l" SEEN_BY_MEMBER ROOMLOG_SENDER " ORDER BY i.ord",
};
/* clang-format on */

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
	&scope,	      &author,	   &this_word, &like_word,
	&lists_below, &candidates, &messages,  NULL,
};
