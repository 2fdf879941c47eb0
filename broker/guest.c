/* guest.c -- see guest.h. */
#include "broker/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/admission.h"
#include "broker/broker.h"
#include "broker/door.h"
#include "broker/flood.h"
#include "broker/hello.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "broker/stream.h"
#include "broker/ws.h"
#include "shared/die.h"

enum { FIRST_CAP = 1024, PEER_SIZE = 64 };

struct guest {
	struct link in_door; /* sorted by deadline, in each of the lists */
	struct door *door;
	struct loop_watch *watch;
	int fd;
	bool is_waiting; /* for its turn */
	bool is_leaving; /* answered; the other side may hang up now */
	bool head_only;	 /* the request was HEAD */
	int64_t deadline_s;
	char peer[PEER_SIZE];
	char *buf;
	size_t len, cap;
};

/* Closes the socket, unless somebody else has it now. */
static void
guest_free(struct guest *g, bool close_it)
{
	loop_unwatch(g->watch);
	if (close_it)
		close(g->fd);
	list_remove(&g->in_door);
	g->door->guest_count--;
	g->door->waiting_count -= g->is_waiting;
	free(g->buf);
	free(g);
}

/* Answer, and wait for the other side to hang up: closing with unread input would cut
 * off the answer. */
static void
answer(struct guest *g, struct bytes text)
{
	if (g->head_only)
		text = http_head_of(text);
	if (send(g->fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len) {
		guest_free(g, true);
		return;
	}
	shutdown(g->fd, SHUT_WR);
	g->door->waiting_count -= g->is_waiting;
	g->is_waiting = false;
	g->is_leaving = true;
	loop_watch_for(g->watch, true, false);
	g->deadline_s = broker_clock_s(g->door->broker) + DOOR_LINGER_S;
	list_add(&g->door->leaving, &g->in_door);
}

/* ---- monitoring ---------------------------------------------------------- */

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

/* Answers requests of monitoring. False: it is another request. */
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

/* ---- coming in ----------------------------------------------------------- */

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

/* Anything after the head is ignored. */
static void
let_stream(struct guest *g, const struct hello *hello)
{
	struct broker *b = g->door->broker;
	int fd = g->fd;

	guest_free(g, false);
	stream_adopt(b, fd, hello);
}

/* A guest that may come in waits for its turn, unless too many do. */
static void
wait_for_turn(struct guest *g)
{
	struct broker *b = g->door->broker;

	if (!admission_may_wait(b, g->door->waiting_count)) {
		answer(g, admission_refusal(b));
		return;
	}
	g->is_waiting = true;
	g->door->waiting_count++;
	list_add(&g->door->waiting, &g->in_door);
	loop_watch_for(g->watch, false, false);
}

static void
judge(struct guest *g, const struct http_request *rq)
{
	struct broker *b = g->door->broker;
	struct hello hello;
	int retry_after_s;

	hello_read(b->turn, b->config, rq, g->peer, &hello);
	g->head_only = hello.head_only;
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
	else
		wait_for_turn(g);
}

/* The request was checked before; it is read again, since nothing of it was kept. */
static void
admit(struct guest *g)
{
	struct broker *b = g->door->broker;
	struct http_request rq;
	struct hello hello;

	if (http_read(b->turn, g->buf, g->len, &rq) != HTTP_DONE) {
		guest_free(g, true);
		return;
	}
	hello_read(b->turn, b->config, &rq, g->peer, &hello);
	if (hello.kind == HELLO_EVENTS)
		let_stream(g, &hello);
	else if (hello.kind == HELLO_REFUSED) /* by settings that changed */
		answer(g, hello.answer);
	else
		let_in(g, &hello, rq.head_len);
}

void
guests_admit(struct door *d)
{
	struct link *first;

	while ((first = list_first(&d->waiting)) && admission_take(d->broker))
		admit(CONTAINER(first, struct guest, in_door));
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

/* ---- coming and going ---------------------------------------------------- */

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

void
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

void
guests_send_home(struct link *list, int64_t before_s)
{
	LIST_EACH(list, item) {
		struct guest *g = CONTAINER(item, struct guest, in_door);

		if (g->deadline_s > before_s)
			return;
		guest_free(g, true);
	}
}
