/* listen.c -- see listen.h. */
#include "broker/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/die.h"
#include "shared/log.h"

enum { PASSED_FD = 3 };

static bool
is_passed(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");

	return fds && atoi(fds) >= 1 && (!pid || atoi(pid) == getpid());
}

static enum err
take_passed(int *out)
{
	int flags = fcntl(PASSED_FD, F_GETFL);

	if (flags < 0 || fcntl(PASSED_FD, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(PASSED_FD, F_SETFD, FD_CLOEXEC) < 0) {
		log_event(LOG_ERROR, "listen.passed",
			  LOG_S("reason", strerrordesc_np(errno)));
		return ERR_INTERNAL;
	}
	*out = PASSED_FD;
	return OK;
}

/* Splits "127.0.0.1:80" or "[::1]:80" into host and port, in place. */
static bool
split(char *address, const char **host, const char **port)
{
	char *colon = strrchr(address, ':');

	if (!colon || colon == address)
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = address;
	if (*address == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = address + 1;
	}
	return true;
}

static int
bind_to(const struct addrinfo *where)
{
	AUTO(fd)
	int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
	    bind(fd, where->ai_addr, where->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0)
		return -1;
	return TAKE_FD(fd);
}

enum err
listen_open_own(const char *setting, const char *address, int *out)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	char *copy = xstrdup(address);
	struct addrinfo *where = NULL;
	const char *host, *port;
	int fd = -1;

	errno = EINVAL;
	if (split(copy, &host, &port) && getaddrinfo(host, port, &hints, &where) == 0) {
		fd = bind_to(where);
		freeaddrinfo(where);
	}
	free(copy);
	if (fd < 0) {
		log_event(LOG_ERROR, "listen.open", LOG_S("setting", setting),
			  LOG_S("address", address),
			  LOG_S("reason", strerrordesc_np(errno)));
		return ERR_UNAVAILABLE;
	}
	*out = fd;
	return OK;
}

enum err
listen_open(const char *setting, const char *address, int *out)
{
	return is_passed() ? take_passed(out) : listen_open_own(setting, address, out);
}
