/* sweep.c -- see sweep.h. */
#include "fcgi/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/log.h"

enum { LOOK_MS = 1000, AHEAD_MS = 3600000 };

/* -1: it cannot be opened, which is logged. */
static int
open_note(const struct sweep *s, struct app *app, struct arena *a)
{
	const char *path = arena_printf(a, "%s/sweep.%s", app->config.run_dir, s->name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		log_event(LOG_ERROR, "sweep.open", LOG_S("path", path),
			  LOG_S("reason", strerror(errno)));
	return fd;
}

/* Sets the file's time to that of a sweep after which the next is due in in_ms. */
static void
note_due(int fd, const struct sweep *s, int64_t in_ms)
{
	int64_t done_ms = clock_now_ms() + in_ms - s->every_s * 1000;
	struct timespec at = { .tv_sec = (time_t)(done_ms / 1000),
			       .tv_nsec = done_ms % 1000 * 1000000 };

	if (futimens(fd, (const struct timespec[]){ at, at }) != 0)
		log_event(LOG_ERROR, "sweep.note", LOG_S("error", strerror(errno)));
}

/* A time far in the future comes from a wrong clock; the end of a rest may be a little in
 * the future. */
static bool
is_due(int fd, int every_s)
{
	int64_t now_ms = clock_now_ms(), done_ms;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	done_ms = st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return done_ms + every_s * 1000 <= now_ms || done_ms > now_ms + AHEAD_MS;
}

/* The time is noted first: a sweep that fails or kills the process is not repeated at
 * once. Returns after how many milliseconds there is more to do; 0: nothing. */
static int64_t
sweep_one(const struct sweep *s, struct app *app, struct arena *a)
{
	AUTO(fd) int fd = open_note(s, app, a);
	int64_t began_us = clock_monotonic_us(), rest_ms;
	bool more = false;

	if (!is_due(fd, s->every_s) || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
	    !is_due(fd, s->every_s))
		return 0;
	note_due(fd, s, s->every_s * 1000);
	if (s->run(app, a, &more) != OK) {
		log_event(LOG_WARN, "sweep.failed", LOG_S("name", s->name));
		return 0;
	}
	if (!more)
		return 0;
	rest_ms = 1 + SWEEP_REST * (clock_monotonic_us() - began_us) / 1000;
	note_due(fd, s, rest_ms);
	return rest_ms;
}

bool
sweep_is_due(const struct sweep *sweeps, struct app *app, struct arena *a)
{
	for (const struct sweep *s = sweeps; s && s->name; s++) {
		AUTO(fd) int fd = open_note(s, app, a);

		if (is_due(fd, s->every_s))
			return true;
	}
	return false;
}

/* Returns the same as sweep_due(). */
static int64_t
sweep_all(const struct sweep *sweeps, struct app *app, struct arena *a)
{
	int64_t wait_ms = SWEEP_LOOK_MS;

	for (const struct sweep *s = sweeps; s->name; s++) {
		int64_t rest_ms = sweep_one(s, app, a);

		if (rest_ms > 0 && rest_ms < wait_ms)
			wait_ms = rest_ms;
	}
	arena_reset(a);
	return wait_ms;
}

int
sweep_due(const struct sweep *sweeps, struct app *app, struct arena *a)
{
	static int64_t looked_ms, next_ms;
	int64_t now = clock_monotonic_us() / 1000;

	if (!sweeps)
		return SWEEP_LOOK_MS;
	if (now >= next_ms || now >= looked_ms + LOOK_MS) {
		int64_t wait_ms = sweep_all(sweeps, app, a);

		now = looked_ms = clock_monotonic_us() / 1000;
		next_ms = now + wait_ms;
	}
	return (int)(next_ms - now);
}
