#include "bench/drive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "shared/clock.h"

enum { EVENTS = 32 };

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
	len = 0; /* the caller waits for the answer */
}

/* Handles some of the ready sockets of one epoll. */
static void
step(const struct driver *d, int epoll, int wait_ms)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(epoll, events, EVENTS, wait_ms);

	for (int i = 0; i < count; i++)
		if (events[i].data.ptr == &d->urgent)
			continue; /* drive() steps this one anyway */
		else if (events[i].data.ptr)
			d->step(events[i].data.ptr, events[i].events);
		else
			read_commands(d);
}

void
drive(const struct driver *d)
{
	struct epoll_event commands = { .events = EPOLLIN },
			   urgent = { .events = EPOLLIN,
				      .data.ptr = (void *)(uintptr_t)&d->urgent };

	epoll_ctl(d->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &commands);
	if (d->urgent >= 0)
		epoll_ctl(d->epoll, EPOLL_CTL_ADD, d->urgent, &urgent);
	for (;;) {
		int wait_ms = d->go_on(clock_monotonic_us());

		step(d, d->epoll, wait_ms);
		if (d->urgent >= 0)
			step(d, d->urgent, 0);
	}
}
