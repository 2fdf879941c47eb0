/* Members: joining, leaving, and who may do what to whom. */
#include <stdlib.h>

#include "shared/clock.h"
#include "tests/sql/ground.h"

static const char *
members_of(const char *room)
{
	return sql(
		"SELECT concat(h.member_count, ' of ', (SELECT count(*) FROM members m"
		" WHERE m.room_no = h.room_no AND NOT m.banned), ', seq ', h.seq, ' of ',"
		" (SELECT count(*) FROM log l WHERE l.room_no = h.room_no))"
		" FROM room_heads h JOIN rooms r ON r.no = h.room_no WHERE r.id = '%s'",
		room);
}

static void
joining_twice_changes_nothing(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_UNCHANGED);
	assert_string_equal(members_of(room), "2 of 2, seq 2 of 2");
}

static void
a_closed_group_and_a_direct_room_are_hidden_from_strangers(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10);

	(void)state;
	assert_int_equal(do_join(ground.db, bob, bob).result, MEMBER_NO_ROOM);
	sql("UPDATE rooms SET join_by_id = false WHERE id = '%s'", room);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_NO_ROOM);
	assert_int_equal(do_join(ground.db, room, ann).result, MEMBER_UNCHANGED);
}

struct joiner {
	const char *room, *user;
};

static int
join_now(void *arg)
{
	struct joiner *j = arg;
	int result;

	ground.db = ground_connect("foyer_api");
	result = do_join(ground.db, j->room, j->user).result;
	db_close(ground.db);
	return result;
}

static void
ten_who_join_at_once_find_exactly_the_places_there_are(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 5);
	struct joiner joiners[10];
	int children[10], results[MEMBER_RESULT_COUNT] = {};

	(void)state;
	for (int i = 0; i < 10; i++)
		joiners[i] = (struct joiner){ room, new_user() };
	for (int i = 0; i < 10; i++)
		children[i] = fork_child(join_now, &joiners[i]);
	for (int i = 0; i < 10; i++)
		results[join_child(children[i])]++;
	assert_int_equal(results[MEMBER_OK], 4);
	assert_int_equal(results[MEMBER_FULL], 6);
	assert_string_equal(members_of(room), "5 of 5, seq 5 of 5");
}

static void
the_owner_who_leaves_hands_over_to_the_oldest_admin(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *cleo = new_user();
	const char *room = new_room("public", ann, 10);
	struct member_change admin = { .room_id = room,
				       .by_id = ann,
				       .user_id = cleo,
				       .role = "admin",
				       .banned = -1 };

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, cleo).result, MEMBER_OK);
	assert_int_equal(do_change(ground.db, &admin).result, MEMBER_OK);
	assert_int_equal(do_leave(ground.db, room, ann).seq, 6);
	assert_string_equal(
		sql("SELECT user_id FROM members m JOIN rooms r ON r.no = m.room_no"
		    " WHERE role = 'owner' AND r.id = '%s'",
		    room),
		cleo);
	assert_string_equal(members_of(room), "2 of 2, seq 6 of 6");
	assert_int_equal(do_leave(ground.db, room, ann).result, MEMBER_NO_ROOM);
}

static void
the_last_one_to_leave_removes_the_room(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 10);
	struct member_outcome out = do_leave(ground.db, room, ann);

	(void)state;
	assert_int_equal(out.result, MEMBER_OK);
	assert_true(out.room_removed);
	assert_null(sql("SELECT id FROM rooms WHERE id = '%s'", room));
	assert_string_equal(
		sql("SELECT room_no FROM removed_rooms WHERE room_id = '%s'", room),
		sql("SELECT %ld", (long)out.room_no));
}

static void
a_ban_takes_the_membership_and_the_role_and_lifting_it_gives_it_back(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct member_change c = { .room_id = room,
				   .by_id = ann,
				   .user_id = bob,
				   .role = "admin",
				   .banned = -1 };

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_UNCHANGED);
	c.role = NULL;
	c.banned = 1;
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	assert_string_equal(members_of(room), "1 of 1, seq 4 of 4");
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_BANNED);
	assert_int_equal(do_leave(ground.db, room, bob).result, MEMBER_NO_ROOM);
	c.banned = 0;
	assert_int_equal(do_join(ground.db, new_room("public", ann, 10), bob).result,
			 MEMBER_OK);
	c.max_rooms = 1;
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_TOO_MANY);
	c.max_rooms = 2;
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	assert_string_equal(members_of(room), "2 of 2, seq 5 of 5");
}

static void
removing_somebody_lets_them_come_back_and_forgets_a_ban(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct member_change kick = { .room_id = room,
				      .by_id = ann,
				      .user_id = bob,
				      .banned = -1,
				      .remove = true };
	struct member_change ban = {
		.room_id = room, .by_id = ann, .user_id = bob, .banned = 1
	};

	(void)state;
	assert_int_equal(do_change(ground.db, &kick).result, MEMBER_NO_USER);
	assert_int_equal(do_change(ground.db, &ban).result,
			 MEMBER_OK); /* before he joins */
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_BANNED);
	assert_int_equal(do_change(ground.db, &kick).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_change(ground.db, &kick).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_string_equal(members_of(room), "2 of 2, seq 6 of 6");
}

static void
nobody_rises_above_or_touches_those_above(void **state)
{
	const char *owner = new_user(), *admin = new_user(), *member = new_user();
	const char *stranger = new_user(), *room = new_room("public", owner, 10);
	const struct {
		const char *by, *user, *role;
		int banned;
		enum member_result result;
	} cases[] = {
		{ owner, admin, "admin", -1, MEMBER_OK },
		{ stranger, member, NULL, 1, MEMBER_NO_ROOM },
		{ member, admin, NULL, 1, MEMBER_FORBIDDEN },
		{ member, member, "admin", -1, MEMBER_FORBIDDEN },
		{ admin, owner, NULL, 1, MEMBER_FORBIDDEN },
		{ admin, member, "admin", -1, MEMBER_FORBIDDEN },
		{ admin, admin, "owner", -1, MEMBER_FORBIDDEN },
		{ owner, owner, "member", -1, MEMBER_FORBIDDEN },
		{ owner, stranger, "admin", -1, MEMBER_NO_USER },
		{ admin, member, NULL, 1, MEMBER_OK },
		{ owner, admin, "owner", -1, MEMBER_OK },
		{ owner, member, NULL, 0, MEMBER_OK }, /* the owner is an admin now */
		{ owner, admin, NULL, 1, MEMBER_FORBIDDEN },
	};

	(void)state;
	assert_int_equal(do_join(ground.db, room, admin).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, member).result, MEMBER_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct member_change c = { .room_id = room,
					   .by_id = cases[i].by,
					   .user_id = cases[i].user,
					   .role = cases[i].role,
					   .banned = cases[i].banned };

		if (do_change(ground.db, &c).result != cases[i].result)
			fail_msg("case %zu: not %d", i, cases[i].result);
	}
}

static enum member_result
mute(const char *room, const char *by, const char *user, int64_t until)
{
	return do_change(ground.db, &(struct member_change){ .room_id = room,
							     .by_id = by,
							     .user_id = user,
							     .given_muted_until = true,
							     .muted_until = until,
							     .banned = -1 })
		.result;
}

static const char *
former_of(const char *room)
{
	return sql(
		"SELECT count(*) FROM former_members x JOIN rooms r ON r.no = x.room_no"
		" WHERE r.id = '%s'",
		room);
}

static void
what_holds_those_who_left_is_kept_until_it_is_over(void **state)
{
	const int64_t later = clock_now_ms() + 3600000;
	const char *owner = new_user(), *ann = new_user(), *bob = new_user();
	const char *carl = new_user(), *dora = new_user();
	const char *room = new_room("public", owner, 10);
	const char *const all[] = { ann, bob, carl, dora };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(do_join(ground.db, room, all[i]).result, MEMBER_OK);
	sql("UPDATE rooms SET settings = settings || '{\"slow_mode_s\": 600}'"
	    " WHERE id = '%s'",
	    room);
	sql("UPDATE members SET posted_at = now() WHERE user_id = '%s'", dora);
	assert_int_equal(mute(room, owner, ann, later), MEMBER_OK);
	assert_int_equal(mute(room, owner, bob, later), MEMBER_OK);
	assert_int_equal(do_leave(ground.db, room, ann).result, MEMBER_OK);
	assert_int_equal(do_leave(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_leave(ground.db, room, dora).result, MEMBER_OK);
	assert_string_equal(former_of(room), "3");
	sql("UPDATE former_members SET muted_until = now() - interval '1 s'"
	    " WHERE user_id = '%s'",
	    ann);
	assert_int_equal(do_leave(ground.db, room, carl).result, MEMBER_OK);
	assert_string_equal(former_of(room), "2");
	sql("UPDATE former_members SET posted_at = now() - interval '601 s'"
	    " WHERE user_id = '%s'",
	    dora);
	assert_int_equal(do_join(ground.db, room, carl).result, MEMBER_OK);
	assert_int_equal(do_leave(ground.db, room, carl).result, MEMBER_OK);
	assert_string_equal(former_of(room), "1");
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_string_equal(former_of(room), "0");
	assert_string_equal(sql("SELECT muted_until > now() FROM members m JOIN rooms r"
				" ON r.no = m.room_no WHERE r.id = '%s'"
				" AND m.user_id = '%s'",
				room, bob),
			    "t");
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(joining_twice_changes_nothing),
		T(a_closed_group_and_a_direct_room_are_hidden_from_strangers),
		T(ten_who_join_at_once_find_exactly_the_places_there_are),
		T(the_owner_who_leaves_hands_over_to_the_oldest_admin),
		T(the_last_one_to_leave_removes_the_room),
		T(a_ban_takes_the_membership_and_the_role_and_lifting_it_gives_it_back),
		T(removing_somebody_lets_them_come_back_and_forgets_a_ban),
		T(nobody_rises_above_or_touches_those_above),
		T(what_holds_those_who_left_is_kept_until_it_is_over),
	};

	return cmocka_run_group_tests_name("members", tests, ground_setup,
					   ground_teardown);
}
