/* drive.h -- a load program's loop: sockets of its clients on the one side, commands on
 * standard input on the other, one a line. Whoever commands waits for the answer (a line
 * of JSON) before the next. */
#pragma once

#include <stdint.h>

struct driver {
	int epoll;  /* clients' sockets are in it, each with its client as data.ptr */
	int urgent; /* the same for those who must not wait for the others; or -1 */
	/* A command has come; "end" never does: it ends the program. */
	void (*begin)(const char *line);
	/* A client's socket is ready. */
	void (*step)(void *client, unsigned events);
	/* After every round; for so many milliseconds nothing more need be done. */
	int (*go_on)(int64_t now_us);
};

/* Until "end", or the end of the commands. */
void drive(const struct driver *d) __attribute__((noreturn));
