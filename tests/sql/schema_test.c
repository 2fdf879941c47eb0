/* schema.sql: what the constraints and grants guard. */
#include "tests/sql/ground.h"

static void
every_table_and_column_says_what_it_is(void **state)
{
	(void)state;
	assert_null(
		sql("SELECT string_agg(c.relname || coalesce('.' || a.attname, ''), ', ')"
		    " FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid"
		    "  AND a.attnum >= 0 AND NOT a.attisdropped"
		    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
		    "  AND (col_description(c.oid, a.attnum) IS NULL"
		    "   OR obj_description(c.oid, 'pg_class') IS NULL)"));
}

static void
each_role_does_its_work_and_no_more(void **state)
{
	static const struct {
		const char *role, *statement;
	} refused[] = {
		{ "foyer_api", "SELECT password_hash FROM accounts" },
		{ "foyer_api", "SELECT email FROM accounts" },
		{ "foyer_api", "SELECT refresh_hash FROM sessions" },
		{ "foyer_api", "UPDATE users SET is_admin = true" },
		{ "foyer_api", "DELETE FROM log" },
		{ "foyer_broker", "SELECT password_hash FROM accounts" },
		{ "foyer_broker", "SELECT refresh_hash FROM sessions" },
		{ "foyer_broker", "DELETE FROM rooms" },
		{ "foyer_broker", "INSERT INTO sessions DEFAULT VALUES" },
		{ "foyer_auth", "SELECT text FROM log" },
		{ "foyer_auth", "SELECT 1 FROM members" },
		{ "foyer_auth", "UPDATE instance SET id_key = 1" },
		{ "foyer_api", "CREATE TABLE mine (a int)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *state_of =
			sql_fails(refused[i].role, "%s", refused[i].statement);

		if (!state_of)
			fail_msg("%s may %s", refused[i].role, refused[i].statement);
		assert_string_equal(state_of, "42501"); /* insufficient_privilege */
	}
}

static void
nonsense_is_refused_by_the_tables_themselves(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 10);
	static const struct {
		const char *state, *statement;
	} cases[] = {
		{ "23505",
		  "INSERT INTO instance (only_one, schema_version) VALUES (true, 9)" },
		{ "23514",
		  "INSERT INTO instance (only_one, schema_version) VALUES (false, 9)" },
		{ "23514", "INSERT INTO users (login, login_key) VALUES ('x', 'x')" },
		{ "23514", "INSERT INTO rooms (kind, max_members) VALUES ('public', 2)" },
		{ "23514", "INSERT INTO rooms (kind, max_members) VALUES ('direct', 3)" },
		{ "23514", "UPDATE room_heads SET member_count = -1" },
		{ "23514", "INSERT INTO log (room_no, seq, ordinal, created_at, type)"
			   " VALUES (1, 1, 0, now(), 'message')" },
		{ "23514", "INSERT INTO log (room_no, seq, ordinal, created_at, type)"
			   " VALUES (1, 0, 0, now(), 'member')" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *state_of = sql_fails(NULL, "%s", cases[i].statement);

		if (!state_of)
			fail_msg("taken: %s", cases[i].statement);
		assert_string_equal(state_of, cases[i].state);
	}
	assert_string_equal(
		sql_fails(NULL,
			  "INSERT INTO members (room_no, user_id, role) SELECT"
			  " no, '%s', 'owner' FROM rooms WHERE id = '%s'",
			  new_user(), room),
		"23P01"); /* a second owner */
}

static void
a_session_that_ends_however_it_ends_is_noted(void **state)
{
	const char *ann = new_user();
	const char *session = sql("INSERT INTO sessions (user_id, refresh_hash,"
				  " refresh_expires_at, expires_at) VALUES ('%s',"
				  " sha256('%s'), now() + '1 day', now() + '1 day')"
				  " RETURNING id",
				  ann, ann);
	struct revoked *r = revoked_new();
	struct db_call call;
	struct rows rows;
	struct user user;

	(void)state;
	call = session_call(ground.arena, session, ann);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_true(session_user_from(&rows, &user));
	assert_string_equal(user.id, ann);
	sql("DELETE FROM users WHERE id = '%s'", ann);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_false(session_user_from(&rows, &user));
	call = revoked_call(ground.arena, 60000);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	revoked_take(r, &rows, 1000, 1000);
	assert_true(revoked_has(r, session));
	assert_false(revoked_has(r, ann));
	revoked_free(r);
}

static void
the_epoch_changes_with_the_stored_string(void **state)
{
	struct db *db = ground_connect(NULL);
	char before[17];

	(void)state;
	for (int i = 0; i < 17; i++)
		before[i] = db_instance(db)->epoch[i];
	assert_string_equal(before, db_instance(ground.db)->epoch);
	sql("UPDATE instance SET epoch = 'restored'");
	db_close(db);
	db = ground_connect(NULL);
	assert_string_not_equal(before, db_instance(db)->epoch);
	db_close(db);
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_table_and_column_says_what_it_is),
		T(each_role_does_its_work_and_no_more),
		T(nonsense_is_refused_by_the_tables_themselves),
		T(a_session_that_ends_however_it_ends_is_noted),
		T(the_epoch_changes_with_the_stored_string),
	};

	return cmocka_run_group_tests_name("schema", tests, ground_setup,
					   ground_teardown);
}
