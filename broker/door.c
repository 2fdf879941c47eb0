/* door.c -- see door.h. */
#include "broker/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/flood.h"
#include "broker/hello.h"
#include "broker/listen.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "broker/stream.h"
#include "broker/ws.h"
#include "shared/auto.h"
#include "shared/die.h"
#include "shared/log.h"

enum { FIRST_CAP = 1024, ACCEPTS_A_TURN = 64, PAUSE_MS = 200, PEER_SIZE = 64 };

struct guest {
	struct link in_door; /* in the order of their deadlines, in each of the lists */
	struct door *door;
	struct loop_watch *watch;
	int fd;
	bool is_leaving; /* answered; the other side may hang up now */
	int64_t deadline_s;
	char peer[PEER_SIZE];
	char *buf;
	size_t len, cap;
};

struct door {
	struct broker *broker;
	int fd, max_conns, guest_count;
	bool is_metrics; /* of /metrics and /health alone */
	struct loop_watch *watch;
	struct loop_timer *pause;
	struct link reading, leaving;
};

/* ---- guests -------------------------------------------------------------- */

/* The socket is closed, unless somebody else has it now. */
static void
guest_free(struct guest *g, bool close_it)
{
	loop_unwatch(g->watch);
	if (close_it)
		close(g->fd);
	list_remove(&g->in_door);
	g->door->guest_count--;
	free(g->buf);
	free(g);
}

/* Answer, and wait for the other side to hang up: closing at once would cut off the
 * answer where something is still to be read. */
static void
answer(struct guest *g, struct bytes text)
{
	if (send(g->fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len) {
		guest_free(g, true);
		return;
	}
	shutdown(g->fd, SHUT_WR);
	g->is_leaving = true;
	g->deadline_s = broker_clock_s(g->door->broker) + DOOR_LINGER_S;
	list_add(&g->door->leaving, &g->in_door);
}

static void
answer_health(struct guest *g)
{
	struct broker *b = g->door->broker;

	if (store_is_ready(b->store) && !b->draining)
		answer(g, http_answer(b->turn, 200, "application/json",
				      "{\"status\":\"ok\"}", ""));
	else
		answer(g, http_problem(b->turn, 503, "unavailable",
				       b->draining ? "The broker is shutting down."
						   : "The database is out of reach.",
				       "Retry-After: 2\r\n"));
}

static void
answer_metrics(struct guest *g)
{
	struct broker *b = g->door->broker;
	struct bytes text =
		http_answer(b->turn, 200, "text/plain; version=0.0.4; charset=utf-8",
			    metrics_print(b, b->turn), "");
	int room = (int)text.len;

	/* it must fit as a whole */
	setsockopt(g->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	answer(g, text);
}

static void
answer_nothing(struct guest *g)
{
	answer(g, http_problem(g->door->broker->turn, 404, "not_found",
			       "There is nothing here.", ""));
}

static void
let_in(struct guest *g, const struct hello *hello, size_t head_len)
{
	struct ws *ws = g->door->broker->ws;
	int fd = g->fd;
	char *rest =
		arena_memdup(g->door->broker->turn, g->buf + head_len, g->len - head_len);
	size_t rest_len = g->len - head_len;

	guest_free(g, false);
	ws_adopt(ws, fd, hello, rest, rest_len);
}

/* What is asked by whoever watches over us. False: something else. */
static bool
judge_service(struct guest *g, const struct hello *hello)
{
	struct broker *b = g->door->broker;

	if (hello->kind == HELLO_HEALTH)
		answer_health(g);
	else if (hello->kind == HELLO_ALIVE)
		answer(g, http_answer(b->turn, 200, "application/json",
				      "{\"status\":\"ok\"}", ""));
	else if (hello->kind == HELLO_METRICS && (g->door->is_metrics || hello->is_local))
		answer_metrics(g);
	else if (hello->kind == HELLO_METRICS || g->door->is_metrics)
		answer_nothing(g);
	else
		return false;
	return true;
}

/* Whatever follows the head is no part of the request. */
static void
let_stream(struct guest *g, const struct hello *hello)
{
	struct broker *b = g->door->broker;
	int fd = g->fd;

	guest_free(g, false);
	stream_adopt(b, fd, hello);
}

static void
judge(struct guest *g, const struct http_request *rq)
{
	struct broker *b = g->door->broker;
	struct hello hello;
	int retry_after_s;

	hello_read(b->turn, b->config, rq, g->peer, &hello);
	if (judge_service(g, &hello))
		return;
	if (hello.kind == HELLO_REFUSED)
		answer(g, hello.answer);
	else if (!flood_may_knock(b, hello.address, &retry_after_s))
		answer(g,
		       http_problem(b->turn, 429, "rate_limited",
				    "There are too many connections from this address.",
				    arena_printf(b->turn, "Retry-After: %d\r\n",
						 retry_after_s)));
	else if (hello.kind == HELLO_EVENTS)
		let_stream(g, &hello);
	else
		let_in(g, &hello, rq->head_len);
}

static void
read_head(struct guest *g)
{
	struct arena *a = g->door->broker->turn;
	struct http_request rq;

	switch (http_read(a, g->buf, g->len, &rq)) {
	case HTTP_DONE:
		judge(g, &rq);
		break;
	case HTTP_BROKEN:
		answer(g, http_problem(a, 400, "malformed", "This is not HTTP/1.1.", ""));
		break;
	case HTTP_MORE:
		if (g->len >= HTTP_HEAD_MAX)
			answer(g,
			       http_problem(a, 431, "too_large",
					    "The head of the request is too large.", ""));
		break;
	}
}

static void
make_room(struct guest *g)
{
	if (g->len < g->cap)
		return;
	g->cap = g->cap ? g->cap * 2 : FIRST_CAP;
	if (g->cap > HTTP_HEAD_MAX)
		g->cap = HTTP_HEAD_MAX;
	g->buf = xrealloc(g->buf, g->cap);
}

static void
on_readable(void *arg, bool readable, bool writable)
{
	struct guest *g = arg;
	ssize_t got;

	(void)readable;
	(void)writable;
	if (g->is_leaving)
		g->len = 0;
	make_room(g);
	got = recv(g->fd, g->buf + g->len, g->cap - g->len, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		guest_free(g, true);
		return;
	}
	g->len += (size_t)got;
	if (!g->is_leaving)
		read_head(g);
}

/* ---- the listening socket ------------------------------------------------ */

static void
peer_text(const struct sockaddr_storage *peer, char out[PEER_SIZE])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	out[0] = '\0';
	if (peer->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, PEER_SIZE);
	else if (peer->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, PEER_SIZE);
}

static void
guest_new(struct door *d, int fd, const struct sockaddr_storage *peer)
{
	struct guest *g = xcalloc(1, sizeof(*g));
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	g->door = d;
	g->fd = fd;
	g->deadline_s = broker_clock_s(d->broker) + DOOR_TIME_S;
	peer_text(peer, g->peer);
	list_init(&g->in_door);
	list_add(&d->reading, &g->in_door);
	d->guest_count++;
	g->watch = loop_watch(d->broker->loop, fd, on_readable, g);
	loop_watch_for(g->watch, true, false);
	/* on loopback, and often elsewhere, the request is here already */
	on_readable(g, true, false);
}

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
	struct broker *b = d->broker;
	const char *later =
		arena_printf(b->turn, "Retry-After: %d\r\n", conn_retry_after_s(b));
	struct bytes text = http_problem(b->turn, 503, "unavailable",
					 "There are too many connections.", later);

	if (send(fd, text.data, text.len, MSG_NOSIGNAL) < 0)
		log_event(LOG_DEBUG, "door.full");
	close(fd);
}

/* No file is left: waiting connections would wake us for nothing. */
static void
pause_accepting(struct door *d)
{
	log_event(LOG_WARN, "door.pause", LOG_S("reason", strerrordesc_np(errno)));
	loop_watch_for(d->watch, false, false);
	loop_timer_in(d->pause, PAUSE_MS);
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

	(void)readable;
	(void)writable;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage peer = {};
		socklen_t size = sizeof(peer);
		int fd = accept4(d->fd, (struct sockaddr *)&peer, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_accepting(d);
			return;
		}
		if (is_full(d))
			turn_away(d, fd);
		else
			guest_new(d, fd, &peer);
	}
}

/* ---- opening and closing ------------------------------------------------- */

static struct door *
door_new(struct broker *b, int fd)
{
	struct door *d = xcalloc(1, sizeof(*d));

	d->broker = b;
	d->fd = fd;
	list_init(&d->reading);
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

static void
send_home(struct link *list, int64_t before_s)
{
	LIST_EACH(list, item) {
		struct guest *g = CONTAINER(item, struct guest, in_door);

		if (g->deadline_s > before_s)
			return;
		guest_free(g, true);
	}
}

void
door_tick(struct door *d)
{
	if (!d)
		return;
	send_home(&d->reading, broker_clock_s(d->broker));
	send_home(&d->leaving, broker_clock_s(d->broker));
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
	send_home(&d->reading, INT64_MAX);
}

void
door_close(struct door *d)
{
	if (!d)
		return;
	door_stop(d);
	send_home(&d->leaving, INT64_MAX);
	loop_timer_free(d->pause);
	free(d);
}
