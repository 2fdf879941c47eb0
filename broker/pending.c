/* pending.c -- see pending.h. */
#include "broker/pending.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/acceptor.h"
#include "broker/admission.h"
#include "broker/broker.h"
#include "broker/flood.h"
#include "broker/hello.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "broker/stream.h"
#include "broker/ws.h"
#include "shared/die.h"
#include "shared/log.h"

enum { FIRST_CAP = 1024, PEER_SIZE = 64 };

struct pending {
	struct link in_list; /* sorted by deadline, in each of the lists */
	struct acceptor *acceptor;
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
pending_free(struct pending *p, bool close_it)
{
	loop_unwatch(p->watch);
	if (close_it)
		close(p->fd);
	list_remove(&p->in_list);
	p->acceptor->pending_count--;
	p->acceptor->waiting_count -= p->is_waiting;
	free(p->buf);
	free(p);
}

/* Answer, and wait for the other side to hang up: closing with unread input would cut
 * off the answer. */
static void
answer(struct pending *p, struct bytes text)
{
	if (p->head_only)
		text = http_head_of(text);
	if (send(p->fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len) {
		pending_free(p, true);
		return;
	}
	shutdown(p->fd, SHUT_WR);
	p->acceptor->waiting_count -= p->is_waiting;
	p->is_waiting = false;
	p->is_leaving = true;
	loop_watch_for(p->watch, true, false);
	p->deadline_s = broker_clock_s(p->acceptor->broker) + PENDING_LINGER_S;
	list_add(&p->acceptor->leaving, &p->in_list);
}

/* ---- monitoring ---------------------------------------------------------- */

static void
answer_health(struct pending *p)
{
	struct broker *b = p->acceptor->broker;

	if (store_is_ready(b->store) && !b->draining)
		answer(p, http_answer(b->turn, 200, "application/json",
				      "{\"status\":\"ok\"}", ""));
	else
		answer(p, http_problem(b->turn, 503, "unavailable",
				       b->draining ? "The broker is shutting down."
						   : "The database is out of reach.",
				       "Retry-After: 2\r\n"));
}

static void
answer_metrics(struct pending *p)
{
	struct broker *b = p->acceptor->broker;
	struct bytes text =
		http_answer(b->turn, 200, "text/plain; version=0.0.4; charset=utf-8",
			    metrics_print(b, b->turn), "");
	int room = (int)text.len;

	/* it must fit as a whole */
	setsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	answer(p, text);
}

static void
answer_nothing(struct pending *p)
{
	answer(p, http_problem(p->acceptor->broker->turn, 404, "not_found",
			       "There is nothing here.", ""));
}

/* Answers requests of monitoring. False: it is another request. */
static bool
judge_service(struct pending *p, const struct hello *hello)
{
	struct broker *b = p->acceptor->broker;

	if (hello->kind == HELLO_HEALTH)
		answer_health(p);
	else if (hello->kind == HELLO_ALIVE)
		answer(p, http_answer(b->turn, 200, "application/json",
				      "{\"status\":\"ok\"}", ""));
	else if (hello->kind == HELLO_METRICS &&
		 (p->acceptor->is_metrics || hello->is_local))
		answer_metrics(p);
	else if (hello->kind == HELLO_METRICS || p->acceptor->is_metrics)
		answer_nothing(p);
	else
		return false;
	return true;
}

/* ---- coming in ----------------------------------------------------------- */

static void
let_in(struct pending *p, const struct hello *hello, size_t head_len)
{
	struct ws *ws = p->acceptor->broker->ws;
	int fd = p->fd;
	char *rest = arena_memdup(p->acceptor->broker->turn, p->buf + head_len,
				  p->len - head_len);
	size_t rest_len = p->len - head_len;

	pending_free(p, false);
	ws_adopt(ws, fd, hello, rest, rest_len);
}

/* Anything after the head is ignored. */
static void
let_stream(struct pending *p, const struct hello *hello)
{
	struct broker *b = p->acceptor->broker;
	int fd = p->fd;

	pending_free(p, false);
	stream_adopt(b, fd, hello);
}

/* A connection that may be admitted waits for its turn, unless too many do. */
static void
wait_for_turn(struct pending *p)
{
	struct broker *b = p->acceptor->broker;

	if (!admission_may_wait(b, p->acceptor->waiting_count)) {
		answer(p, admission_refusal(b));
		return;
	}
	p->is_waiting = true;
	p->acceptor->waiting_count++;
	list_add(&p->acceptor->waiting, &p->in_list);
	loop_watch_for(p->watch, false, false);
}

static void
judge(struct pending *p, const struct http_request *rq)
{
	struct broker *b = p->acceptor->broker;
	struct hello hello;
	int retry_after_s;

	hello_read(b->turn, b->config, rq, p->peer, &hello);
	p->head_only = hello.head_only;
	if (judge_service(p, &hello))
		return;
	if (hello.bad_origin)
		log_event(LOG_INFO, "origin.refused",
			  LOG_S("request_id", hello.request_id),
			  LOG_S("origin", hello.bad_origin));
	if (hello.kind == HELLO_REFUSED)
		answer(p, hello.answer);
	else if (!flood_may_connect(b, hello.address, &retry_after_s))
		answer(p,
		       http_problem(b->turn, 429, "rate_limited",
				    "There are too many connections from this address.",
				    arena_printf(b->turn, "Retry-After: %d\r\n",
						 retry_after_s)));
	else
		wait_for_turn(p);
}

/* The request was checked before; it is read again, since nothing of it was kept. */
static void
admit(struct pending *p)
{
	struct broker *b = p->acceptor->broker;
	struct http_request rq;
	struct hello hello;

	if (http_read(b->turn, p->buf, p->len, &rq) != HTTP_DONE) {
		pending_free(p, true);
		return;
	}
	hello_read(b->turn, b->config, &rq, p->peer, &hello);
	if (hello.kind == HELLO_EVENTS)
		let_stream(p, &hello);
	else if (hello.kind == HELLO_REFUSED) /* by settings that changed */
		answer(p, hello.answer);
	else
		let_in(p, &hello, rq.head_len);
}

void
pending_admit(struct acceptor *a)
{
	struct link *first;

	while ((first = list_first(&a->waiting)) && admission_take(a->broker))
		admit(CONTAINER(first, struct pending, in_list));
}

static void
read_head(struct pending *p)
{
	struct arena *a = p->acceptor->broker->turn;
	struct http_request rq;

	switch (http_read(a, p->buf, p->len, &rq)) {
	case HTTP_DONE:
		judge(p, &rq);
		break;
	case HTTP_BROKEN:
		answer(p, http_problem(a, 400, "malformed", "This is not HTTP/1.1.", ""));
		break;
	case HTTP_MORE:
		if (p->len >= HTTP_HEAD_MAX)
			answer(p,
			       http_problem(a, 431, "too_large",
					    "The head of the request is too large.", ""));
		break;
	}
}

static void
make_room(struct pending *p)
{
	if (p->len < p->cap)
		return;
	p->cap = p->cap ? p->cap * 2 : FIRST_CAP;
	if (p->cap > HTTP_HEAD_MAX)
		p->cap = HTTP_HEAD_MAX;
	p->buf = xrealloc(p->buf, p->cap);
}

static void
on_readable(void *arg, bool readable, bool writable)
{
	struct pending *p = arg;
	ssize_t got;

	(void)readable;
	(void)writable;
	if (p->is_leaving)
		p->len = 0;
	make_room(p);
	got = recv(p->fd, p->buf + p->len, p->cap - p->len, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		pending_free(p, true);
		return;
	}
	p->len += (size_t)got;
	if (!p->is_leaving)
		read_head(p);
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
pending_new(struct acceptor *a, int fd, const struct sockaddr_storage *peer)
{
	struct pending *p = xcalloc(1, sizeof(*p));
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	p->acceptor = a;
	p->fd = fd;
	p->deadline_s = broker_clock_s(a->broker) + PENDING_TIME_S;
	peer_text(peer, p->peer);
	list_init(&p->in_list);
	list_add(&a->reading, &p->in_list);
	a->pending_count++;
	p->watch = loop_watch(a->broker->loop, fd, on_readable, p);
	loop_watch_for(p->watch, true, false);
	/* on loopback, and often elsewhere, the request is here already */
	on_readable(p, true, false);
}

void
pending_expire(struct link *list, int64_t before_s)
{
	LIST_EACH(list, item) {
		struct pending *p = CONTAINER(item, struct pending, in_list);

		if (p->deadline_s > before_s)
			return;
		pending_free(p, true);
	}
}
