/* listen.c -- see listen.h. */
#include "run/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Splits "127.0.0.1:80" or "[::1]:80" in place; false if it is neither. */
static bool
address_split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text || !colon[1])
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	}
	return true;
}

static int
socket_listen(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int
listen_open(const char *address)
{
	struct addrinfo hints = { .ai_flags =
					  AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;
	char *copy = strdup(address);
	char *host, *port;
	int fd = -1;

	if (!copy || !address_split(copy, &host, &port) ||
	    getaddrinfo(host, port, &hints, &ai) != 0)
		fprintf(stderr, "foyer-supervise: %s is not an address and a port\n",
			address);
	else if ((fd = socket_listen(ai)) < 0)
		fprintf(stderr, "foyer-supervise: cannot listen on %s: %s\n", address,
			strerror(errno));
	if (ai)
		freeaddrinfo(ai);
	free(copy);
	return fd;
}
