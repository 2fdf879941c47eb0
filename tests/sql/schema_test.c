/* schema.sql: what its constraints and grants prevent. */
#include <stdlib.h>

#include "shared/ticket.h"
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
		{ "foyer_api", "SELECT email_key FROM accounts" },
		{ "foyer_api", "UPDATE accounts SET email = 'mine@example.org'" },
		{ "foyer_api", "UPDATE users SET login_key = 'mine'" },
		{ "foyer_api", "DELETE FROM user_words" },
		{ "foyer_api", "SELECT refresh_hash FROM sessions" },
		{ "foyer_api", "UPDATE users SET is_admin = true" },
		{ "foyer_api", "DELETE FROM log" },
		{ "foyer_broker", "SELECT password_hash FROM accounts" },
		{ "foyer_broker", "SELECT refresh_hash FROM sessions" },
		{ "foyer_broker", "DELETE FROM rooms" },
		{ "foyer_broker", "INSERT INTO sessions DEFAULT VALUES" },
		{ "foyer_broker", "UPDATE tickets SET expires_at = now()" },
		{ "foyer_api", "SELECT 1 FROM tickets" },
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

static int
revoked_count(void)
{
	return atoi(sql("SELECT count(*) FROM revoked_sessions"));
}

static void
what_ended_long_ago_is_swept_and_nothing_newer(void **state)
{
	struct db *broker = ground_connect("foyer_broker");
	struct db_call call = revoked_sweep_call(ground.arena, 900000);
	struct rows rows;
	int before = revoked_count();

	(void)state;
	sql("INSERT INTO revoked_sessions SELECT gen_random_uuid(), now() - ago FROM"
	    " unnest('{0,1 h,1 day 14 min,1 day 16 min,9 days}'::interval[]) ago");
	assert_int_equal(db_query(broker, ground.arena, &call, &rows), OK);
	assert_int_equal(revoked_count(), before + 3);
	db_close(broker);
}

static void
a_ticket_is_spent_once_while_its_session_lasts(void **state)
{
	const char *ann = new_user(),
		   *hash = sql("SELECT encode(sha256('%s'), 'hex')", ann);
	const char *session = sql("INSERT INTO sessions (user_id, refresh_hash,"
				  " refresh_expires_at, expires_at) VALUES ('%s',"
				  " sha256('%s'), now() + '1 day', now() + '1 day')"
				  " RETURNING id",
				  ann, ann);
	struct db *auth = ground_connect("foyer_auth"),
		  *broker = ground_connect("foyer_broker");
	struct db_call issue = ticket_issue_call(ground.arena, hash, session, ann);
	struct db_call not_mine =
		ticket_issue_call(ground.arena, hash, session, new_user());
	struct db_call spend = ticket_spend_call(ground.arena, hash);
	struct ticket ticket;
	struct rows rows;

	(void)state;
	assert_int_equal(db_query(auth, ground.arena, &not_mine, &rows), OK);
	assert_int_equal(rows.count, 0);
	assert_int_equal(db_query(auth, ground.arena, &issue, &rows), OK);
	assert_int_equal(rows.count, 1);
	assert_int_equal(db_query(broker, ground.arena, &spend, &rows), OK);
	assert_true(ticket_from(&rows, &ticket));
	assert_string_equal(ticket.user_id.text, ann);
	assert_string_equal(ticket.session_id.text, session);
	assert_in_range(ticket.left_ms, 86000000, 86400000);
	assert_int_equal(db_query(broker, ground.arena, &spend, &rows), OK);
	assert_false(ticket_from(&rows, &ticket));
	assert_int_equal(db_query(auth, ground.arena, &issue, &rows), OK);
	sql("DELETE FROM sessions WHERE id = '%s'", session);
	assert_int_equal(db_query(broker, ground.arena, &spend, &rows), OK);
	assert_false(ticket_from(&rows, &ticket));
	db_close(auth);
	db_close(broker);
}

/* The words by which a person is found; suffixes in brackets. */
static const char *
words_of(const char *user)
{
	return sql("SELECT string_agg(CASE WHEN inside THEN '(' || word || ')'"
		   " ELSE word END, ', ' ORDER BY inside, word)"
		   " FROM user_words WHERE user_id = '%s'",
		   user);
}

static void
people_are_found_by_every_ending_of_login_and_name(void **state)
{
	const char *ann = new_user();

	(void)state;
	sql("UPDATE users SET login = 'x_y', login_key = 'x_y' WHERE id = '%s'", ann);
	assert_string_equal(words_of(ann), "x_y, y, (_y)");
	sql("UPDATE users SET first_name = '明', first_key = '明', last_name = 'Ли',"
	    " last_key = 'ли' WHERE id = '%s'",
	    ann);
	assert_string_equal(words_of(ann), "x_y, y, ли 明, 明 ли 明, (_y), (и 明)");
	sql("UPDATE users SET last_name = NULL, last_key = NULL WHERE id = '%s'", ann);
	assert_string_equal(words_of(ann), "x_y, y, 明, (_y)");
	assert_string_equal(
		sql_fails(NULL, "UPDATE users SET last_name = 'x' WHERE id = '%s'", ann),
		"23514"); /* a name without its key */
	sql("DELETE FROM users WHERE id = '%s'", ann);
	assert_null(words_of(ann));
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
		T(what_ended_long_ago_is_swept_and_nothing_newer),
		T(a_ticket_is_spent_once_while_its_session_lasts),
		T(people_are_found_by_every_ending_of_login_and_name),
		T(the_epoch_changes_with_the_stored_string),
	};

	return cmocka_run_group_tests_name("schema", tests, ground_setup,
					   ground_teardown);
}
