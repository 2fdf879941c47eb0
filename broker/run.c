/* run.c -- broker.h with everything: sockets, database, timers; and the end. */
#include <sys/resource.h>

#include "broker/acceptor.h"
#include "broker/broker.h"
#include "broker/janitor.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "broker/stream.h"
#include "broker/wakes_socket.h"
#include "broker/wire.h"
#include "broker/ws.h"
#include "shared/clock.h"
#include "shared/log.h"

enum {
	FILES_APART = 64,  /* our descriptors that are not connections */
	DRAIN_MS = 6000,   /* to commit what was accepted */
	GOODBYE_MS = 1500, /* for clients to answer the close */
	DRAIN_LOOK_MS = 20,
	LAG_PASSES = 8,
};

static void
on_turn_begins(void *arg)
{
	struct broker *b = arg;

	broker_turn_begins(b);
	b->turn_us = clock_monotonic_us();
	if (!outboxes_are_passing(&b->outboxes))
		b->pass_us = b->turn_us;
}

static void
note_turn(struct broker *b)
{
	int64_t now_us = clock_monotonic_us();

	if (b->turn_us == 0)
		return; /* before the first turn */
	metrics_time(&b->metrics.turn_us, now_us - b->turn_us);
	if (!outboxes_are_passing(&b->outboxes))
		b->lag_us += (now_us - b->pass_us - b->lag_us) / LAG_PASSES;
}

/* These say when they need another turn even if nothing happens. */
/* clang-format off */
static int64_t (*const wants_turn[])(const struct broker *b) = {
	writer_next_ms,
	joins_next_ms,
	acceptor_next_ms,
	edits_next_ms,
	receipts_next_ms,
	peers_next_ms,
	membership_next_ms,
	call_changes_next_ms,
	outboxes_next_ms,
};
/* clang-format on */

/* -1: never. */
static int64_t
next_turn_ms(const struct broker *b)
{
	int64_t next_ms = -1;

	for (size_t i = 0; i < sizeof(wants_turn) / sizeof(wants_turn[0]); i++) {
		int64_t ms = wants_turn[i](b);

		if (ms >= 0 && (next_ms < 0 || ms < next_ms))
			next_ms = ms;
	}
	return next_ms;
}

static void
on_turn_ends(void *arg)
{
	struct broker *b = arg;
	int64_t next_ms;

	acceptor_kick(b->acceptor);
	ws_read_on(b->ws);
	broker_turn_ends(b);
	ws_turn_ends(b->ws);
	if (outboxes_have_more(&b->outboxes) || conns_have_dying(&b->conns))
		loop_again(b->loop);
	next_ms = next_turn_ms(b);
	if (next_ms >= 0)
		loop_timer_in(b->again_timer,
			      next_ms > b->clock_ms ? next_ms - b->clock_ms : 1);
	note_turn(b);
}

/* The turn's end does the work. */
static void
on_again(void *arg)
{
	(void)arg;
}

/* Raises the limit on open files; returns how many connections that allows. Called
 * before the library starts: the limit must not change after that. */
static int
raise_file_limit(const struct config *config)
{
	rlim_t want = (rlim_t)config->max_connections + PENDING_MAX + FILES_APART;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > want)
		limit.rlim_cur = want;
	else
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 && getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < want - PENDING_MAX)
		log_event(LOG_WARN, "files.few", LOG_I("limit", (int64_t)limit.rlim_cur),
			  LOG_I("max_connections", config->max_connections));
	if (limit.rlim_cur < (rlim_t)config->max_connections + FILES_APART)
		return (int)limit.rlim_cur - FILES_APART;
	return (int)config->max_connections;
}

enum err
broker_open(struct broker *b)
{
	int max_conns = raise_file_limit(b->config);

	b->loop = loop_new();
	broker_init(b);
	loop_on_turn(b->loop, on_turn_begins, on_turn_ends, b);
	b->again_timer = loop_timer_new(b->loop, on_again, b);
	TRY(ws_open(b, &b->ws));
	b->streams = streams_new();
	TRY(acceptor_open(b, max_conns, &b->acceptor));
	TRY(acceptor_open_metrics(b, &b->metrics_acceptor));
	/* after the steps at which a second copy of us would fail: this takes over the
	 * socket's name */
	TRY(wakes_socket_open(b, b->config->wake_socket, &b->wakes_socket));
	b->store = store_open(b);
	bus_open(b);
	b->janitor = janitor_new(b);
	return OK;
}

void
broker_close(struct broker *b)
{
	janitor_free(b->janitor);
	b->janitor = NULL; /* answers to its queries may come below */
	acceptor_close(b->acceptor);
	acceptor_close(b->metrics_acceptor);
	wakes_socket_close(b->wakes_socket);
	bus_close(b);
	/* connections go first: they may have queries in flight */
	ws_close(b->ws);
	streams_free(b->streams);
	conns_bury(b);
	store_close(b->store);
	loop_timer_free(b->again_timer);
	loop_timer_free(b->drain_timer);
	broker_done(b);
	loop_free(b->loop);
}

void
broker_run(struct broker *b)
{
	loop_run(b->loop);
}

/* ---- the end ------------------------------------------------------------- */

static void
hold(struct conn *c)
{
	c->ops->tell(c->wire, WIRE_HOLD);
}

static bool
is_all_written(const struct broker *b)
{
	return writer_is_idle(&b->writer) && edits_are_idle(&b->edits) &&
	       receipts_are_idle(&b->receipts);
}

/* Once everything accepted is committed and told, or that takes too long: say goodbye.
 * Once all connections are closed, or that takes too long: stop. */
static void
on_drain(void *arg)
{
	struct broker *b = arg;
	int64_t since_ms = b->clock_ms - b->drain_ms;

	if (!b->said_goodbye) {
		if (!is_all_written(b) && since_ms < DRAIN_MS)
			return;
		b->said_goodbye = true;
		b->drain_ms = b->clock_ms;
		conns_for_all(&b->conns, conn_close_retry);
		peers_leave(b);
	} else if (b->conns.count == 0 || since_ms >= GOODBYE_MS) {
		loop_stop(b->loop);
	}
}

void
broker_drain(struct broker *b)
{
	if (b->draining)
		return;
	log_event(LOG_INFO, "broker.drain", LOG_I("connections", b->conns.count));
	b->draining = true;
	b->drain_ms = b->clock_ms;
	acceptor_stop(b->acceptor);
	conns_for_all(&b->conns, hold);
	b->drain_timer = loop_timer_new(b->loop, on_drain, b);
	loop_timer_every(b->drain_timer, DRAIN_LOOK_MS);
}

void
broker_new_epoch(struct broker *b)
{
	log_event(LOG_WARN, "db.epoch", LOG_S("now", store_instance(b->store)->epoch));
	broker_begin_anew(b);
}

void
broker_unfit(struct broker *b)
{
	log_event(LOG_ERROR, "db.unfit");
	b->is_unfit = true;
	loop_stop(b->loop);
}
