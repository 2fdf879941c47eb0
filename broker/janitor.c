/* janitor.c -- see janitor.h. */
#include "broker/janitor.h"

#include <stdlib.h>

#include "broker/acceptor.h"
#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "broker/ws.h"
#include "shared/brokers.h"
#include "shared/die.h"
#include "shared/session.h"

struct janitor {
	struct broker *broker;
	struct loop_timer *second, *presence, *revoked, *compare, *beat, *tenth, *sweep;
	bool is_asking; /* a query for revoked sessions is in flight */
	int64_t asked_ms;
	int64_t read_ms; /* when revoked sessions were last read; 0: never */
};

static void
each_second(void *arg)
{
	struct broker *b = ((struct janitor *)arg)->broker;

	conns_tick(b);
	typing_tick(b);
	acceptor_tick(b->acceptor);
	acceptor_tick(b->metrics_acceptor);
	ws_tick(b->ws);
	writer_tick(b);
	bus_tick(b);
	activity_compare(b);
	rooms_cool(&b->rooms, broker_clock_s(b) - JANITOR_COOL_S);
}

static void
each_presence(void *arg)
{
	presence_tick(((struct janitor *)arg)->broker);
}

static void
each_comparison(void *arg)
{
	fanout_compare(((struct janitor *)arg)->broker);
}

static void
each_tenth(void *arg)
{
	activity_tick(((struct janitor *)arg)->broker);
}

static void
each_beat(void *arg)
{
	peers_beat(((struct janitor *)arg)->broker);
}

/* ---- revoked sessions ---------------------------------------------------- */

static void
on_revoked(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	struct janitor *j = b->janitor;

	if (!j)
		return;
	j->is_asking = false;
	if (err != OK)
		return;
	j->read_ms = j->asked_ms;
	revoked_take(b->revoked, &rows[0], b->now_ms, b->config->access_token_s * 1000);
	if (rows[0].count > 0)
		auth_revoked(b);
}

static void
each_half_second(void *arg)
{
	struct janitor *j = arg;
	struct broker *b = j->broker;
	int64_t life_ms = b->config->access_token_s * 1000;
	struct db_call call;

	membership_look(b);
	calls_tick(b);
	if (j->is_asking)
		return;
	call = revoked_call(b->turn, j->read_ms ? b->now_ms - j->read_ms : life_ms);
	j->asked_ms = b->now_ms;
	j->is_asking = store_send(b->store, LINE_READ, &call, 1, on_revoked, b) == OK;
}

/* ---- what nobody asks for any more --------------------------------------- */

/* What was not swept now is swept the next time. */
static void
on_swept(void *arg, enum err err, const struct rows *rows)
{
	(void)arg;
	(void)err;
	(void)rows;
}

static void
each_sweep(void *arg)
{
	struct broker *b = ((struct janitor *)arg)->broker;
	struct db_call call =
		revoked_sweep_call(b->turn, b->config->access_token_s * 1000);

	if (store_send(b->store, LINE_NOTE, &call, 1, on_swept, NULL) != OK)
		return; /* the next sweep does it */
}

struct janitor *
janitor_new(struct broker *b)
{
	struct janitor *j = xcalloc(1, sizeof(*j));

	j->broker = b;
	j->second = loop_timer_new(b->loop, each_second, j);
	j->presence = loop_timer_new(b->loop, each_presence, j);
	j->revoked = loop_timer_new(b->loop, each_half_second, j);
	j->compare = loop_timer_new(b->loop, each_comparison, j);
	j->tenth = loop_timer_new(b->loop, each_tenth, j);
	j->beat = loop_timer_new(b->loop, each_beat, j);
	j->sweep = loop_timer_new(b->loop, each_sweep, j);
	loop_timer_every(j->second, 1000);
	loop_timer_every(j->presence, PRESENCE_EVERY_MS);
	loop_timer_every(j->revoked, REVOKED_EVERY_MS);
	loop_timer_every(j->compare, JANITOR_COMPARE_S * 1000);
	loop_timer_every(j->tenth, ACTIVITY_TICK_MS);
	loop_timer_every(j->beat, BROKERS_BEAT_MS);
	loop_timer_every(j->sweep, JANITOR_SWEEP_S * 1000);
	return j;
}

void
janitor_free(struct janitor *j)
{
	if (!j)
		return;
	loop_timer_free(j->second);
	loop_timer_free(j->presence);
	loop_timer_free(j->revoked);
	loop_timer_free(j->compare);
	loop_timer_free(j->tenth);
	loop_timer_free(j->beat);
	loop_timer_free(j->sweep);
	free(j);
}
