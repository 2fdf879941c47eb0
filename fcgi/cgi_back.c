/* cgi_back.c -- see cgi_back.h. */
#include "fcgi/cgi_back.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fcgi/cgi.h"
#include "fcgi/cgi_handover.h"
#include "fcgi/cgi_known.h"
#include "shared/arena.h"
#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "shared/text.h"

enum {
	BUSY_MS = 100,	 /* until we try again for a lock that is taken */
	GO_AWAY_MS = 50, /* for the front end to exit once it has the status */
};

struct cgi_back {
	const struct program *program;
	struct app *app;
	struct arenas arenas;
	struct arena *sweeping;
	struct sockaddr_un at; /* the socket's address */
	const char *lock_path;
	int front_lock; /* of the front end in whose place we stay; -1: closed, we wait */
	int lock, socket;
	ino_t socket_ino; /* by now another's socket may be there */
	struct cgi_known known;
	int64_t until_ms; /* when to end if no request comes, by the monotonic clock */
	int requests;
};

/* ---- a request ----------------------------------------------------------- */

struct handed {
	char **environment; /* in the arena */
	int fds[CGI_DESCRIPTORS];
};

static void
auto_handed(struct handed *h)
{
	for (int i = 0; i < CGI_DESCRIPTORS; i++)
		auto_fd(&h->fds[i]);
}

static char **
split_environment(struct arena *a, char *text, size_t len)
{
	size_t count = 0, at = 0;
	char **v;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\0';
	v = ARENA_ARRAY(a, char *, count + 1);
	for (char *p = text; at < count; p += strlen(p) + 1)
		v[at++] = p;
	return v;
}

/* False if no request came. */
static bool
receive(struct arena *a, int s, struct handed *out)
{
	struct iovec text = { .iov_base = arena_alloc(a, CGI_ENVIRONMENT_MAX),
			      .iov_len = CGI_ENVIRONMENT_MAX };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(out->fds))];
	} control;
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(s, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = len > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(out->fds)))
		return false;
	memcpy(out->fds, CMSG_DATA(c), sizeof(out->fds));
	out->environment = split_environment(a, text.iov_base, (size_t)len);
	return true;
}

static bool
say(int s, char word)
{
	return send(s, &word, 1, MSG_NOSIGNAL) == 1;
}

/* Answers as the process that the web server started would. */
static int
do_request(struct cgi_back *b, struct handed *h)
{
	char **own = environ;
	int status;

	environ = h->environment;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		dup2(h->fds[fd], fd);
		close(TAKE_FD(h->fds[fd]));
	}
	log_reopen();
	status = cgi_answer(b->program, b->app, &b->arenas);
	environ = own;
	return status;
}

static int64_t
monotonic_ms(void)
{
	return clock_monotonic_us() / 1000;
}

static void
stay_on(struct cgi_back *b)
{
	bool is_first = strcmp(strrchr(b->lock_path, '.'), ".0") == 0;

	b->until_ms =
		monotonic_ms() + (is_first ? CGI_BACK_IDLE_MS : CGI_BACK_CROWD_IDLE_MS);
}

/* Waits for the front end to exit, which it does once it has the status, and only then
 * ends the answer. If the answer ends while the process that Apache started still runs,
 * Apache sleeps for 10 ms (mod_cgid.c, dead_yet()). The lock goes before that: the next
 * request may come as soon as the answer has ended. */
static void
end_answer(int s, int lock)
{
	struct pollfd pfd = { .fd = s, .events = POLLIN };

	poll(&pfd, 1, GO_AWAY_MS);
	flock(lock, LOCK_UN);
	cgi_let_go();
}

/* Serves a front end that has connected. Returns false if we are outdated. */
static bool
take_request(struct cgi_back *b)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(fd) int s = accept4(b->socket, NULL, NULL, SOCK_CLOEXEC);
	AUTO(handed) struct handed h = { .fds = { -1, -1, -1, -1 } };

	if (s < 0 || !say(s, CGI_READY) || !receive(a, s, &h))
		return true;
	if (cgi_is_outdated(&b->known, h.environment)) {
		(void)say(s, CGI_OUTDATED);
		return false;
	}
	if (say(s, CGI_TAKEN)) { /* otherwise the front end is gone */
		(void)say(s, (char)do_request(b, &h));
		end_answer(s, h.fds[CGI_LOCK]);
	}
	b->requests++;
	stay_on(b);
	return true;
}

/* ---- between requests ---------------------------------------------------- */

static bool
lock_us(struct cgi_back *b)
{
	return flock(b->lock, LOCK_EX | LOCK_NB) == 0;
}

/* Holds our lock, so that no front end hands us a request meanwhile. Returns how long we
 * may wait for the next. */
static int
sweep(struct cgi_back *b)
{
	int wait_ms;

	if (!lock_us(b))
		return BUSY_MS;
	wait_ms = sweep_due(b->program->sweeps, b->app, b->sweeping);
	flock(b->lock, LOCK_UN);
	return wait_ms;
}

static ino_t
inode_at(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* If a front end holds our lock, it is about to send a request: then we stay. */
static bool
leave(struct cgi_back *b)
{
	if (!lock_us(b))
		return false;
	if (inode_at(b->at.sun_path) == b->socket_ino) {
		unlink(b->at.sun_path);
		unlink(b->lock_path);
	}
	return true;
}

static bool
is_over(const struct cgi_back *b)
{
	return b->requests >= CGI_BACK_REQUESTS || monotonic_ms() >= b->until_ms;
}

static volatile sig_atomic_t is_told_to_end;

static void
on_term(int signal)
{
	(void)signal;
	is_told_to_end = 1;
}

/* SIGTERM is unblocked only while we wait, so that no request is cut short. */
static sigset_t
catch_term(void)
{
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	return before;
}

/* Has a front end connected before something else is due? */
static bool
wait_for_request(const struct cgi_back *b, int wait_ms, const sigset_t *unblocked)
{
	struct pollfd pfd = { .fd = b->socket, .events = POLLIN };
	int64_t left_ms = b->until_ms - monotonic_ms();
	struct timespec t;

	if (left_ms > 0 && left_ms < wait_ms)
		wait_ms = (int)left_ms;
	t = (struct timespec){ wait_ms / 1000, wait_ms % 1000 * 1000000 };
	return ppoll(&pfd, 1, &t, unblocked) > 0;
}

static void
run(struct cgi_back *b)
{
	sigset_t unblocked = catch_term();

	while (!is_told_to_end && !(is_over(b) && leave(b))) {
		if (wait_for_request(b, sweep(b), &unblocked) && !take_request(b))
			return; /* that front end holds our lock and takes our place */
	}
	if (is_told_to_end) /* a front end that has just connected answers by itself */
		(void)leave(b);
}

/* ---- becoming one -------------------------------------------------------- */

/* We have the lock, so a socket left at our path is stale. The umask keeps other users
 * from connecting, even if they may enter the folder. */
static bool
listen_there(struct cgi_back *b)
{
	mode_t umasked = umask(0077);
	bool bound;

	b->lock = open(b->lock_path, O_RDWR | O_CLOEXEC);
	b->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(b->at.sun_path);
	bound = b->lock >= 0 && b->socket >= 0 &&
		bind(b->socket, (const struct sockaddr *)&b->at, sizeof(b->at)) == 0 &&
		listen(b->socket, CGI_BACK_ENDS) == 0;
	umask(umasked);
	b->socket_ino = inode_at(b->at.sun_path);
	return bound;
}

void
cgi_back_run(struct cgi_back *b)
{
	if (!listen_there(b)) {
		log_event(LOG_WARN, "cgi.back", LOG_S("path", b->at.sun_path),
			  LOG_S("error", strerror(errno)));
		return;
	}
	close(TAKE_FD(b->front_lock));
	b->arenas = (struct arenas){ arena_new(), arena_new() };
	b->sweeping = arena_new();
	stay_on(b);
	run(b);
	app_close(b->app);
}

/* Also unsets it, so that a process that we start does not stay in our place. */
static const char *
take_variable(const char *name)
{
	const char *value = getenv(name);

	unsetenv(name);
	return value;
}

struct cgi_back *
cgi_back_open(const struct program *program, struct app *app)
{
	const char *path = take_variable(CGI_LOCK_PATH), *fd = take_variable(CGI_LOCK_FD);
	static struct cgi_back back;
	int64_t lock;

	if (!path || !fd || strlen(path) > CGI_PATH_MAX || !strchr(path, '.') ||
	    text_to_int(fd, &lock) != OK || fcntl((int)lock, F_SETFD, FD_CLOEXEC) != 0)
		return NULL;
	back = (struct cgi_back){ .program = program,
				  .app = app,
				  .at.sun_family = AF_UNIX,
				  .lock_path = path,
				  .front_lock = (int)lock };
	snprintf(back.at.sun_path, sizeof(back.at.sun_path), "%s" CGI_SOCKET, path);
	if (cgi_know(&app->config, &back.known))
		return &back;
	close(TAKE_FD(back.front_lock));
	return NULL;
}
