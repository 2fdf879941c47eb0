/* Entering rooms: added by an admin, by an invite, and how many rooms one may be in. */
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

static struct member_outcome
do_add(const char *room, const char *by, const char *const *whom, int count)
{
	struct member_add m = { .room_id = room,
				.by_id = by,
				.user_ids = whom,
				.user_count = count,
				.role = "member",
				.max_rooms = 3 };
	struct db_call calls[MEMBERS_CALLS];
	struct rows rows[MEMBERS_CALLS];
	struct member_outcome out;

	members_add_calls(ground.arena, &m, calls);
	assert_int_equal(db_batch(ground.db, ground.arena, calls, MEMBERS_CALLS, rows),
			 OK);
	members_add_read(rows, &out);
	return out;
}

static struct member_outcome
do_come(struct db *db, const char *code, const char *user, int64_t max_rooms)
{
	struct db_call calls[MEMBERS_CALLS];
	struct rows rows[MEMBERS_CALLS];
	struct member_outcome out;

	members_join_invited_calls(ground.arena, code, user, max_rooms, calls);
	assert_int_equal(db_batch(db, ground.arena, calls, MEMBERS_CALLS, rows), OK);
	members_read(rows, &out);
	return out;
}

static const char *
new_invite(const char *room, const char *max_uses, const char *expires)
{
	return sql(
		"INSERT INTO room_invites (code, room_no, max_uses, expires_at)"
		" SELECT replace(gen_random_uuid()::text, '-', ''), no, %s, %s FROM rooms"
		" WHERE id = '%s' RETURNING code",
		max_uses, expires, room);
}

static void
several_come_as_one_event_each_or_nobody_does(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *eve = new_user();
	const char *room = new_room("group", ann, 3);
	const char *two[] = { bob, eve, bob }, *odd[] = { bob, room },
		   *four[] = { bob, eve, new_user() };
	struct member_outcome out;

	(void)state;
	out = do_add(room, ann, odd, 2);
	assert_int_equal(out.result, MEMBER_NO_USER);
	assert_int_equal(out.refused, 2);
	assert_int_equal(do_add(room, ann, four, 3).result, MEMBER_FULL);
	assert_int_equal(do_add(room, bob, two, 3).result, MEMBER_NO_ROOM);
	assert_string_equal(members_of(room), "1 of 1, seq 1 of 1");
	assert_int_equal(do_add(room, ann, two, 3).result, MEMBER_OK);
	assert_int_equal(do_add(room, ann, two, 3).result, MEMBER_UNCHANGED);
	assert_int_equal(do_add(room, bob, two, 3).result, MEMBER_FORBIDDEN);
	assert_string_equal(members_of(room), "3 of 3, seq 3 of 3");
}

static void
who_blocks_or_will_not_be_added_or_is_banned_is_not(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 9);

	(void)state;
	sql("INSERT INTO contacts (user_id, contact_id, blocked) VALUES ('%s', '%s', true)",
	    bob, ann);
	assert_int_equal(do_add(room, ann, &bob, 1).result, MEMBER_REFUSED);
	sql("UPDATE contacts SET blocked = false WHERE user_id = '%s'", bob);
	sql("UPDATE users SET settings = settings || '{\"who_can_add\": \"nobody\"}'"
	    " WHERE id = '%s'",
	    bob);
	assert_int_equal(do_add(room, ann, &bob, 1).result, MEMBER_REFUSED);
	sql("UPDATE users SET settings = settings || '{\"who_can_add\": \"contacts\"}'"
	    " WHERE id = '%s'",
	    bob);
	assert_int_equal(do_add(room, ann, &bob, 1).result, MEMBER_OK);
	sql("UPDATE members SET banned = true WHERE user_id = '%s'", bob);
	assert_int_equal(do_add(room, ann, &bob, 1).result, MEMBER_IS_BANNED);
}

static void
nobody_is_in_more_rooms_than_one_may(void **state)
{
	const char *ann = new_user(), *bob = new_user();
	const char *invite, *room = new_room("public", ann, 9);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			do_join(ground.db, new_room("public", ann, 9), bob).result,
			MEMBER_OK);
	assert_int_equal(do_add(room, ann, &bob, 1).result, MEMBER_TOO_MANY);
	invite = new_invite(room, "1", "null");
	assert_int_equal(do_come(ground.db, invite, bob, 3).result, MEMBER_TOO_MANY);
	assert_int_equal(do_come(ground.db, invite, bob, 4).result, MEMBER_OK);
	assert_int_equal(do_come(ground.db, invite, bob, 4).result, MEMBER_UNCHANGED);
	assert_int_equal(do_come(ground.db, invite, new_user(), 4).result,
			 MEMBER_NO_ROOM);
	assert_string_equal(members_of(room), "2 of 2, seq 2 of 2");
}

static void
an_expired_invite_is_none_and_a_spent_one_expires_in_a_day(void **state)
{
	const char *room = new_room("group", new_user(), 9);
	const char *late = new_invite(room, "null", "now()"),
		   *once = new_invite(room, "1", "null");

	(void)state;
	assert_int_equal(do_come(ground.db, late, new_user(), 9).result, MEMBER_NO_ROOM);
	assert_int_equal(do_come(ground.db, once, new_user(), 9).result, MEMBER_OK);
	assert_string_equal(
		sql("SELECT expires_at BETWEEN now() + interval '23 hours' AND"
		    " now() + interval '25 hours' FROM room_invites WHERE code = '%s'",
		    once),
		"t");
}

struct comer {
	const char *code, *user;
};

static int
come_now(void *arg)
{
	struct comer *c = arg;
	int result;

	ground.db = ground_connect("foyer_api");
	result = do_come(ground.db, c->code, c->user, 9).result;
	db_close(ground.db);
	return result;
}

static void
ten_who_race_for_three_uses_have_three(void **state)
{
	const char *room = new_room("group", new_user(), 50),
		   *code = new_invite(room, "3", "null");
	struct comer comers[10];
	int children[10], results[MEMBER_RESULT_COUNT] = {};

	(void)state;
	for (int i = 0; i < 10; i++)
		comers[i] = (struct comer){ code, new_user() };
	for (int i = 0; i < 10; i++)
		children[i] = fork_child(come_now, &comers[i]);
	for (int i = 0; i < 10; i++)
		results[join_child(children[i])]++;
	assert_int_equal(results[MEMBER_OK], 3);
	assert_int_equal(results[MEMBER_NO_ROOM], 7);
	assert_string_equal(members_of(room), "4 of 4, seq 4 of 4");
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(several_come_as_one_event_each_or_nobody_does),
		T(who_blocks_or_will_not_be_added_or_is_banned_is_not),
		T(nobody_is_in_more_rooms_than_one_may),
		T(an_expired_invite_is_none_and_a_spent_one_expires_in_a_day),
		T(ten_who_race_for_three_uses_have_three),
	};

	return cmocka_run_group_tests_name("come", tests, ground_setup, ground_teardown);
}
