/* store.c -- see store.h. */
#include "broker/store.h"

#include <stdlib.h>
#include <string.h>

#include "broker/activity_store.h"
#include "broker/audience_store.h"
#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/peers_store.h"
#include "broker/people_store.h"
#include "broker/presence_store.h"
#include "broker/typing_store.h"
#include "broker/wakes.h"
#include "shared/calls_live.h"
#include "shared/die.h"
#include "shared/edits.h"
#include "shared/log.h"
#include "shared/marks.h"
#include "shared/members.h"
#include "shared/random.h"
#include "shared/room_read.h"
#include "shared/roomlog.h"
#include "shared/session.h"
#include "shared/status.h"
#include "shared/ticket.h"

enum { RETRY_FIRST_MS = 50, RETRY_MAX_MS = 3000 };

struct line {
	struct store *store;
	enum store_line which;
	struct dbq *q;
	struct loop_watch *watch;
	int watched_fd;
	struct loop_timer *timer;
	int64_t retry_ms;
};

struct store {
	struct broker *broker;
	struct db_settings settings[LINE_COUNT];
	struct line lines[LINE_COUNT];
	struct db_instance instance;
	struct loop_timer *grace; /* runs while a line is down, until it is lost */
	bool is_waiting, is_lost, is_closing;
};

static const char *const names[LINE_COUNT] = {
	[LINE_WRITE] = "foyer-broker write", [LINE_JOIN] = "foyer-broker join",
	[LINE_OPEN] = "foyer-broker open",   [LINE_PAGE] = "foyer-broker page",
	[LINE_READ] = "foyer-broker read",   [LINE_NOTE] = "foyer-broker note",
};

/* Each line prepares only the statements that it runs. */
static const struct stmt *const *const statements[LINE_COUNT][14] = {
	[LINE_WRITE] = { db_statements, roomlog_append_statements },
	[LINE_JOIN] = { db_statements, roomlog_append_statements, members_come_statements,
			edits_statements, calls_statements, calls_live_statements,
			calls_tell_statements, calls_seen_statements },
	[LINE_OPEN] = { db_statements, session_statements, roomlog_read_statements,
			ticket_statements, audience_statements, people_statements },
	[LINE_PAGE] = { db_statements, roomlog_read_statements },
	[LINE_READ] = { db_statements, session_statements, roomlog_read_statements,
			typing_statements, peers_tell_statements, membership_statements,
			calls_look_statements, calls_tell_statements },
	[LINE_NOTE] = { db_statements, session_statements, peers_statements,
			room_read_statements, roomlog_read_statements,
			activity_statements, marks_statements, presence_statements,
			status_statements },
};

/* ---- what happens on a line ---------------------------------------------- */

static void
on_ready(void *arg, bool readable, bool writable)
{
	struct line *l = arg;

	dbq_step(l->q, readable, writable);
}

static void
on_watch(void *arg, int fd, bool readable, bool writable)
{
	struct line *l = arg;

	if (fd != l->watched_fd) {
		loop_unwatch(l->watch);
		l->watch = fd < 0 ? NULL
				  : loop_watch(l->store->broker->loop, fd, on_ready, l);
		l->watched_fd = fd;
	}
	if (l->watch)
		loop_watch_for(l->watch, readable, writable);
}

/* A restored backup or another server: our state in memory belongs to another log. */
static void
check_epoch(struct store *s, const struct db_instance *now)
{
	bool is_new = s->instance.epoch[0] && strcmp(s->instance.epoch, now->epoch) != 0;

	s->instance = *now;
	if (is_new)
		broker_new_epoch(s->broker);
}

/* If one line can reach the server, so can the others. */
static void
hurry(struct store *s)
{
	for (int i = 0; i < LINE_COUNT; i++)
		if (s->lines[i].q && dbq_state(s->lines[i].q) == DBQ_DOWN)
			loop_timer_in(s->lines[i].timer, 1);
}

/* ---- lost and found ------------------------------------------------------ */

static void
on_grace_over(void *arg)
{
	struct store *s = arg;

	s->is_lost = true;
	log_event(LOG_ERROR, "db.lost");
	broker_lost_database(s->broker);
}

static void
note_down(struct store *s)
{
	if (!s->is_waiting)
		loop_timer_in(s->grace, STORE_GRACE_MS);
	s->is_waiting = true;
}

static void
note_up(struct store *s)
{
	if (!store_is_ready(s))
		return;
	loop_timer_stop(s->grace);
	if (s->is_lost)
		log_event(LOG_INFO, "db.found");
	s->is_waiting = s->is_lost = false;
}

static void
on_up(void *arg)
{
	struct line *l = arg;

	log_event(LOG_INFO, "db.up", LOG_S("line", names[l->which]));
	l->retry_ms = 0;
	l->store->broker->metrics.db_connects++;
	note_up(l->store);
	hurry(l->store);
	check_epoch(l->store, dbq_instance(l->q));
	if (l->which == LINE_READ)
		fanout_compare(l->store->broker);
	if (l->which == LINE_NOTE)
		peers_beat(l->store->broker);
}

static void
on_down(void *arg, enum err why)
{
	struct line *l = arg;
	uint8_t jitter;

	if (l->store->is_closing)
		return;
	if (why == ERR_INTERNAL)
		broker_unfit(l->store->broker);
	random_bytes(&jitter, sizeof(jitter));
	l->retry_ms = l->retry_ms ? l->retry_ms * 2 : RETRY_FIRST_MS;
	if (l->retry_ms > RETRY_MAX_MS)
		l->retry_ms = RETRY_MAX_MS;
	log_event(LOG_WARN, "db.down", LOG_S("line", names[l->which]),
		  LOG_I("retry_ms", l->retry_ms));
	note_down(l->store);
	loop_timer_in(l->timer, l->retry_ms + l->retry_ms * jitter / 1024);
}

static void
on_notify(void *arg, const char *channel, const char *payload)
{
	struct line *l = arg;

	(void)channel;
	l->store->broker->metrics.wakes_notify++;
	wakes_hear(l->store->broker, payload);
}

static void
on_retry(void *arg)
{
	struct line *l = arg;

	dbq_connect(l->q);
}

/* ---- coming and going ---------------------------------------------------- */

static void
open_line(struct store *s, enum store_line which)
{
	struct line *l = &s->lines[which];
	const struct config *config = s->broker->config;
	const struct dbq_owner owner = { .arg = l,
					 .on_watch = on_watch,
					 .on_up = on_up,
					 .on_down = on_down,
					 .on_notify = on_notify };

	s->settings[which] = (struct db_settings){
		.conninfo = config_database_broker(config),
		.application = names[which],
		.statement_timeout_ms = config->statement_timeout_ms,
		.lock_timeout_ms = config->lock_timeout_ms,
		.stmts = statements[which],
	};
	*l = (struct line){ .store = s, .which = which, .watched_fd = -1 };
	l->timer = loop_timer_new(s->broker->loop, on_retry, l);
	l->q = dbq_new(&s->settings[which], &owner,
		       which == LINE_READ ? "foyer_wake" : NULL);
	dbq_connect(l->q);
}

struct store *
store_open(struct broker *b)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->broker = b;
	b->store = s;
	s->grace = loop_timer_new(b->loop, on_grace_over, s);
	for (int i = 0; i < LINE_COUNT; i++)
		open_line(s, (enum store_line)i);
	return s;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	s->is_closing = true;
	for (int i = 0; i < LINE_COUNT; i++) {
		dbq_free(s->lines[i].q);
		s->lines[i].q = NULL;
		loop_unwatch(s->lines[i].watch);
		loop_timer_free(s->lines[i].timer);
	}
	loop_timer_free(s->grace);
	free(s);
}

/* ---- using them ---------------------------------------------------------- */

bool
store_is_up(const struct store *s, enum store_line line)
{
	return s->lines[line].q && dbq_state(s->lines[line].q) == DBQ_UP;
}

bool
store_is_ready(const struct store *s)
{
	for (int i = 0; i < LINE_COUNT; i++)
		if (!store_is_up(s, (enum store_line)i))
			return false;
	return true;
}

bool
store_is_lost(const struct store *s)
{
	return s->is_lost;
}

const struct db_instance *
store_instance(const struct store *s)
{
	return &s->instance;
}

enum err
store_send(struct store *s, enum store_line line, const struct db_call *calls, int count,
	   dbq_done *on_done, void *arg)
{
	if (!store_is_up(s, line))
		return ERR_UNAVAILABLE;
	return dbq_send(s->lines[line].q, calls, count, on_done, arg);
}

void
store_cut(struct store *s, enum store_line line)
{
	struct line *l = &s->lines[line];

	log_event(LOG_ERROR, "db.overdue", LOG_S("line", names[line]));
	dbq_cut(l->q);
}
