/* Small opaque values: cursors of lists, and ids of direct rooms. */
#include "fcgi/cursor.h"
#include "fcgi/direct.h"
#include "tests/unit/test.h"

#define ANN "0b8c4a52-6d0e-4c1a-9a55-2f6f0d3b7c11"
#define BOB "7a1fd5a2-1111-4c1a-9a55-2f6f0d3b7c12"
#define EVE "7a1fd5a2-1111-4c1a-9a55-2f6f0d3b7c13"

static void
a_cursor_comes_back(void **state)
{
	int64_t time, no;
	const char *text = cursor_print(*state, CURSOR_CALLS, INT64_C(1795197247251), 42);

	assert_int_equal(cursor_parse(*state, CURSOR_CALLS, text, &time, &no), OK);
	assert_int_equal(time, INT64_C(1795197247251));
	assert_int_equal(no, 42);
}

static void
what_we_never_gave_is_no_cursor(void **state)
{
	static const char *const bad[] = {
		"",	   "x",	     "AAAA",
		"!!!!",	   "MS4x", /* 1.1, of no list */
		"ZA",	   "ZDE",    "ZDEu",
		"ZC4x",	   "ZDEuLQ", "ZDEuMi4z",
		"ZC0xLjE", "ZDEuMA", "ZDk5OTk5OTk5OTk5OTk5OTk5LjE",
	};
	int64_t time, no;

	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(cursor_parse(*state, CURSOR_CALLS, bad[i], &time, &no) ==
			     ERR_INVALID,
		     bad[i]);
}

static void
a_cursor_of_one_list_is_none_of_another(void **state)
{
	const char *time = cursor_print(*state, CURSOR_ROOMS_MINE, 5, 7);
	const char *key = cursor_print_id(*state, CURSOR_INVITES, 5, ANN);
	const char *word = cursor_print_word(*state, CURSOR_PEOPLE, true, ANN, "ann");
	const char *text = cursor_print_text(*state, CURSOR_ADMIN_USERS, "ann"), *found;
	int64_t at, no;
	struct uuid id;
	bool inside;
	char *plain;

	assert_int_equal(cursor_parse(*state, CURSOR_ROOMS_MINE, time, &at, &no), OK);
	assert_int_equal(cursor_parse_key(*state, CURSOR_INVITES, key, &at, &found), OK);
	assert_int_equal(cursor_parse_id(*state, CURSOR_INVITES, key, &at, &id), OK);
	assert_int_equal(
		cursor_parse_word(*state, CURSOR_PEOPLE, word, &inside, &id, &found), OK);
	assert_int_equal(cursor_parse_text(*state, CURSOR_ADMIN_USERS, text, &plain), OK);
	assert_string_equal(plain, "ann");
	for (enum cursor_list l = CURSOR_ADMIN_INVITES; l <= CURSOR_TOKENS; l++) {
		const char *name = arena_printf(*state, "%c", (int)l);

		CASE(l == CURSOR_ROOMS_MINE ||
			     cursor_parse(*state, l, time, &at, &no) == ERR_INVALID,
		     name);
		CASE(l == CURSOR_INVITES ||
			     cursor_parse_key(*state, l, key, &at, &found) == ERR_INVALID,
		     name);
		CASE(l == CURSOR_INVITES ||
			     cursor_parse_id(*state, l, key, &at, &id) == ERR_INVALID,
		     name);
		CASE(l == CURSOR_PEOPLE || cursor_parse_word(*state, l, word, &inside,
							     &id, &found) == ERR_INVALID,
		     name);
		CASE(l == CURSOR_ADMIN_USERS ||
			     cursor_parse_text(*state, l, text, &plain) == ERR_INVALID,
		     name);
	}
}

static void
two_people_have_one_room_whoever_asks(void **state)
{
	struct uuid one, two;

	(void)state;
	direct_room_id(7, ANN, BOB, &one);
	direct_room_id(7, BOB, ANN, &two);
	assert_string_equal(one.text, two.text);
	assert_true(uuid_is(one.text));
	assert_int_equal(one.text[14], '8');
}

static void
other_people_and_other_instances_have_others(void **state)
{
	struct uuid one, two, three;

	(void)state;
	direct_room_id(7, ANN, BOB, &one);
	direct_room_id(7, ANN, EVE, &two);
	direct_room_id(8, ANN, BOB, &three);
	assert_string_not_equal(one.text, two.text);
	assert_string_not_equal(one.text, three.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_cursor_comes_back),
		T(what_we_never_gave_is_no_cursor),
		T(a_cursor_of_one_list_is_none_of_another),
		T(two_people_have_one_room_whoever_asks),
		T(other_people_and_other_instances_have_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
