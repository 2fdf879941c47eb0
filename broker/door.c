/* door.c -- see door.h: the listening socket. */
#include "broker/door.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/admission.h"
#include "broker/broker.h"
#include "broker/guest.h"
#include "broker/listen.h"
#include "broker/loop.h"
#include "shared/die.h"
#include "shared/log.h"

/* A socket that is accepted has to be read, and perhaps refused: while people talk they
 * wait for a few of these at most in a row. */
enum { ACCEPTS_A_TURN = 64, ACCEPTS_AMID_TALK = 8, REST_MS = 5, PAUSE_MS = 200 };

static bool
is_full(const struct door *d)
{
	if (d->is_metrics)
		return d->guest_count >= DOOR_METRICS_MAX;
	return d->guest_count >= DOOR_GUESTS_MAX ||
	       d->guest_count + d->broker->conns.count >= d->max_conns;
}

static void
turn_away(struct door *d, int fd)
{
	struct bytes text = admission_refusal(d->broker);

	if (send(fd, text.data, text.len, MSG_NOSIGNAL) < 0)
		log_event(LOG_DEBUG, "door.full");
	close(fd);
}

static void
pause_accepting(struct door *d, int64_t ms)
{
	loop_watch_for(d->watch, false, false);
	loop_timer_in(d->pause, ms);
}

static void
on_pause_over(void *arg)
{
	struct door *d = arg;

	if (d->watch)
		loop_watch_for(d->watch, true, false);
}

static void
on_knock(void *arg, bool readable, bool writable)
{
	struct door *d = arg;
	bool amid_talk = !d->is_metrics && !admission_is_quiet(d->broker);
	int most = amid_talk ? ACCEPTS_AMID_TALK : ACCEPTS_A_TURN;

	(void)readable;
	(void)writable;
	for (int i = 0; i < most; i++) {
		struct sockaddr_storage peer = {};
		socklen_t size = sizeof(peer);
		int fd = accept4(d->fd, (struct sockaddr *)&peer, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM) {
				log_event(LOG_WARN, "door.pause",
					  LOG_S("reason", strerrordesc_np(errno)));
				/* pending sockets would wake us for nothing */
				pause_accepting(d, PAUSE_MS);
			}
			return;
		}
		if (is_full(d))
			turn_away(d, fd);
		else
			guest_new(d, fd, &peer);
	}
	if (amid_talk)
		pause_accepting(d, REST_MS);
}

/* ---- opening and closing ------------------------------------------------- */

static struct door *
door_new(struct broker *b, int fd)
{
	struct door *d = xcalloc(1, sizeof(*d));

	d->broker = b;
	d->fd = fd;
	list_init(&d->reading);
	list_init(&d->waiting);
	list_init(&d->leaving);
	d->pause = loop_timer_new(b->loop, on_pause_over, d);
	d->watch = loop_watch(b->loop, fd, on_knock, d);
	loop_watch_for(d->watch, true, false);
	return d;
}

enum err
door_open(struct broker *b, int max_conns, struct door **out)
{
	int fd;

	TRY(listen_open(b->config->broker_listen, &fd));
	*out = door_new(b, fd);
	(*out)->max_conns = max_conns;
	return OK;
}

enum err
door_open_metrics(struct broker *b, struct door **out)
{
	int fd;

	*out = NULL;
	if (!*b->config->metrics_listen)
		return OK;
	TRY(listen_open_own(b->config->metrics_listen, &fd));
	*out = door_new(b, fd);
	(*out)->is_metrics = true;
	return OK;
}

void
door_kick(struct door *d)
{
	guests_admit(d);
}

int64_t
door_next_ms(const struct broker *b)
{
	return list_is_empty(&b->door->waiting) ? -1 : admission_next_ms(b);
}

void
door_tick(struct door *d)
{
	if (!d)
		return;
	guests_send_home(&d->reading, broker_clock_s(d->broker));
	guests_send_home(&d->leaving, broker_clock_s(d->broker));
}

void
door_stop(struct door *d)
{
	loop_unwatch(d->watch);
	d->watch = NULL;
	loop_timer_stop(d->pause);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	guests_send_home(&d->reading, INT64_MAX);
	guests_send_home(&d->waiting, INT64_MAX);
}

void
door_close(struct door *d)
{
	if (!d)
		return;
	door_stop(d);
	guests_send_home(&d->leaving, INT64_MAX);
	loop_timer_free(d->pause);
	free(d);
}
