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
	const char *text = cursor_print(*state, INT64_C(1795197247251), 42);

	assert_int_equal(cursor_parse(*state, text, &time, &no), OK);
	assert_int_equal(time, INT64_C(1795197247251));
	assert_int_equal(no, 42);
}

static void
what_we_never_gave_is_no_cursor(void **state)
{
	static const char *const bad[] = {
		"",	"x",	"AAAA",	   "MQ",     "MS4",  "LjE",
		"MS4t", "!!!!", "MS4yLjM", "LTEuMQ", "MS4w", "OTk5OTk5OTk5OTk5OTk5OTkuMQ"
	};
	int64_t time, no;

	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(cursor_parse(*state, bad[i], &time, &no) == ERR_INVALID, bad[i]);
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
		T(two_people_have_one_room_whoever_asks),
		T(other_people_and_other_instances_have_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
