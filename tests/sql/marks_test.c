/* How far people have read: many marks in one statement, and who is told of them. */
#include <stdlib.h>
#include <string.h>

#include "shared/text.h"
#include "tests/sql/ground.h"

enum { MANY = 4 };

static struct db *broker;

/* Moves the marks as the broker does. */
static void
move(const struct mark *marks, int count, struct mark_moved out[])
{
	struct db_call call = marks_move_call(ground.arena, marks, count);
	struct rows rows;

	assert_int_equal(db_query(broker, ground.arena, &call, &rows), OK);
	assert_int_equal(rows.count, count);
	for (int i = 0; i < count; i++)
		out[i] = marks_moved(&rows, i);
}

static struct mark_moved
move_one(const char *room, const char *user, int64_t read_seq, int64_t delivered_seq)
{
	struct mark_moved out;

	move(&(struct mark){ room, user, read_seq, delivered_seq }, 1, &out);
	return out;
}

static const char *
marks_of(const char *room, const char *user)
{
	return sql("SELECT concat_ws(' ', m.read_seq, m.read_messages, m.delivered_seq)"
		   " FROM members m JOIN rooms r ON r.no = m.room_no"
		   " WHERE r.id = '%s' AND m.user_id = '%s'",
		   room, user);
}

/* A room of ann's with bob in it, whose marks are at the beginning; then `count` messages
 * of ann's, from seq 3 on. */
static const char *
new_talk(const char *ann, const char *bob, int count)
{
	const char *room = new_room("group", ann, 200);

	assert_int_equal(do_join(ground.db, room, bob).seq, 2);
	sql("UPDATE members m SET read_seq = 0, read_messages = 0, delivered_seq = 0"
	    " FROM rooms r WHERE r.no = m.room_no AND r.id = '%s'",
	    room);
	for (int i = 0; i < count; i++) {
		struct draft d = draft(room, ann, NULL, "hello");

		assert_int_equal(post(ground.db, &d, false).seq, 3 + i);
	}
	return room;
}

static void
marks_go_forward_to_the_end_of_the_log(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 3);
	static const struct {
		int64_t read, delivered;
		bool moves;
		const char *mark;
	} cases[] = {
		{ 0, 3, true, "0 0 3" },    { 0, 2, false, "0 0 3" },
		{ 4, 0, true, "4 2 4" },    { 3, 3, false, "4 2 4" },
		{ 0, 99, true, "4 2 5" },   { 99, 0, true, "5 3 5" },
		{ 99, 99, false, "5 3 5" }, { 0, 0, false, "5 3 5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mark_moved m =
			move_one(room, bob, cases[i].read, cases[i].delivered);

		assert_string_equal(marks_of(room, bob), cases[i].mark);
		assert_int_equal(m.has_moved, cases[i].moves);
		assert_true(m.is_member && !m.is_busy);
		assert_true(text_starts(cases[i].mark, arena_printf(ground.arena, "%d ",
								    (int)m.read_seq)));
		assert_int_equal(m.delivered_seq, atoi(strrchr(cases[i].mark, ' ')));
	}
}

static void
many_are_moved_at_once_and_who_is_no_member_is_told_apart(void **state)
{
	const char *ann = new_user(), *bob = new_user();
	const char *one = new_talk(ann, bob, 1), *two = new_talk(ann, bob, 2);
	const struct mark marks[MANY] = {
		{ one, bob, 3, 0 },
		{ two, new_user(), 4, 0 },
		{ two, bob, 0, 4 },
		{ random_id(), bob, 1, 1 },
	};
	struct mark_moved out[MANY];

	(void)state;
	move(marks, MANY, out);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(out[i].is_member, i % 2 == 0);
		assert_int_equal(out[i].has_moved, i % 2 == 0);
		assert_false(out[i].is_busy);
	}
	assert_string_equal(marks_of(one, bob), "3 1 3");
	assert_string_equal(marks_of(two, bob), "0 0 4");
}

static void
the_banned_have_no_marks(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 1);

	(void)state;
	sql("UPDATE members SET banned = true WHERE user_id = '%s'", bob);
	assert_false(move_one(room, bob, 3, 3).is_member);
	assert_string_equal(marks_of(room, bob), "0 0 0");
}

static void
a_mark_that_somebody_holds_is_left_out_and_nobody_waits(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 1);
	const struct mark marks[] = { { room, bob, 3, 0 }, { room, ann, 3, 3 } };
	struct mark_moved out[2];

	(void)state;
	sql("BEGIN");
	sql("SELECT true FROM members WHERE user_id = '%s' FOR UPDATE", bob);
	move(marks, 2, out);
	sql("COMMIT");
	assert_true(out[0].is_busy && !out[0].is_member && !out[0].has_moved);
	assert_true(out[1].is_member && !out[1].is_busy && out[1].has_moved);
	move(marks, 1, out);
	assert_true(out[0].has_moved);
	assert_string_equal(marks_of(room, bob), "3 1 3");
}

static void
posting_reads_and_delivers_up_to_ones_own_message(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 2);
	struct mark_moved m = move_one(room, ann, 0, 0);

	(void)state;
	assert_false(m.has_moved);
	assert_int_equal(m.read_seq, 4);
	assert_int_equal(m.delivered_seq, 4);
}

static void
what_may_be_told_follows_the_kind_the_size_and_the_reader(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 1);
	struct mark_moved m = move_one(room, bob, 0, 0);

	(void)state;
	assert_true(m.shown && m.sends && !m.is_large && !m.authors);
	sql("UPDATE users SET settings = settings || '{\"send_receipts\": false}'"
	    " WHERE id = '%s'",
	    bob);
	m = move_one(room, bob, 0, 0);
	assert_true(m.shown && !m.sends);
	sql("UPDATE room_heads h SET member_count = 101 FROM rooms r"
	    " WHERE r.no = h.room_no AND r.id = '%s'",
	    room);
	m = move_one(room, bob, 0, 0);
	assert_true(!m.shown && !m.authors);
	sql("UPDATE rooms SET kind = 'public' WHERE id = '%s'", room);
	assert_false(move_one(room, bob, 0, 0).shown);
}

static void
in_a_large_room_the_authors_of_what_was_passed_are_named(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room = new_talk(ann, bob, 2);
	const char *cat = new_user();
	struct draft d = draft(room, cat, NULL, "hello");
	struct mark_moved m;

	(void)state;
	assert_int_equal(do_join(ground.db, room, cat).seq, 5);
	assert_int_equal(post(ground.db, &d, false).seq, 6);
	sql("UPDATE room_heads h SET member_count = 33 FROM rooms r"
	    " WHERE r.no = h.room_no AND r.id = '%s'",
	    room);
	m = move_one(room, bob, 4, 0);
	assert_true(m.is_large);
	assert_string_equal(m.authors, arena_printf(ground.arena, "[\"%s\"]", ann));
	m = move_one(room, bob, 0, 6);
	assert_string_equal(m.authors, arena_printf(ground.arena, "[\"%s\"]", cat));
	m = move_one(room, bob, 0, 0); /* unknown start: the latest authors */
	assert_non_null(strstr(m.authors, ann));
	assert_non_null(strstr(m.authors, cat));
}

static int
connected(void **state)
{
	(void)state;
	broker = ground_connect("foyer_broker");
	return 0;
}

static int
disconnected(void **state)
{
	db_close(broker);
	return ground_clean(state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, connected, disconnected)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(marks_go_forward_to_the_end_of_the_log),
		T(many_are_moved_at_once_and_who_is_no_member_is_told_apart),
		T(the_banned_have_no_marks),
		T(a_mark_that_somebody_holds_is_left_out_and_nobody_waits),
		T(posting_reads_and_delivers_up_to_ones_own_message),
		T(what_may_be_told_follows_the_kind_the_size_and_the_reader),
		T(in_a_large_room_the_authors_of_what_was_passed_are_named),
	};

	return cmocka_run_group_tests_name("marks", tests, ground_setup, ground_teardown);
}
