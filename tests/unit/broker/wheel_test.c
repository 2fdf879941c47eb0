#include "broker/wheel.h"
#include "tests/unit/test.h"

struct alarm {
	struct wheel_timer timer;
	int64_t rang_s;
	int times;
	struct wheel *wheel;
	struct alarm *cancels;
	int64_t again_s;
};

static void
ring(struct wheel_timer *t, void *arg)
{
	struct alarm *a = CONTAINER(t, struct alarm, timer);

	a->rang_s = *(int64_t *)arg;
	a->times++;
	if (a->cancels)
		wheel_cancel(&a->cancels->timer);
	if (a->again_s)
		wheel_set(a->wheel, t, a->rang_s + a->again_s);
}

static void
each_rings_in_its_second(void **state)
{
	struct wheel w;
	struct alarm alarms[300] = {};

	(void)state;
	wheel_init(&w, 1000);
	for (int i = 0; i < 300; i++) {
		wheel_timer_init(&alarms[i].timer);
		wheel_set(&w, &alarms[i].timer, 1001 + i);
	}
	for (int64_t now = 1001; now <= 1300; now++)
		wheel_advance(&w, now, ring, &now);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(alarms[i].rang_s, 1001 + i);
		assert_int_equal(alarms[i].times, 1);
	}
}

static void
a_clock_that_stood_still_misses_nobody(void **state)
{
	struct wheel w;
	struct alarm near = {}, far = {};
	int64_t now = 1500;

	(void)state;
	wheel_init(&w, 1000);
	wheel_timer_init(&near.timer);
	wheel_timer_init(&far.timer);
	wheel_set(&w, &near.timer, 1003);
	wheel_set(&w, &far.timer, 1499);
	wheel_advance(&w, now, ring, &now);
	assert_int_equal(near.times, 1);
	assert_int_equal(far.times, 1);
}

static void
what_has_passed_is_the_next_second(void **state)
{
	struct wheel w;
	struct alarm a = {};
	int64_t now = 1001;

	(void)state;
	wheel_init(&w, 1000);
	wheel_timer_init(&a.timer);
	wheel_set(&w, &a.timer, 3);
	wheel_advance(&w, now, ring, &now);
	assert_int_equal(a.times, 1);
}

static void
one_may_cancel_another_and_begin_again(void **state)
{
	struct wheel w;
	struct alarm first = { .wheel = &w, .again_s = 64 }, second = {};

	(void)state;
	wheel_init(&w, 1000);
	wheel_timer_init(&first.timer);
	wheel_timer_init(&second.timer);
	first.cancels = &second;
	wheel_set(&w, &first.timer, 1001);
	wheel_set(&w, &second.timer, 1001);
	for (int64_t now = 1001; now <= 1200; now++)
		wheel_advance(&w, now, ring, &now);
	assert_int_equal(second.times, 0);
	assert_int_equal(first.times, 4); /* 1001, 1065, 1129, 1193 */
	assert_int_equal(first.rang_s, 1193);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_rings_in_its_second),
		T(a_clock_that_stood_still_misses_nobody),
		T(what_has_passed_is_the_next_second),
		T(one_may_cancel_another_and_begin_again),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
