/* search_test.c -- the search index: what its tables contain after any history, and that
 * intersecting its lists misses nothing. */
#include "fcgi/search_index.h"
#include "fcgi/search_look.h"
#include "shared/text.h"
#include "tests/sql/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct db *db;

static int
setup(void **state)
{
	static const struct stmt *const *const lists[] = {
		db_statements, search_statements, search_index_statements, NULL
	};
	static struct db_settings settings = { .application = "search",
					       .statement_timeout_ms = 20000,
					       .lock_timeout_ms = 20000,
					       .stmts = lists };

	settings.conninfo = getenv("FOYER_TEST_DATABASE");
	if (ground_setup(state) != 0)
		return -1;
	return db_open(&settings, &db) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	db_close(db);
	return ground_teardown(state);
}

static void
index_all(void)
{
	int64_t *rooms;
	int count, done;

	for (;;) {
		assert_int_equal(search_behind(db, ground.arena, &count, &rooms), OK);
		if (count == 0)
			return;
		assert_int_equal(
			search_index_slice(db, ground.arena, rooms, count, &done), OK);
		assert_true(done > 0);
	}
}

/* Everything wrong with the tables, in words; empty: nothing. */
static const char *
faults(void)
{
	return sql(
		"WITH have AS (SELECT l.term, l.first, p FROM search_lists l, unnest(places) p),"
		" want AS (SELECT DISTINCT t AS term, place AS p"
		"  FROM search_index, unnest(terms) t),"
		" bounds AS (SELECT term, first, lead(first) OVER (PARTITION BY term"
		"  ORDER BY first) AS next FROM search_lists)"
		" SELECT concat_ws(', ',"
		"(SELECT 'in no list: ' || count(*) FROM (SELECT * FROM want EXCEPT"
		"  SELECT term, p FROM have) x HAVING count(*) > 0),"
		"(SELECT 'in a list for nothing: ' || count(*) FROM (SELECT term, p FROM have"
		"  EXCEPT SELECT * FROM want) x HAVING count(*) > 0),"
		"(SELECT 'in the wrong list: ' || count(*) FROM have h JOIN bounds b"
		"  USING (term, first) WHERE p < first OR p >= next HAVING count(*) > 0),"
		"(SELECT 'words of nothing: ' || string_agg(word, ' ') FROM search_words w"
		"  WHERE w.no NOT IN (SELECT term FROM search_lists)),"
		"(SELECT 'not indexed: ' || count(*) FROM log l JOIN search_heads h USING (room_no)"
		"  WHERE l.type = 'message' AND l.text ~ '[[:alpha:]]' AND l.seq <= h.seq"
		"  AND NOT EXISTS (SELECT FROM search_index s WHERE s.room_no = l.room_no"
		"   AND s.seq = l.seq) HAVING count(*) > 0),"
		"(SELECT 'indexed though gone: ' || count(*) FROM search_index s"
		"  WHERE NOT EXISTS (SELECT FROM log l WHERE s.room_no = l.room_no"
		"   AND s.seq = l.seq AND l.deleted_at IS NULL) HAVING count(*) > 0))");
}

static const char *
room_no(const char *room)
{
	return sql("SELECT no FROM rooms WHERE id = '%s'", room);
}

/* Inserts messages at chosen times: `count` with this text, from second `at` on, apart_ms
 * apart. */
static void
pour(const char *room, int count, const char *text, int at, int apart_ms)
{
	sql("WITH h AS (UPDATE room_heads SET seq = seq + %d, messages = messages + %d"
	    "  WHERE room_no = %s RETURNING *)"
	    " INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind,"
	    "  client_id, text) SELECT h.room_no, h.seq - %d + n, h.messages, "
	    "  to_timestamp(1600000000 + %d + n * %d / 1000.0), r.owner_id, 'message',"
	    "  'text', '~' || h.seq || '.' || n, '%s' FROM h, generate_series(1, %d) n,"
	    "  (SELECT m.user_id AS owner_id FROM members m WHERE m.room_no = %s LIMIT 1) r",
	    count, count, room_no(room), count, at, apart_ms, text, count, room_no(room));
}

static const char *
lists_of(const char *word)
{
	return sql("SELECT concat(count(*), ' of ', sum(cardinality(places)))"
		   " FROM search_lists l JOIN search_words w ON w.no = l.term"
		   " WHERE w.word = '%s'",
		   word);
}

/* ---- what the index contains --------------------------------------------- */

static void
full_lists_are_cut_in_the_order_of_places(void **state)
{
	const char *room = new_room("group", new_user(), 10);

	(void)state;
	pour(room, 1000, "kestrel", 0, 1000);
	index_all();
	assert_string_equal(faults(), "");
	assert_string_equal(sql("SELECT max(cardinality(places)) <= 200 AND"
				" min(cardinality(places)) >= 100 FROM search_lists l"
				" JOIN search_words w ON w.no = l.term"
				" WHERE w.word = 'kestrel'"),
			    "t");
	/* in between, before and after */
	pour(room, 700, "kestrel", 300, 100);
	pour(room, 300, "kestrel", -400, 500);
	pour(room, 10, "kestrel", 5000, 500);
	index_all();
	assert_string_equal(faults(), "");
	assert_true(text_starts(strchr(lists_of("kestrel"), 'o'), "of 2010"));
}

static void
an_edit_takes_the_old_words_out_and_a_word_of_nobody_goes(void **state)
{
	const char *user = new_user(), *room = new_room("group", user, 10);
	struct draft first = draft(room, user, "k1", "gyrfalcon merlin");
	struct draft second = draft(room, user, "k2", "merlin");
	struct edit_of of = { .by_id = user };
	struct db_call calls[EDITS_CALLS];
	struct rows rows[EDITS_CALLS];

	(void)state;
	of.seq = post(ground.db, &first, false).seq;
	post(ground.db, &second, false);
	of.room_no = strtol(room_no(room), NULL, 10);
	index_all();
	assert_string_equal(lists_of("gyrfalcon"), "1 of 1");
	assert_string_equal(lists_of("merlin"), "1 of 2");
	edits_text_calls(ground.arena, &of, "hobby", calls);
	assert_int_equal(db_batch(ground.db, ground.arena, calls, EDITS_CALLS, rows), OK);
	index_all();
	assert_string_equal(lists_of("gyrfalcon"), "0 of ");
	assert_string_equal(lists_of("merlin"), "1 of 1");
	assert_string_equal(lists_of("hobby"), "1 of 1");
	edits_delete_calls(ground.arena, &of, calls);
	assert_int_equal(db_batch(ground.db, ground.arena, calls, EDITS_CALLS, rows), OK);
	index_all();
	assert_string_equal(faults(), "");
	assert_string_equal(sql("SELECT count(*) FROM search_words"
				" WHERE word IN ('gyrfalcon', 'hobby')"),
			    "0");
}

static void
messages_of_two_rooms_that_share_a_place_are_kept_apart(void **state)
{
	const char *user = new_user();
	const char *rooms[] = { new_room("group", user, 10),
				new_room("group", user, 10) };
	bool more = true;

	(void)state;
	pour(rooms[0], 300, "osprey", 100000, 0);
	pour(rooms[1], 300, "osprey", 100000, 0);
	index_all();
	assert_string_equal(
		sql("SELECT count(*) - count(DISTINCT place) FROM search_index"
		    " WHERE room_no IN (%s, %s)",
		    room_no(rooms[0]), room_no(rooms[1])),
		"300");
	sql("DELETE FROM rooms WHERE id = '%s'", rooms[0]);
	while (more)
		assert_int_equal(search_forget_room(db, ground.arena, &more), OK);
	assert_string_equal(
		sql("SELECT sum(cardinality(places)) >= 300 FROM search_lists l"
		    " JOIN search_words w ON w.no = l.term"
		    " WHERE w.word = 'osprey'"),
		"t");
	sql("DELETE FROM rooms WHERE id = '%s'", rooms[1]);
	for (more = true; more;)
		assert_int_equal(search_forget_room(db, ground.arena, &more), OK);
	assert_string_equal(lists_of("osprey"), "0 of ");
}

static void
who_comes_second_writes_nothing_and_leaves_no_word(void **state)
{
	const char *room = new_room("group", new_user(), 10), *no = room_no(room);
	const char *zero = "0", *one = "1", *word = "buzzardly", *place = "1600000000",
		   *grams = "{}", *terms = "{-5}", *words = "{1}";
	const struct search_batch late = { .word_count = 1,
					   .words = &word,
					   .stems = &word,
					   .grams = &grams,
					   .room_count = 1,
					   .room_nos = &no,
					   .was = &zero,
					   .upto = &one,
					   .message_count = 1,
					   .in_room = &no,
					   .seqs = &one,
					   .places = &place,
					   .terms = &terms,
					   .in_words = &words };

	(void)state;
	index_all();
	assert_int_equal(search_write(db, ground.arena, &late), OK);
	assert_string_equal(
		sql("SELECT count(*) FROM search_words WHERE word = 'buzzardly'"), "0");
	assert_string_equal(faults(), "");
}

/* ---- searching ----------------------------------------------------------- */

enum { PLACES = 3000, TERM = 1000000 };

static unsigned
roll(unsigned n)
{
	static unsigned x = 7;

	x = x * 1103515245 + 12345;
	return (x >> 8) % n;
}

/* Makes lists of this term, with one place of so many; has[] says which. */
static void
make_lists(int term, unsigned one_of, bool has[PLACES])
{
	struct strbuf b = { .arena = ground.arena };
	int first = 0, count = 0;

	for (int place = 1; place < PLACES; place++) {
		has[place] = roll(one_of) == 0;
		if (has[place])
			strbuf_printf(&b, "%s%d", count++ ? "," : "", place);
		if (count == 20 || (count > 0 && place == PLACES - 1)) {
			sql("INSERT INTO search_lists VALUES (%d, %d, '{%s}')",
			    TERM + term, first, b.data);
			first = place + 1;
			b = (struct strbuf){ .arena = ground.arena };
			count = 0;
		}
	}
}

/* Collects everything given from the top to the end, as pages would; the number of lists
 * that each step reads is bounded. */
static void
look_through(int set_count, int terms_each, const int wide, bool given[PLACES])
{
	int64_t below = INT64_MAX, terms[8];
	const int64_t *places;
	bool at_end = false;
	int count, turns = 0;

	memset(given, 0, PLACES);
	while (!at_end) {
		struct search_look *l = search_look_new(ground.arena, below, set_count);

		for (int i = 0; i < set_count; i++) {
			for (int j = 0; j < terms_each; j++)
				terms[j] = TERM + i * terms_each + j;
			search_look_add(l, terms, terms_each, wide && i == set_count - 1);
		}
		while (!(at_end = search_look_is_at_end(l)) && !search_look_is_tired(l)) {
			assert_int_equal(search_look_next(l, db, 1 + (int)roll(60),
							  &count, &places),
					 OK);
			for (int i = 0; i < count; i++) {
				assert_true(places[i] < below);
				below = places[i];
				given[below] = true;
			}
		}
		below = search_look_place(l);
		assert_true(turns++ < PLACES);
	}
}

static void
look_at(unsigned sparse, int set_count, int terms_each, bool wide)
{
	static bool has[8][PLACES], given[PLACES];

	sql("DELETE FROM search_lists WHERE term >= %d", TERM);
	for (int t = 0; t < set_count * terms_each; t++)
		make_lists(t, t < terms_each ? sparse : 4, has[t]);
	look_through(set_count, terms_each, wide, given);
	for (int place = 1; place < PLACES; place++) {
		bool all = true;

		for (int i = 0; i < set_count; i++) {
			bool any = false;

			for (int j = 0; j < terms_each; j++)
				any |= has[i * terms_each + j][place];
			all &= any;
		}
		if (all)
			assert_true(given[place]);
	}
	sql("DELETE FROM search_lists WHERE term >= %d", TERM);
}

static void
looking_misses_nothing_whatever_is_rare(void **state)
{
	static const unsigned sparse[] = { 2, 10, 50, 400, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sparse) / sizeof(sparse[0]); i++)
		for (int wide = 0; wide < 2; wide++) {
			look_at(sparse[i], 1, 1, wide);
			look_at(sparse[i], 1, 5, wide);
			look_at(sparse[i], 2, 1, wide);
			look_at(sparse[i], 2, 4, wide);
			look_at(sparse[i], 3, 2, wide);
		}
}

static void
a_slice_of_long_texts_is_short(void **state)
{
	enum { TEXT_BYTES = 32000, MESSAGES = 20 };
	const char *room = new_room("group", new_user(), 10);
	char *text = arena_alloc(ground.arena, TEXT_BYTES + 1);
	int64_t *rooms;
	int count, done;

	(void)state;
	for (int i = 0; i < TEXT_BYTES; i += 4)
		memcpy(text + i, "😀", 4);
	pour(room, MESSAGES, text, 0, 1000);
	assert_int_equal(search_behind(db, ground.arena, &count, &rooms), OK);
	assert_int_equal(search_index_slice(db, ground.arena, rooms, count, &done), OK);
	assert_true(done > 0 && done < MESSAGES);
	index_all();
	assert_string_equal(faults(), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_teardown(f, ground_clean)
		T(full_lists_are_cut_in_the_order_of_places),
		T(an_edit_takes_the_old_words_out_and_a_word_of_nobody_goes),
		T(messages_of_two_rooms_that_share_a_place_are_kept_apart),
		T(who_comes_second_writes_nothing_and_leaves_no_word),
		T(looking_misses_nothing_whatever_is_rare),
		T(a_slice_of_long_texts_is_short),
	};

	return cmocka_run_group_tests_name("search", tests, setup, teardown);
}
