#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/sweep.h"
#include "tests/unit/test.h"

/* What the sweep below returns, and how often it ran. */
static struct {
	int runs;
	bool more;
	enum err err;
} work;

enum { WORK_MS = 4 };

static void
wait_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

static enum err
run(struct app *app, struct arena *a, bool *out_more)
{
	(void)app;
	(void)a;
	work.runs++;
	wait_ms(WORK_MS);
	*out_more = work.more;
	return work.err;
}

static const struct sweep sweeps[] = { { "test", 5, run }, {} };

/* A folder in which the sweep last ran ago_s ago. */
static struct app *
done_before(struct arena *a, int ago_s)
{
	struct app *app = ARENA_NEW(a, struct app);
	char *folder = arena_strdup(a, "/tmp/foyer-sweep-XXXXXX");
	struct timespec at = { .tv_sec = time(NULL) - ago_s };
	int fd;

	*app = (struct app){};
	if (!mkdtemp(folder))
		fail_msg("no folder");
	app->config.run_dir = folder;
	fd = open(arena_printf(a, "%s/sweep.test", folder), O_RDWR | O_CREAT, 0600);
	assert_int_equal(futimens(fd, (struct timespec[]){ at, at }), 0);
	close(fd);
	work.runs = 0;
	return app;
}

static void
remove_folder(struct arena *a, const struct app *app)
{
	unlink(arena_printf(a, "%s/sweep.test", app->config.run_dir));
	rmdir(app->config.run_dir);
}

/* sweep_due() empties the arena that it is given. */
static int
due(struct app *app)
{
	struct arena *a = arena_new();
	int in_ms = sweep_due(sweeps, app, a);

	arena_free(a);
	return in_ms;
}

/* Must be the first test, since sweep_due() remembers when it looked. */
static void
while_there_is_more_it_is_done_in_pieces_with_rests(void **state)
{
	struct app *app = done_before(*state, 6);
	int rest_ms;

	work.more = true;
	work.err = OK;
	rest_ms = due(app);
	assert_int_equal(work.runs, 1);
	assert_in_range(rest_ms, SWEEP_REST * WORK_MS, SWEEP_LOOK_MS - 1);
	assert_false(sweep_is_due(sweeps, app, *state)); /* nor for another worker */
	assert_in_range(due(app), 1, rest_ms);
	assert_int_equal(work.runs, 1);
	wait_ms(rest_ms);
	assert_true(sweep_is_due(sweeps, app, *state));
	work.more = false;
	assert_int_equal(due(app), SWEEP_LOOK_MS);
	assert_int_equal(work.runs, 2);
	assert_false(sweep_is_due(sweeps, app, *state));
	remove_folder(*state, app);
}

static void
what_fails_waits_its_time(void **state)
{
	struct app *app = done_before(*state, 6);

	work.more = true;
	work.err = ERR_UNAVAILABLE;
	wait_ms(1000); /* when there was nothing more, it looks once a second */
	assert_int_equal(due(app), SWEEP_LOOK_MS);
	assert_int_equal(work.runs, 1);
	assert_false(sweep_is_due(sweeps, app, *state));
	remove_folder(*state, app);
}

static void
it_is_due_in_its_time_and_no_sooner(void **state)
{
	struct app *late = done_before(*state, 5), *early = done_before(*state, 3);

	assert_true(sweep_is_due(sweeps, late, *state));
	assert_false(sweep_is_due(sweeps, early, *state));
	remove_folder(*state, late);
	remove_folder(*state, early);
}

/* Otherwise nothing would be swept until that time is reached. */
static void
what_a_wrong_clock_noted_is_done_again(void **state)
{
	struct app *ahead = done_before(*state, -7200);

	assert_true(sweep_is_due(sweeps, ahead, *state));
	remove_folder(*state, ahead);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(while_there_is_more_it_is_done_in_pieces_with_rests),
		T(what_fails_waits_its_time),
		T(it_is_due_in_its_time_and_no_sooner),
		T(what_a_wrong_clock_noted_is_done_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
