#include "broker/stay.h"
#include "tests/unit/test.h"

static const struct stay_rules rules = { .grace_s = 10, .away_s = 60 };

static void
the_first_device_brings_them_and_the_last_takes_them_after_a_grace(void **state)
{
	struct stay s = {};

	(void)state;
	assert_false(s.is_here);
	assert_int_equal(stay_next_s(&s, &rules), -1);
	stay_enter(&s, 100);
	stay_enter(&s, 101);
	assert_true(s.is_here);
	stay_leave(&s, 102);
	stay_pass(&s, &rules, 130);
	assert_true(s.is_here);
	stay_leave(&s, 130);
	assert_int_equal(stay_next_s(&s, &rules), 140);
	stay_pass(&s, &rules, 139);
	assert_true(s.is_here);
	stay_pass(&s, &rules, 140);
	assert_false(s.is_here);
	assert_int_equal(stay_next_s(&s, &rules), -1);
}

static void
who_comes_back_within_the_grace_has_never_left(void **state)
{
	struct stay s = {};

	(void)state;
	stay_enter(&s, 100);
	stay_leave(&s, 105);
	stay_enter(&s, 114);
	stay_pass(&s, &rules, 116);
	assert_true(s.is_here);
	assert_int_equal(stay_next_s(&s, &rules), 160);
}

static void
who_does_nothing_is_away_until_they_do_something(void **state)
{
	struct stay s = {};

	(void)state;
	stay_enter(&s, 100);
	assert_int_equal(stay_next_s(&s, &rules), 160);
	stay_act(&s, 120);
	stay_pass(&s, &rules, 160);
	assert_false(s.is_away);
	assert_int_equal(stay_next_s(&s, &rules), 180);
	stay_pass(&s, &rules, 180);
	assert_true(s.is_away);
	assert_int_equal(stay_next_s(&s, &rules), -1);
	stay_act(&s, 500);
	assert_false(s.is_away);
	assert_int_equal(stay_next_s(&s, &rules), 560);
}

static void
a_device_more_is_no_doing_and_a_first_one_is(void **state)
{
	struct stay s = {};

	(void)state;
	stay_enter(&s, 100);
	stay_pass(&s, &rules, 160);
	stay_enter(&s, 170);
	assert_true(s.is_away);
	stay_leave(&s, 171);
	stay_leave(&s, 172);
	stay_enter(&s, 175); /* within the grace period */
	assert_true(s.is_away);
	stay_leave(&s, 180);
	stay_pass(&s, &rules, 190);
	assert_false(s.is_here);
	stay_enter(&s, 200);
	assert_true(s.is_here);
	assert_false(s.is_away);
}

static void
they_may_become_away_within_the_grace(void **state)
{
	struct stay s = {};

	(void)state;
	stay_enter(&s, 100);
	stay_leave(&s, 155);
	assert_int_equal(stay_next_s(&s, &rules), 160);
	stay_pass(&s, &rules, 160);
	assert_true(s.is_here && s.is_away);
	assert_int_equal(stay_next_s(&s, &rules), 165);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_device_brings_them_and_the_last_takes_them_after_a_grace),
		cmocka_unit_test(who_comes_back_within_the_grace_has_never_left),
		cmocka_unit_test(who_does_nothing_is_away_until_they_do_something),
		cmocka_unit_test(a_device_more_is_no_doing_and_a_first_one_is),
		cmocka_unit_test(they_may_become_away_within_the_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
