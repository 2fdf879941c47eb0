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

enum { LOOK_MS = 1000 };

/* -1: it cannot be opened, which was logged. */
static int
open_note(const struct sweep *s, struct app *app, struct arena *a)
{
	const char *path = arena_printf(a, "%s/sweep.%s", app->config.run_dir, s->name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		log_event(LOG_ERROR, "sweep.open", LOG_S("path", path));
	return fd;
}

/* The file's time becomes now less ago_s. */
static void
note_done(int fd, int64_t ago_s)
{
	struct timespec at = { .tv_sec = (time_t)(clock_now_ms() / 1000 - ago_s) };

	if (futimens(fd, (const struct timespec[]){ at, at }) != 0)
		log_event(LOG_ERROR, "sweep.note", LOG_S("error", strerror(errno)));
}

static bool
is_due(int fd, int every_s)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_mtime + every_s <= clock_now_ms() / 1000;
}

/* The time is noted first: what fails or kills the process is not done over and
 * over. */
static void
sweep_one(const struct sweep *s, struct app *app, struct arena *a)
{
	AUTO(fd) int fd = open_note(s, app, a);
	bool more = false;
	enum err err;

	if (!is_due(fd, s->every_s) || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
	    !is_due(fd, s->every_s))
		return;
	note_done(fd, 0);
	err = s->run(app, a, &more);
	if (err != OK)
		log_event(LOG_WARN, "sweep.failed", LOG_S("name", s->name));
	else if (more)
		note_done(fd, s->every_s);
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

void
sweep_due(const struct sweep *sweeps, struct app *app, struct arena *a)
{
	static int64_t looked_ms;
	int64_t now = clock_monotonic_us() / 1000;

	if (!sweeps || (looked_ms && now - looked_ms < LOOK_MS))
		return;
	looked_ms = now;
	for (const struct sweep *s = sweeps; s->name; s++)
		sweep_one(s, app, a);
	arena_reset(a);
}
