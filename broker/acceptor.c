/* acceptor.c -- see acceptor.h: the listening socket. */
#include "broker/acceptor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/admission.h"
#include "broker/broker.h"
#include "broker/listen.h"
#include "broker/loop.h"
#include "broker/pending.h"
#include "shared/die.h"
#include "shared/log.h"

/* A socket that is accepted has to be read, and perhaps refused: while people talk they
 * wait for a few of these at most in a row. */
enum { ACCEPTS_A_TURN = 64, ACCEPTS_AMID_TALK = 8, REST_MS = 5, PAUSE_MS = 200 };

static bool
is_full(const struct acceptor *a)
{
	if (a->is_metrics)
		return a->pending_count >= PENDING_METRICS_MAX;
	return a->pending_count >= PENDING_MAX ||
	       a->pending_count + a->broker->conns.count >= a->max_conns;
}

static void
turn_away(struct acceptor *a, int fd)
{
	struct bytes text = admission_refusal(a->broker);

	if (send(fd, text.data, text.len, MSG_NOSIGNAL) < 0)
		log_event(LOG_DEBUG, "accept.full");
	close(fd);
}

static void
pause_accepting(struct acceptor *a, int64_t ms)
{
	loop_watch_for(a->watch, false, false);
	loop_timer_in(a->pause, ms);
}

static void
on_pause_over(void *arg)
{
	struct acceptor *a = arg;

	if (a->watch)
		loop_watch_for(a->watch, true, false);
}

static void
on_connection(void *arg, bool readable, bool writable)
{
	struct acceptor *a = arg;
	bool amid_talk = !a->is_metrics && !admission_is_quiet(a->broker);
	int most = amid_talk ? ACCEPTS_AMID_TALK : ACCEPTS_A_TURN;

	(void)readable;
	(void)writable;
	for (int i = 0; i < most; i++) {
		struct sockaddr_storage peer = {};
		socklen_t size = sizeof(peer);
		int fd = accept4(a->fd, (struct sockaddr *)&peer, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM) {
				log_event(LOG_WARN, "accept.pause",
					  LOG_S("reason", strerrordesc_np(errno)));
				/* pending sockets would wake us for nothing */
				pause_accepting(a, PAUSE_MS);
			}
			return;
		}
		if (is_full(a))
			turn_away(a, fd);
		else
			pending_new(a, fd, &peer);
	}
	if (amid_talk)
		pause_accepting(a, REST_MS);
}

/* ---- opening and closing ------------------------------------------------- */

static struct acceptor *
acceptor_new(struct broker *b, int fd)
{
	struct acceptor *a = xcalloc(1, sizeof(*a));

	a->broker = b;
	a->fd = fd;
	list_init(&a->reading);
	list_init(&a->waiting);
	list_init(&a->leaving);
	a->pause = loop_timer_new(b->loop, on_pause_over, a);
	a->watch = loop_watch(b->loop, fd, on_connection, a);
	loop_watch_for(a->watch, true, false);
	return a;
}

enum err
acceptor_open(struct broker *b, int max_conns, struct acceptor **out)
{
	int fd;

	TRY(listen_open("broker_listen", b->config->broker_listen, &fd));
	*out = acceptor_new(b, fd);
	(*out)->max_conns = max_conns;
	return OK;
}

enum err
acceptor_open_metrics(struct broker *b, struct acceptor **out)
{
	int fd;

	*out = NULL;
	if (!*b->config->metrics_listen)
		return OK;
	TRY(listen_open_own("metrics_listen", b->config->metrics_listen, &fd));
	*out = acceptor_new(b, fd);
	(*out)->is_metrics = true;
	return OK;
}

void
acceptor_kick(struct acceptor *a)
{
	pending_admit(a);
}

int64_t
acceptor_next_ms(const struct broker *b)
{
	return list_is_empty(&b->acceptor->waiting) ? -1 : admission_next_ms(b);
}

void
acceptor_tick(struct acceptor *a)
{
	if (!a)
		return;
	pending_expire(&a->reading, broker_clock_s(a->broker));
	pending_expire(&a->leaving, broker_clock_s(a->broker));
}

void
acceptor_stop(struct acceptor *a)
{
	loop_unwatch(a->watch);
	a->watch = NULL;
	loop_timer_stop(a->pause);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	pending_expire(&a->reading, INT64_MAX);
	pending_expire(&a->waiting, INT64_MAX);
}

void
acceptor_close(struct acceptor *a)
{
	if (!a)
		return;
	acceptor_stop(a);
	pending_expire(&a->leaving, INT64_MAX);
	loop_timer_free(a->pause);
	free(a);
}
