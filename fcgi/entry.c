/* entry.c -- see entry.h. */
#include "fcgi/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shared/die.h"

static void
watch(const struct entry *e, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		die("epoll: %s", strerror(errno));
}

/* Only one of the processes that share the listening socket is woken. accept() must not
 * block all the same, since another one that was awake may have been faster. */
struct entry
entry_open(int listen_fd, const sigset_t *signals)
{
	struct entry e = { .listening = listen_fd,
			   .epoll = epoll_create1(EPOLL_CLOEXEC),
			   .signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK) };

	if (e.epoll < 0 || e.signals < 0)
		die("signalfd: %s", strerror(errno));
	fcntl(listen_fd, F_SETFL, fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
	watch(&e, listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
	watch(&e, e.signals, EPOLLIN);
	return e;
}

static void
take_signals(struct entry *e)
{
	struct signalfd_siginfo info;

	while (read(e->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			e->reload = true;
		else
			e->stop = true;
	}
}

bool
entry_wait(struct entry *e, int timeout_ms)
{
	struct epoll_event events[2];
	int n = epoll_wait(e->epoll, events, 2, timeout_ms);
	bool came = false;

	if (n < 0 && errno != EINTR)
		die("epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		if (events[i].data.fd == e->listening)
			came = true;
		else
			take_signals(e);
	}
	return came && !e->stop;
}
