/* Removed accounts and rooms: what goes at once, and what is cleared later. */
#include <stdlib.h>

#include "shared/removal.h"
#include "tests/sql/ground.h"

static void
only_auth_may_remove_an_account_and_only_api_may_clear_away(void **state)
{
	const char *ann = new_user();

	(void)state;
	assert_string_equal(
		sql_fails("foyer_api", "DELETE FROM users WHERE id = '%s'", ann),
		"42501");
	assert_string_equal(sql_fails("foyer_broker", "DELETE FROM users"), "42501");
	assert_string_equal(sql_fails("foyer_api",
				      "INSERT INTO removed_accounts"
				      " VALUES ('%s', true)",
				      ann),
			    "42501");
	assert_string_equal(sql_fails("foyer_auth", "DELETE FROM log"), "42501");
	assert_string_equal(sql_fails("foyer_auth", "DELETE FROM members"), "42501");
	assert_null(sql_fails("foyer_auth", "DELETE FROM users WHERE id = '%s'", ann));
	assert_null(sql_fails("foyer_api", "DELETE FROM removed_accounts"));
}

static void
removing_leaves_only_the_queue_and_the_memberships(void **state)
{
	struct db *auth = ground_connect("foyer_auth");
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10);

	(void)state;
	do_join(ground.db, room, bob);
	sql("INSERT INTO sessions (user_id, refresh_hash, refresh_expires_at, expires_at)"
	    " SELECT '%s', sha256('%s'), now(), now()",
	    bob, bob);
	assert_int_equal(removal_account(auth, ground.arena, bob, true), OK);
	assert_int_equal(removal_account(auth, ground.arena, bob, true), ERR_NOT_FOUND);
	assert_null(sql("SELECT true FROM users WHERE id = '%s'", bob));
	assert_null(sql("SELECT true FROM sessions WHERE user_id = '%s'", bob));
	assert_non_null(sql("SELECT true FROM members WHERE user_id = '%s'", bob));
	assert_string_equal(sql("SELECT erase_messages FROM removed_accounts"
				" WHERE user_id = '%s'",
				bob),
			    "t");
	db_close(auth);
}

static void
leaving_twice_tells_it_once(void **state)
{
	struct db *auth = ground_connect("foyer_auth"),
		  *api = ground_connect("foyer_api");
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", bob, 10);
	const struct remnant r = { room, bob };
	int64_t seq;

	(void)state;
	do_join(ground.db, room, ann);
	assert_int_equal(removal_leave(api, ground.arena, &r, &seq), OK);
	assert_int_equal(seq, 0); /* no account is removed yet */
	assert_int_equal(removal_account(auth, ground.arena, bob, false), OK);
	assert_int_equal(removal_leave(api, ground.arena, &r, &seq), OK);
	assert_int_equal(seq, 4); /* made, joined, left, a new owner */
	assert_int_equal(removal_leave(api, ground.arena, &r, &seq), OK);
	assert_int_equal(seq, 0);
	assert_string_equal(sql("SELECT m.user_id FROM members m JOIN rooms r"
				" ON r.no = m.room_no WHERE r.id = '%s'"
				" AND m.role = 'owner'",
				room),
			    ann);
	db_close(auth);
	db_close(api);
}

static void
somebody_who_is_still_in_a_room_is_not_walked_for(void **state)
{
	struct db *auth = ground_connect("foyer_auth"),
		  *api = ground_connect("foyer_api");
	const char *ann = new_user(), *room = new_room("group", ann, 10);
	const struct remnant r = { room, ann };
	struct erasure e = {};
	int64_t seq;

	(void)state;
	sql("DELETE FROM removed_accounts");
	assert_int_equal(removal_account(auth, ground.arena, ann, true), OK);
	assert_int_equal(removal_next(api, ground.arena, &e), ERR_NOT_FOUND);
	assert_int_equal(removal_leave(api, ground.arena, &r, &seq), OK);
	assert_int_equal(removal_next(api, ground.arena, &e), OK);
	assert_string_equal(e.user_id, ann);
	while (removal_next(api, ground.arena, &e) == OK)
		assert_int_equal(removal_walk_on(api, ground.arena, &e), OK);
	assert_int_equal(removal_done(api, ground.arena), OK);
	assert_non_null(sql("SELECT true FROM removed_accounts")); /* kept for a minute */
	sql("UPDATE removed_accounts SET removed_at = now() - interval '2 minutes'");
	assert_int_equal(removal_done(api, ground.arena), OK);
	assert_null(sql("SELECT true FROM removed_accounts"));
	db_close(auth);
	db_close(api);
}

static void
the_log_of_a_removed_room_goes_in_pieces_and_no_other(void **state)
{
	struct db *api = ground_connect("foyer_api");
	const char *ann = new_user(), *gone = new_room("group", ann, 10),
		   *kept = new_room("group", ann, 10), *no;
	bool more = true;
	int pieces = 0;

	(void)state;
	no = sql("SELECT no FROM rooms WHERE id = '%s'", gone);
	for (int i = 0; i < 25; i++) {
		struct draft d = draft(gone, ann, roomlog_key(ground.arena), "said");

		assert_int_equal(post(ground.db, &d, false).result, APPEND_OK);
	}
	while (more) /* left by other tests */
		assert_int_equal(removal_rooms(api, ground.arena, 1000, &more), OK);
	sql("DELETE FROM rooms WHERE id = '%s'", gone);
	assert_string_equal(sql_fails("foyer_api", "DELETE FROM log"), "42501");
	assert_string_equal(sql_fails("foyer_broker", "SELECT clear_removed_rooms(1)"),
			    "42501");
	for (more = true; more; pieces++)
		assert_int_equal(removal_rooms(api, ground.arena, 10, &more), OK);
	assert_int_equal(pieces, 4); /* 10, 10, 6, and one that finds nothing */
	assert_string_equal(sql("SELECT count(*) FROM log WHERE room_no = %s", no), "0");
	assert_string_equal(sql("SELECT count(*) FROM log l JOIN rooms r ON r.no ="
				" l.room_no WHERE r.id = '%s'",
				kept),
			    "1");
	db_close(api);
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_auth_may_remove_an_account_and_only_api_may_clear_away),
		T(removing_leaves_only_the_queue_and_the_memberships),
		T(leaving_twice_tells_it_once),
		T(somebody_who_is_still_in_a_room_is_not_walked_for),
		T(the_log_of_a_removed_room_goes_in_pieces_and_no_other),
	};

	return cmocka_run_group_tests_name("removal", tests, ground_setup,
					   ground_teardown);
}
