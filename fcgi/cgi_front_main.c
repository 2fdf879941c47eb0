/* cgi_front_main.c -- foyer-cgi: what a web server starts for a request of plain CGI.
 *
 * It acts for the program that its own name says: `rooms.cgi` is a link to it, and
 * rooms.fcgi is in the same folder. For what it does and why see cgi_handover.h.
 *
 * Goals: to start at once, so it uses only libc; and otherwise to behave as a web host's
 * plain CGI. Non-goals: settings, logs, HTTP.
 *
 * FOYER_CGI_DIR	where back ends wait: a folder of ours that nobody else can write
 *			to. Without it the program is started each time.
 *
 * An argument may be the web server's option for settings, or a client's query (RFC 3875,
 * section 4.4). The program can tell them apart, so a request with arguments goes to
 * it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fcgi/cgi_handover.h"

enum { PATH_BYTES = 4096, WAKE_MS = 2000, NOT_STARTED = 127 };

/* "<folder of this program>/rooms.fcgi" for rooms.cgi, which may be a link from
 * elsewhere; on a host without /proc both must be in the same folder. */
static bool
find_program(const char *called, char out[PATH_BYTES])
{
	const char *slash = strrchr(called, '/'), *name = slash ? slash + 1 : called;
	int stem = (int)strcspn(name, ".");
	char self[PATH_BYTES];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		len = snprintf(self, sizeof(self), "%s%s", slash ? "" : "./", called);
	if (len >= (ssize_t)sizeof(self) || strcmp(name + stem, ".cgi") != 0)
		return false;
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	return snprintf(out, PATH_BYTES, "%s/%.*s.fcgi", self, stem, name) < PATH_BYTES;
}

static bool
is_ours_alone(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* A back end may have removed the file after we opened it and before we locked it. -1:
 * another process holds the lock. */
static int
take_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat ours, there;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
	    stat(path, &there) == 0 && ours.st_ino == there.st_ino)
		return fd;
	close(fd);
	return -1;
}

/* ---- handing over -------------------------------------------------------- */

static int
connect_to(const char *lock_path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s" CGI_SOCKET, lock_path);
	if (connect(s, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return s;
	close(s);
	return -1;
}

/* 0: it is too large. */
static size_t
gather_environment(char out[CGI_ENVIRONMENT_MAX])
{
	size_t used = 0;

	for (char **v = environ; *v; v++) {
		size_t len = strlen(*v) + 1;

		if (len > CGI_ENVIRONMENT_MAX - used)
			return 0;
		memcpy(out + used, *v, len);
		used += len;
	}
	return used;
}

static bool
send_request(int s, int lock)
{
	static char environment[CGI_ENVIRONMENT_MAX];
	const int fds[CGI_DESCRIPTORS] = { STDIN_FILENO, STDOUT_FILENO,
					   STDERR_FILENO, [CGI_LOCK] = lock };
	size_t len = gather_environment(environment);
	struct iovec text = { .iov_base = environment, .iov_len = len };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = {};
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof(fds)) };
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	return len > 0 && sendmsg(s, &m, MSG_NOSIGNAL) == (ssize_t)len;
}

/* A back end answers the holder of its lock at once, unless it is stopped or starved. */
static bool
is_awake(int s)
{
	struct pollfd pfd = { .fd = s, .events = POLLIN };

	return poll(&pfd, 1, WAKE_MS) > 0;
}

static bool
hears(int s, char word)
{
	char heard = 0;

	return recv(s, &heard, 1, 0) == 1 && heard == word;
}

/* Returns the exit status; -1: nothing was done. */
static int
hand_over(const char *lock_path, int lock)
{
	int s = connect_to(lock_path);
	unsigned char status;

	if (s < 0)
		return -1;
	if (!is_awake(s) || !hears(s, CGI_READY) || !send_request(s, lock) ||
	    !hears(s, CGI_TAKEN)) {
		close(s);
		return -1;
	}
	/* The back end writes the answer, which ends when it closes its copies. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	return recv(s, &status, 1, 0) == 1 ? status : EXIT_FAILURE;
}

/* The program that we are about to become may stay: it inherits the lock. */
static void
let_stay(const char *lock_path, int lock)
{
	char fd[16];

	snprintf(fd, sizeof(fd), "%d", lock);
	if (fcntl(lock, F_SETFD, 0) == 0 && setenv(CGI_LOCK_PATH, lock_path, 1) == 0)
		setenv(CGI_LOCK_FD, fd, 1);
}

/* Returns the same as hand_over(). */
static int
try_back_ends(const char *folder, const char *program)
{
	const char *name = strrchr(program, '/') + 1;
	char path[CGI_PATH_MAX + 1];

	for (int i = 0; i < CGI_BACK_ENDS; i++) {
		int len = snprintf(path, sizeof(path), "%s/%.*s.%d", folder,
				   (int)strcspn(name, "."), name, i);
		int lock = len <= CGI_PATH_MAX ? take_lock(path) : -1;
		int status;

		if (lock < 0)
			continue;
		status = hand_over(path, lock);
		if (status < 0)
			let_stay(path, lock);
		return status;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	const char *folder = getenv(CGI_DIR);
	char program[PATH_BYTES];
	int status = -1;

	if (argc < 1 || !find_program(argv[0], program)) {
		fprintf(stderr, "foyer-cgi: started as a link to it: <program>.cgi\n");
		return NOT_STARTED;
	}
	unsetenv(CGI_LOCK_PATH);
	if (argc == 1 && folder && is_ours_alone(folder))
		status = try_back_ends(folder, program);
	if (status >= 0)
		return status;
	argv[0] = program;
	execv(program, argv);
	fprintf(stderr, "foyer-cgi: %s: %s\n", program, strerror(errno));
	return NOT_STARTED;
}
