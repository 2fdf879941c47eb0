#include "bench/drive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "shared/clock.h"

enum { EVENTS = 512 };

static void
read_commands(const struct driver *d)
{
	static char line[256];
	static size_t len;
	ssize_t got = read(STDIN_FILENO, line + len, sizeof(line) - 1 - len);
	char *ends;

	if (got <= 0)
		exit(EXIT_SUCCESS);
	len += (size_t)got;
	line[len] = '\0';
	ends = strchr(line, '\n');
	if (!ends)
		return;
	*ends = '\0';
	if (strcmp(line, "end") == 0)
		exit(EXIT_SUCCESS);
	d->begin(line);
	len = 0; /* whoever commands waits for the answer */
}

void
drive(const struct driver *d)
{
	struct epoll_event events[EVENTS], commands = { .events = EPOLLIN };

	epoll_ctl(d->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &commands);
	for (;;) {
		int wait_ms = d->go_on(clock_monotonic_us());
		int count = epoll_wait(d->epoll, events, EVENTS, wait_ms);

		for (int i = 0; i < count; i++)
			if (events[i].data.ptr)
				d->step(events[i].data.ptr, events[i].events);
			else
				read_commands(d);
	}
}
