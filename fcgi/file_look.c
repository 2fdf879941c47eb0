#include "fcgi/file_look.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcgi/file_place.h"
#include "fcgi/file_type.h"
#include "image/image.h"
#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "shared/text.h"

enum { PIECE = 16384 };

struct temporary {
	const char *path;
	int fd;
};

static void
drop(void *handle)
{
	struct temporary *t = handle;

	unlink(t->path);
	close(t->fd);
}

static enum err
temporary(struct arena *a, const char *dir, struct temporary **out)
{
	struct temporary *t = ARENA_NEW(a, struct temporary);

	TRY(file_temporary(a, dir, &t->path, &t->fd));
	arena_defer(a, drop, t);
	*out = t;
	return OK;
}

/* In the folder of this program. */
static const char *
program_path(struct arena *a)
{
	char *self = arena_alloc(a, 4096);
	ssize_t len = readlink("/proc/self/exe", self, 4095);
	char *slash = len > 0 ? strrchr(self, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	return arena_printf(a, "%s/foyer-image", self);
}

/* Starts it with no environment and no descriptors except its four, and the log for
 * messages of a sanitizer. */
static int
start(struct arena *a, const char *mime, const int fds[IMAGE_FD_COUNT], pid_t *out)
{
	const char *path = program_path(a);
	char *const argv[] = { "foyer-image", (char *)mime, NULL }, *const env[] = {
		NULL
	};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int failed;

	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	for (int i = 0; i < IMAGE_FD_COUNT; i++)
		if (fds[i] >= 0)
			posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	posix_spawn_file_actions_addclosefrom_np(&actions, IMAGE_FD_COUNT);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	failed = path ? posix_spawn(out, path, &actions, &attr, argv, env) : ENOENT;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return failed;
}

/* Reads the last complete struct that it wrote before it ended or its time was up. */
static bool
listen_to(int fd, int64_t timeout_s, struct image_facts *out)
{
	int64_t until_us = clock_monotonic_us() + timeout_s * 1000000;
	struct image_facts facts;
	size_t have = 0;
	bool any = false;

	for (;;) {
		int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (left_ms <= 0 || (poll(&pfd, 1, (int)left_ms) < 0 && errno != EINTR))
			return any;
		if (!pfd.revents)
			continue;
		got = read(fd, (char *)&facts + have, sizeof(facts) - have);
		if (got <= 0)
			return any;
		have += (size_t)got;
		if (have < sizeof(facts))
			continue;
		*out = facts;
		any = true;
		have = 0;
	}
}

/* Called when it has ended or its time is up. */
static void
bury(pid_t pid, const char *mime)
{
	int status = 0;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		log_event(LOG_WARN, "image.killed", LOG_S("mime", mime),
			  LOG_I("signal", WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_event(LOG_WARN, "image.failed", LOG_S("mime", mime),
			  LOG_I("status", WEXITSTATUS(status)));
}

/* fds are above 4, so that no dup2() overwrites one that is still needed. */
static bool
ask(struct arena *a, int64_t timeout_s, const char *mime, int source, int thumb, int copy,
    struct image_facts *out)
{
	int ends[2], fds[IMAGE_FD_COUNT] = { -1, -1, -1, -1, -1 };
	pid_t pid;
	int failed;
	bool any;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	fds[IMAGE_SOURCE] = fcntl(source, F_DUPFD_CLOEXEC, IMAGE_FD_COUNT);
	fds[IMAGE_RESULT] = fcntl(ends[1], F_DUPFD_CLOEXEC, IMAGE_FD_COUNT);
	fds[IMAGE_THUMB] = fcntl(thumb, F_DUPFD_CLOEXEC, IMAGE_FD_COUNT);
	fds[IMAGE_COPY] = fcntl(copy, F_DUPFD_CLOEXEC, IMAGE_FD_COUNT);
	close(ends[1]);
	failed = start(a, mime, fds, &pid);
	for (int i = 0; i < IMAGE_FD_COUNT; i++)
		auto_fd(&fds[i]);
	if (failed)
		log_event(LOG_ERROR, "image.start", LOG_S("error", strerror(failed)));
	any = !failed && listen_to(ends[0], timeout_s, out);
	close(ends[0]);
	if (!failed)
		bury(pid, mime);
	return any;
}

static bool
digest_of(struct temporary *t, struct look *out)
{
	AUTO(sha256) struct sha256 *s = sha256_new();
	unsigned char digest[SHA256_BYTES];
	char piece[PIECE];
	ssize_t got;

	out->size = 0;
	while ((got = pread(t->fd, piece, sizeof(piece), out->size)) > 0) {
		sha256_add(s, piece, (size_t)got);
		out->size += got;
	}
	sha256_end(s, digest);
	text_hex(digest, sizeof(digest), out->sha256);
	return got == 0 && out->size > 0;
}

static bool
is_webp(struct arena *a, int fd)
{
	return strcmp(file_type_of(a, fd), "image/webp") == 0;
}

void
file_look(struct arena *a, const struct config *c, const char *mime, int fd,
	  struct look *out)
{
	const char *dir = c->files_dir;
	struct temporary *thumb, *copy;
	struct image_facts facts = {};

	*out = (struct look){ .duration_ms = -1 };
	if (temporary(a, dir, &thumb) != OK || temporary(a, dir, &copy) != OK)
		return;
	out->known = ask(a, c->image_timeout_s, mime, fd, thumb->fd, copy->fd, &facts);
	if (!out->known)
		return;
	if (facts.width > 0 && facts.height > 0 && facts.width <= IMAGE_SIDE_MAX &&
	    facts.height <= IMAGE_SIDE_MAX) {
		out->width = facts.width;
		out->height = facts.height;
	}
	if (facts.duration_ms >= 0)
		out->duration_ms = facts.duration_ms;
	if (facts.has_thumb && is_webp(a, thumb->fd)) {
		out->thumb_path = thumb->path;
		out->thumb_fd = thumb->fd;
	}
	if (facts.has_copy && digest_of(copy, out)) {
		out->path = copy->path;
		out->fd = copy->fd;
	}
}
