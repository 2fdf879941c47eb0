/* db_test.c -- a lazy connection, which prepares a statement when it is first used. */
#include "tests/sql/ground.h"

#include <stdlib.h>

static const struct stmt divide = { "divide", "SELECT 100 / $1::int" };
static const struct stmt pid = { "pid", "SELECT pg_backend_pid()" };
static const struct stmt known = {
	"known", "SELECT coalesce(string_agg(name, ' ' ORDER BY name), '')"
		 " FROM pg_prepared_statements WHERE name <> 'known'"
};
static const struct stmt nonsense = { "nonsense", "SELECT of_nothing" };

static struct db *
connect_lazily(void)
{
	static const struct stmt *const *const lists[] = { db_statements, NULL };
	struct db_settings *s = ARENA_NEW(ground.arena, struct db_settings);
	struct db *db;

	*s = (struct db_settings){ .conninfo = getenv("FOYER_TEST_DATABASE"),
				   .application = "lazy",
				   .statement_timeout_ms = 20000,
				   .lock_timeout_ms = 20000,
				   .stmts = lists,
				   .lazy = true };
	assert_int_equal(db_open(s, &db), OK);
	return db;
}

static const char *
answer(struct db *db, const struct db_call *call)
{
	struct rows rows;

	assert_int_equal(db_query(db, ground.arena, call, &rows), OK);
	return rows_text(&rows, 0, 0);
}

static void
what_is_asked_is_prepared_once(void **state)
{
	struct db *db = connect_lazily();

	(void)state;
	assert_string_equal(answer(db, &DB_CALL(&known)), "");
	assert_string_equal(answer(db, &DB_CALL(&divide, "5")), "20");
	assert_string_equal(answer(db, &DB_CALL(&divide, "4")), "25");
	assert_string_equal(answer(db, &DB_CALL(&known)), "divide");
	db_close(db);
}

static void
twice_in_a_batch_it_is_prepared_once(void **state)
{
	struct db *db = connect_lazily();
	const struct db_call calls[] = { DB_CALL(&divide, "5"), DB_CALL(&pid),
					 DB_CALL(&divide, "2") };
	struct rows rows[3];

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(db_batch(db, ground.arena, calls, 3, rows), OK);
		assert_string_equal(rows_text(&rows[0], 0, 0), "20");
		assert_string_equal(rows_text(&rows[2], 0, 0), "50");
	}
	assert_string_equal(answer(db, &DB_CALL(&known)), "divide pid");
	db_close(db);
}

/* Statements after the refused one are never prepared; those before it are. */
static void
a_refused_batch_leaves_it_known_what_is_prepared(void **state)
{
	struct db *db = connect_lazily();
	const struct db_call calls[] = { DB_CALL(&divide, "0"), DB_CALL(&pid) };
	const struct db_call worse[] = { DB_CALL(&pid), DB_CALL(&nonsense),
					 DB_CALL(&divide, "1") };
	struct rows rows[3];

	(void)state;
	assert_int_equal(db_batch(db, ground.arena, calls, 2, rows), ERR_INVALID);
	assert_string_equal(answer(db, &DB_CALL(&known)), "divide");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(db_batch(db, ground.arena, worse, 3, rows),
				 ERR_INTERNAL);
		assert_string_equal(answer(db, &DB_CALL(&known)), "divide pid");
	}
	assert_string_equal(answer(db, &DB_CALL(&divide, "10")), "10");
	db_close(db);
}

static void
who_was_cut_off_while_idle_connects_and_prepares_anew(void **state)
{
	struct db *db = connect_lazily();
	const char *first = answer(db, &DB_CALL(&pid));

	(void)state;
	assert_string_equal(answer(db, &DB_CALL(&divide, "5")), "20");
	sql("SELECT pg_terminate_backend(%s, 20000)", first);
	assert_string_not_equal(answer(db, &DB_CALL(&pid)), first);
	assert_string_equal(answer(db, &DB_CALL(&known)), "pid");
	assert_string_equal(answer(db, &DB_CALL(&divide, "4")), "25");
	db_close(db);
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_asked_is_prepared_once),
		T(twice_in_a_batch_it_is_prepared_once),
		T(a_refused_batch_leaves_it_known_what_is_prepared),
		T(who_was_cut_off_while_idle_connects_and_prepares_anew),
	};

	return cmocka_run_group_tests_name("db", tests, ground_setup, ground_teardown);
}
