/* Unread messages and mentions, as `ready` and the list of rooms count them: always what
 * counting the messages one by one would give. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sql/ground.h"

/* "unread, mentions" of a person in a room. */
static const char *
counted(const char *room, const char *who)
{
	struct db_call call = roomlog_recent_call(ground.arena, who, 100);
	struct rows rows;

	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	for (int i = 0; i < rows.count; i++)
		if (strcmp(rows_text(&rows, i, 0), room) == 0)
			return arena_printf(ground.arena, "%ld, %ld",
					    (long)rows_int(&rows, i, 3),
					    (long)rows_int(&rows, i, 4));
	return "not there";
}

/* The same the slow way. */
static const char *
in_truth(const char *room, const char *who)
{
	return sql("SELECT concat(count(*), ', ',"
		   "  count(*) FILTER (WHERE m.user_id = ANY (l.mentions)))"
		   " FROM rooms r JOIN members m ON m.room_no = r.no AND m.user_id = '%s'"
		   " JOIN log l ON l.room_no = r.no AND l.type = 'message'"
		   "  AND l.seq > m.read_seq AND l.deleted_at IS NULL WHERE r.id = '%s'",
		   who, room);
}

static void
assert_counts(const char *room, const char *who, const char *expected)
{
	assert_string_equal(counted(room, who), expected);
	assert_string_equal(in_truth(room, who), expected);
}

static struct edit_of
say(const char *room, const char *who, const char *text)
{
	struct draft d = draft(room, who, NULL, text);
	struct appended out = post(ground.db, &d, false);

	assert_int_equal(out.result, APPEND_OK);
	return (struct edit_of){ out.room_no, out.seq, who, NULL };
}

static void
run_edit(const struct db_call calls[EDITS_CALLS])
{
	struct rows rows[EDITS_CALLS];
	struct edit_outcome out;

	assert_int_equal(db_batch(ground.db, ground.arena, calls, EDITS_CALLS, rows), OK);
	edits_read(rows, &out);
	assert_int_equal(out.result, EDIT_OK);
}

static void
edit(const struct edit_of *of, const char *text)
{
	struct db_call calls[EDITS_CALLS];

	edits_text_calls(ground.arena, of, text, calls);
	run_edit(calls);
}

static void
take_back(const struct edit_of *of)
{
	struct db_call calls[EDITS_CALLS];

	edits_delete_calls(ground.arena, of, calls);
	run_edit(calls);
}

static void
read_to(const char *room, const char *who, int64_t seq)
{
	struct db_call call = marks_read_call(ground.arena, room, who, seq);
	struct rows rows;

	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_int_equal(marks_read_result(&rows), OK);
}

struct two {
	const char *ann, *bob, *room, *at_bob;
};

static struct two
two_in_a_room(void)
{
	struct two t = { .ann = new_user(), .bob = new_user() };

	t.room = new_room("group", t.ann, 10);
	t.at_bob = at(t.bob);
	assert_int_equal(do_join(ground.db, t.room, t.bob).result, MEMBER_OK);
	return t;
}

static void
deleting_takes_from_what_is_unread_and_only_there(void **state)
{
	struct two t = two_in_a_room();
	struct edit_of of[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		of[i] = say(t.room, t.ann, i % 2 ? t.at_bob : "hello");
	assert_counts(t.room, t.bob, "4, 2");
	take_back(&of[0]);
	assert_counts(t.room, t.bob, "3, 2");
	read_to(t.room, t.bob, of[1].seq);
	assert_counts(t.room, t.bob, "2, 1");
	take_back(&of[1]); /* already read */
	assert_counts(t.room, t.bob, "2, 1");
	take_back(&of[3]);
	assert_counts(t.room, t.bob, "1, 0");
	read_to(t.room, t.bob, of[3].seq);
	assert_counts(t.room, t.bob, "0, 0");
	assert_counts(t.room, t.ann, "0, 0");
}

static void
reading_up_to_what_is_no_message_counts_right(void **state)
{
	struct two t = two_in_a_room();
	struct edit_of first = say(t.room, t.ann, "one"),
		       second = say(t.room, t.ann, t.at_bob);

	(void)state;
	take_back(&first); /* its event comes after both messages */
	edit(&second, "two");
	say(t.room, t.ann, t.at_bob);
	assert_counts(t.room, t.bob, "2, 1");
	read_to(t.room, t.bob, second.seq + 1); /* the deletion's event */
	assert_counts(t.room, t.bob, "1, 1");
	read_to(t.room, t.bob, second.seq + 2); /* the edit's event */
	assert_counts(t.room, t.bob, "1, 1");
	read_to(t.room, t.bob, second.seq); /* never moves back */
	assert_counts(t.room, t.bob, "1, 1");
}

static void
an_edit_moves_mentions_and_nothing_else(void **state)
{
	struct two t = two_in_a_room();
	struct edit_of of = say(t.room, t.ann, "hello");

	(void)state;
	edit(&of, t.at_bob);
	assert_counts(t.room, t.bob, "1, 1");
	edit(&of, arena_printf(ground.arena, "%s %s", t.at_bob, t.at_bob));
	assert_counts(t.room, t.bob, "1, 1");
	edit(&of, "never mind");
	assert_counts(t.room, t.bob, "1, 0");
	read_to(t.room, t.bob, of.seq);
	edit(&of, t.at_bob); /* an edited message that was read stays read */
	assert_counts(t.room, t.bob, "0, 0");
}

static void
who_is_blocked_or_banned_is_not_mentioned(void **state)
{
	struct two t = two_in_a_room();
	struct edit_of of;

	(void)state;
	say(t.room, t.ann, t.at_bob);
	block(t.bob, t.ann);
	assert_counts(t.room, t.bob, "1, 1"); /* from before the block */
	of = say(t.room, t.ann, t.at_bob);
	assert_counts(t.room, t.bob, "2, 1");
	sql("DELETE FROM contacts WHERE user_id = '%s'", t.bob);
	edit(&of, arena_printf(ground.arena, "again %s", t.at_bob));
	assert_counts(t.room, t.bob, "2, 2");
	do_change(ground.db, &(struct member_change){ .room_id = t.room,
						      .by_id = t.ann,
						      .user_id = t.bob,
						      .banned = 1 });
	say(t.room, t.ann, t.at_bob);
	assert_string_equal(counted(t.room, t.bob), "not there");
	do_change(ground.db, &(struct member_change){ .room_id = t.room,
						      .by_id = t.ann,
						      .user_id = t.bob,
						      .banned = 0 });
	assert_counts(t.room, t.bob, "0, 0");
}

/* A few hundred changes in any order; SEED=n repeats them. */
static void
whatever_happens_the_subtraction_is_the_count(void **state)
{
	struct two t = two_in_a_room();
	const char *given = getenv("SEED");
	unsigned began = given ? (unsigned)atol(given) : (unsigned)getpid(), seed = began;
	struct edit_of said[200];
	bool gone[200] = {};
	int count = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		int which = count ? rand_r(&seed) % count : 0;

		switch (count ? rand_r(&seed) % 6 : 0) {
		case 0:
		case 1:
			if (count < 200)
				said[count++] = say(t.room, t.ann,
						    rand_r(&seed) % 2 ? t.at_bob : "x");
			break;
		case 2:
			if (!gone[which])
				edit(&said[which], arena_printf(ground.arena, "%d %s", i,
								i % 2 ? t.at_bob : ""));
			break;
		case 3:
			if (!gone[which])
				take_back(&said[which]);
			gone[which] = true;
			break;
		case 4:
			read_to(t.room, t.bob, said[which].seq + rand_r(&seed) % 4);
			break;
		default:
			if (rand_r(&seed) % 8 == 0)
				say(t.room, t.bob, "I have read it");
		}
		if (strcmp(counted(t.room, t.bob), in_truth(t.room, t.bob)) != 0)
			fail_msg("SEED=%u: %s is %s", began, counted(t.room, t.bob),
				 in_truth(t.room, t.bob));
	}
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(deleting_takes_from_what_is_unread_and_only_there),
		T(reading_up_to_what_is_no_message_counts_right),
		T(an_edit_moves_mentions_and_nothing_else),
		T(who_is_blocked_or_banned_is_not_mentioned),
		T(whatever_happens_the_subtraction_is_the_count),
	};

	return cmocka_run_group_tests_name("counts", tests, ground_setup,
					   ground_teardown);
}
