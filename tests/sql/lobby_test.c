/* The lobby: registration adds people to it, whatever else happens to the room. */
#include <stdlib.h>

#include "shared/removal.h"
#include "tests/sql/ground.h"

static const char *
lobby_of(void)
{
	return sql("SELECT id FROM rooms WHERE is_lobby");
}

static const char *
as_lobby_counts(void)
{
	return sql(
		"SELECT concat(h.member_count, ' of ', (SELECT count(*) FROM members m"
		" WHERE m.room_no = h.room_no AND NOT m.banned), ', seq ', h.seq,"
		" ' of ', (SELECT count(*) FROM log l WHERE l.room_no = h.room_no))"
		" FROM room_heads h JOIN rooms r ON r.no = h.room_no WHERE r.is_lobby");
}

/* Called at the end of each test. */
static void
forget(void)
{
	sql("DELETE FROM rooms WHERE is_lobby; UPDATE users SET is_admin = false");
}

/* As in the statements of fcgi/accounts_store.h. */
static const struct stmt come = {
	"lobby_come",
	"SELECT room_id FROM join_lobby($1, 'Lobby', 'lobby')",
};

static const struct stmt *const statements[] = { &come, NULL };

static int
come_now(void *arg)
{
	struct db_settings s = {
		.conninfo = arena_printf(ground.arena, "%s user=foyer_auth",
					 getenv("FOYER_TEST_DATABASE")),
		.application = "lobby",
		.statement_timeout_ms = 20000,
		.lock_timeout_ms = 20000,
		.stmts = (const struct stmt *const *const[]){ db_statements, statements,
							      NULL },
	};
	struct db *db;
	struct rows rows;
	enum err err = db_open(&s, &db);

	if (err == OK)
		err = db_query(db, ground.arena, &DB_CALL(&come, (const char *)arg),
			       &rows);
	db_close(db);
	return err;
}

static void
come_all(const char *const *who, int count)
{
	int children[16];

	for (int i = 0; i < count; i++)
		children[i] = fork_child(come_now, (void *)who[i]);
	for (int i = 0; i < count; i++)
		assert_int_equal(join_child(children[i]), OK);
}

static void
of_many_who_come_first_one_makes_it(void **state)
{
	const char *who[10];

	(void)state;
	for (int i = 0; i < 10; i++)
		who[i] = new_user();
	come_all(who, 10);
	assert_string_equal(sql("SELECT count(*) FROM rooms WHERE is_lobby"), "1");
	assert_string_equal(as_lobby_counts(), "10 of 10, seq 10 of 10");
	assert_null(sql(
		"SELECT true FROM members m JOIN rooms r ON r.no = m.room_no"
		" WHERE r.is_lobby AND (m.role <> 'member' OR m.read_seq <> m.joined_seq"
		"  OR m.delivered_seq <> m.joined_seq)"));
	forget();
}

static void
it_needs_no_member_and_no_owner(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *lobby;

	(void)state;
	come_all(&ann, 1);
	lobby = lobby_of();
	sql("UPDATE users SET is_admin = true WHERE id = '%s'", ann);
	come_all(&bob, 1);
	assert_string_equal(as_lobby_counts(), "2 of 2, seq 3 of 3");
	assert_int_equal(do_leave(ground.db, lobby, ann).result, MEMBER_OK);
	assert_null(sql("SELECT true FROM members m JOIN rooms r ON r.no = m.room_no"
			" WHERE r.is_lobby AND m.role = 'owner'"));
	assert_string_equal(as_lobby_counts(), "1 of 1, seq 4 of 4");
	assert_false(do_leave(ground.db, lobby, bob).room_removed);
	assert_string_equal(as_lobby_counts(), "0 of 0, seq 5 of 5");
	assert_string_equal(lobby_of(), lobby);
	forget();
}

static void
it_outlives_the_accounts_of_its_members(void **state)
{
	struct db *auth = ground_connect("foyer_auth");
	const char *ann = new_user(), *bob = new_user();
	int64_t seq;

	(void)state;
	come_all(&ann, 1);
	sql("UPDATE users SET is_admin = true WHERE id = '%s'", ann);
	come_all(&bob, 1);
	assert_int_equal(removal_account(auth, ground.arena, ann, false), OK);
	assert_int_equal(removal_leave(ground.db, ground.arena,
				       &(struct remnant){ lobby_of(), ann }, &seq),
			 OK);
	assert_string_equal(as_lobby_counts(), "1 of 1, seq 4 of 4");
	assert_int_equal(removal_account(auth, ground.arena, bob, false), OK);
	assert_int_equal(removal_leave(ground.db, ground.arena,
				       &(struct remnant){ lobby_of(), bob }, &seq),
			 OK);
	assert_string_equal(as_lobby_counts(), "0 of 0, seq 5 of 5");
	db_close(auth);
	forget();
}

static void
it_is_an_administrators_from_the_start_or_when_one_is_made(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *cleo = new_user();
	const char *is_owner =
		"SELECT m.user_id FROM members m JOIN rooms r"
		" ON r.no = m.room_no WHERE r.is_lobby AND m.role = 'owner'";

	(void)state;
	/* both may have been created within a millisecond */
	sql("UPDATE users SET created_at = created_at - interval '1 second'"
	    " WHERE id = '%s'",
	    ann);
	come_all(&ann, 1);
	sql("UPDATE users SET is_admin = true WHERE id = '%s'", bob);
	assert_null(sql("%s", is_owner)); /* not a member */
	come_all(&bob, 1);
	sql("UPDATE users SET is_admin = true WHERE id = '%s'", ann);
	assert_string_equal(sql("%s", is_owner), ann);
	sql("DELETE FROM rooms WHERE is_lobby");
	come_all(&cleo, 1);
	assert_string_equal(as_lobby_counts(), "2 of 2, seq 2 of 2");
	assert_string_equal(sql("%s", is_owner), ann); /* the older one */
	forget();
}

static void
only_the_program_that_makes_accounts_calls_somebody_in(void **state)
{
	static const char *const calls[] = {
		"SELECT join_lobby(gen_random_uuid(), 'x', 'x')",
		"SELECT come_to_lobby(1, gen_random_uuid(), 'owner')",
		"SELECT tell_lobby(1, gen_random_uuid(), 'joined', 'owner')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_string_equal(sql_fails("foyer_api", "%s", calls[i]), "42501");
		assert_string_equal(sql_fails("foyer_broker", "%s", calls[i]), "42501");
		if (i > 0)
			assert_string_equal(sql_fails("foyer_auth", "%s", calls[i]),
					    "42501");
	}
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(of_many_who_come_first_one_makes_it),
		T(it_needs_no_member_and_no_owner),
		T(it_outlives_the_accounts_of_its_members),
		T(it_is_an_administrators_from_the_start_or_when_one_is_made),
		T(only_the_program_that_makes_accounts_calls_somebody_in),
	};

	return cmocka_run_group_tests_name("lobby", tests, ground_setup, ground_teardown);
}
