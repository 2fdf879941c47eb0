/* drive.h -- a load program's loop: its clients' sockets on one side, commands on
 * standard input on the other, one a line. The caller waits for the answer (a line of
 * JSON) before it sends the next command. */
#pragma once

#include <stdint.h>

struct driver {
	int epoll;  /* holds the clients' sockets, each with its client as data.ptr */
	int urgent; /* the same for clients that must not wait for the others; or -1 */
	/* A command has arrived. "end" is not passed on: it ends the program. */
	void (*begin)(const char *line);
	/* A client's socket is ready. */
	void (*step)(void *client, unsigned events);
	/* Called after every round; returns for how many ms it has nothing to do. */
	int (*go_on)(int64_t now_us);
};

/* Runs until "end" or the end of input. */
void drive(const struct driver *d) __attribute__((noreturn));
