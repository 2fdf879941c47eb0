#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/limits.h"
#include "tests/unit/test.h"

enum { WORKERS = 4 };

static char folder[] = "/tmp/foyer-limits-XXXXXX";
static char path[64];
static const struct limit post = { "post", 5, 10, 1000 }; /* 10 a second, 5 at once */
static const int64_t now = 1800000000000;

static struct limits *
opened(void)
{
	struct limits *l = NULL;

	assert_int_equal(limits_open(path, &l), OK);
	return l;
}

static struct limits *
fresh(void)
{
	unlink(path);
	return opened();
}

static int
how_many(struct limits *l, const struct limit *limit, const char *who, int64_t at)
{
	int n = 0;

	while (limits_take(l, limit, who, 1, at).allowed)
		n++;
	return n;
}

static void
a_burst_is_allowed_and_no_more(void **state)
{
	struct limits *l = fresh();
	struct limit_state s;

	(void)state;
	for (int i = 0; i < 5; i++) {
		s = limits_take(l, &post, "ann", 1, now);
		assert_true(s.allowed);
		assert_int_equal(s.remaining, 4 - i);
		assert_int_equal(s.reset_ms, 100 * (i + 1));
		assert_int_equal(s.retry_after_ms, 0);
	}
	s = limits_take(l, &post, "ann", 1, now);
	assert_false(s.allowed);
	assert_int_equal(s.remaining, 0);
	assert_int_equal(s.retry_after_ms, 100);
	assert_int_equal(how_many(l, &post, "bob", now), 5);
	limits_close(l);
}

static void
units_come_back_with_time(void **state)
{
	struct limits *l = fresh();

	(void)state;
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	assert_int_equal(how_many(l, &post, "ann", now + 99), 0);
	assert_int_equal(how_many(l, &post, "ann", now + 100), 1);
	assert_int_equal(how_many(l, &post, "ann", now + 350), 2);
	assert_int_equal(how_many(l, &post, "ann", now + 10000), 5);
	limits_close(l);
}

static void
a_refusal_takes_nothing(void **state)
{
	struct limits *l = fresh();

	(void)state;
	how_many(l, &post, "ann", now);
	for (int i = 0; i < 1000; i++)
		assert_false(limits_take(l, &post, "ann", 1, now).allowed);
	assert_int_equal(how_many(l, &post, "ann", now + 100), 1);
	limits_close(l);
}

static void
looking_takes_nothing(void **state)
{
	struct limits *l = fresh();
	struct limit_state s = limits_take(l, &post, "ann", 0, now);

	(void)state;
	assert_true(s.allowed);
	assert_int_equal(s.remaining, 5);
	assert_int_equal(s.reset_ms, 0);
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	s = limits_take(l, &post, "ann", 0, now);
	assert_false(s.allowed);
	assert_int_equal(s.retry_after_ms, 100);
	limits_close(l);
}

static void
costs_are_weighed(void **state)
{
	struct limits *l = fresh();
	struct limit_state s;

	(void)state;
	assert_true(limits_take(l, &post, "ann", 3, now).allowed);
	s = limits_take(l, &post, "ann", 3, now);
	assert_false(s.allowed);
	assert_int_equal(s.remaining, 2);
	assert_int_equal(s.retry_after_ms, 100);
	assert_true(limits_take(l, &post, "ann", 2, now).allowed);
	/* a cost above the burst counts as the burst */
	assert_true(limits_take(l, &post, "bob", 1000, now).allowed);
	assert_false(limits_take(l, &post, "bob", 1, now).allowed);
	limits_close(l);
}

static void
what_is_given_back_can_be_taken_again(void **state)
{
	struct limits *l = fresh();

	(void)state;
	how_many(l, &post, "ann", now);
	limits_give(l, &post, "ann", 2, now);
	assert_int_equal(how_many(l, &post, "ann", now), 2);
	limits_give(l, &post, "ann", 1000, now);
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	limits_give(l, &post, "bob", 5, now);
	assert_int_equal(how_many(l, &post, "bob", now), 5);
	limits_close(l);
}

static void
limits_of_different_names_do_not_meet(void **state)
{
	static const struct limit read = { "read", 5, 10, 1000 };
	struct limits *l = fresh();

	(void)state;
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	assert_int_equal(how_many(l, &read, "ann", now), 5);
	limits_close(l);
}

/* Rates that do not divide evenly, slow ones, fast ones. */
static const struct limit odd[] = {
	{ "third", 60, 30, 1000 },	{ "seventh", 7, 7, 1000 },
	{ "signin", 10, 10, 900000 },	{ "hourly", 20, 20, 3600000 },
	{ "fast", 10000, 10000, 1000 },
};

static void
odd_rates_keep_their_burst_and_their_pace(void **state)
{
	struct limits *l = fresh();

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		int64_t burst = odd[i].burst, n;

		CASE(how_many(l, &odd[i], "ann", now) == burst, odd[i].name);
		n = how_many(l, &odd[i], "ann", now + odd[i].window_ms);
		CASE(n == (odd[i].per < burst ? odd[i].per : burst), odd[i].name);
	}
	limits_close(l);
}

static void
a_clock_set_back_does_not_lock_anybody_out(void **state)
{
	struct limits *l = fresh();

	(void)state;
	how_many(l, &post, "ann", now + 86400000);
	assert_int_equal(how_many(l, &post, "ann", now), 0);
	assert_int_equal(how_many(l, &post, "ann", now + 100), 1);
	assert_int_equal(how_many(l, &post, "ann", now + 1000), 5);
	limits_close(l);
}

static void
counts_survive_and_are_shared(void **state)
{
	struct limits *a = fresh(), *b = opened();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(limits_take(a, &post, "ann", 1, now).allowed);
	assert_int_equal(how_many(b, &post, "ann", now), 2);
	limits_close(a);
	limits_close(b);
	a = opened();
	assert_int_equal(how_many(a, &post, "ann", now), 0);
	limits_close(a);
}

static int
count_in_a_child(void)
{
	struct limits *l = opened();
	static const struct limit race = { "race", 100, 1, 1000000 };
	int n = how_many(l, &race, "ann", now);

	limits_close(l);
	return n;
}

static void
processes_together_take_exactly_the_burst(void **state)
{
	int total = 0, status;

	(void)state;
	limits_close(fresh());
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			_exit(count_in_a_child());
	while (wait(&status) > 0)
		total += WEXITSTATUS(status);
	assert_int_equal(total, 100);
}

static void
processes_that_start_at_once_make_one_file(void **state)
{
	int total = 0, status;

	(void)state;
	unlink(path);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			_exit(count_in_a_child());
	while (wait(&status) > 0)
		total += WEXITSTATUS(status);
	assert_int_equal(total, 100);
}

/* Far more keys than slots: keys that share a slot are limited early, and none late. */
static void
a_full_table_limits_early_and_never_late(void **state)
{
	static const struct limit once = { "once", 1, 1, 1000000 };
	struct limits *l = fresh();
	int allowed = 0, keys = 600000;
	char who[16];

	(void)state;
	for (int i = 0; i < keys; i++) {
		snprintf(who, sizeof(who), "%d", i);
		allowed += limits_take(l, &once, who, 1, now).allowed;
	}
	assert_in_range(allowed, 400000, 8 * 65536);
	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "%d", i);
		assert_false(limits_take(l, &once, who, 1, now).allowed);
	}
	limits_close(l);
}

static void
another_files_content_is_not_taken_for_counts(void **state)
{
	static const char *const contents[] = { "junk", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(contents); i++) {
		FILE *f;
		struct limits *l;

		unlink(path);
		f = fopen(path, "w");
		fputs(contents[i], f);
		fclose(f);
		l = opened();
		assert_int_equal(how_many(l, &post, "ann", now), 5);
		limits_close(l);
		l = opened();
		assert_int_equal(how_many(l, &post, "ann", now), 0);
		limits_close(l);
	}
}

static void
a_table_of_the_right_size_that_was_never_finished_is_replaced(void **state)
{
	struct limits *l = fresh();
	struct stat st;
	int fd;

	(void)state;
	limits_close(l);
	assert_int_equal(stat(path, &st), 0);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, st.st_size), 0);
	close(fd);
	l = opened();
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	limits_close(l);
}

static void
without_a_file_it_counts_alone(void **state)
{
	struct limits *l = NULL;

	(void)state;
	assert_int_equal(limits_open("/nowhere/limits.map", &l), OK);
	assert_int_equal(how_many(l, &post, "ann", now), 5);
	limits_close(l);
	limits_close(NULL);
}

static void
the_file_is_for_its_owner_alone(void **state)
{
	struct stat st;

	(void)state;
	limits_close(fresh());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/limits.map", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_burst_is_allowed_and_no_more),
		T(units_come_back_with_time),
		T(a_refusal_takes_nothing),
		T(looking_takes_nothing),
		T(costs_are_weighed),
		T(what_is_given_back_can_be_taken_again),
		T(limits_of_different_names_do_not_meet),
		T(odd_rates_keep_their_burst_and_their_pace),
		T(a_clock_set_back_does_not_lock_anybody_out),
		T(counts_survive_and_are_shared),
		T(processes_together_take_exactly_the_burst),
		T(processes_that_start_at_once_make_one_file),
		T(a_full_table_limits_early_and_never_late),
		T(another_files_content_is_not_taken_for_counts),
		T(a_table_of_the_right_size_that_was_never_finished_is_replaced),
		T(without_a_file_it_counts_alone),
		T(the_file_is_for_its_owner_alone),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
