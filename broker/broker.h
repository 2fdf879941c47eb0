/* broker.h -- everything there is in the broker, in one place.
 *
 * One thread, one loop. A turn of the loop is:
 *
 *	socket readable -> door, ws -> conn -> commands -> join / writer
 *	database or bus readable -> store, bus -> wakes -> fanout -> rooms
 *	end of turn -> writer, outboxes, what died is freed, the turn's arena is emptied
 *
 * Owns:     all its parts; broker_open() makes them, broker_close() ends them.
 * Lifetime: the process. Across a wait modules keep ids, never pointers to what may
 *           have gone meanwhile. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/activity.h"
#include "broker/audience.h"
#include "broker/admission.h"
#include "broker/auth.h"
#include "broker/bus.h"
#include "broker/calls.h"
#include "broker/conn.h"
#include "broker/edits.h"
#include "broker/fanout.h"
#include "broker/join.h"
#include "broker/lanes.h"
#include "broker/membership.h"
#include "broker/metrics.h"
#include "broker/outbox.h"
#include "broker/peers.h"
#include "broker/people.h"
#include "broker/presence.h"
#include "broker/receipts.h"
#include "broker/resume.h"
#include "broker/rooms.h"
#include "broker/signal_peers.h"
#include "broker/typing.h"
#include "broker/writer.h"
#include "shared/arena.h"
#include "shared/config.h"
#include "shared/err.h"

struct door;
struct janitor;
struct keys;
struct limits;
struct loop;
struct loop_timer;
struct revoked;
struct store;
struct streams;
struct wakes_socket;
struct ws;

struct broker {
	struct config *config;
	struct keys *keys;
	struct limits *limits;
	struct revoked *revoked;

	struct arena *turn; /* what is made for this turn */
	int64_t now_ms;	    /* since 1970, when the turn began */
	int64_t clock_ms;   /* monotonic, likewise: for deadlines */
	int64_t turn_us;    /* monotonic: when this turn began */
	int64_t pass_us;    /* ... or the first one of this pass (outbox.h) */
	int64_t lag_us;	    /* how long a pass takes, of late: so long must others wait */
	bool draining;	    /* SIGTERM came: nobody new, nothing new */
	bool said_goodbye, is_unfit;
	int64_t drain_ms; /* since when */
	char *api_path;

	struct admission admission;
	struct conns conns;
	struct people people;
	struct rooms rooms;
	struct audience audience;
	struct activity activity;
	struct membership membership;
	struct auth auth;
	struct calls calls;
	struct signals signals;
	struct fanout fanout;
	struct joins joins;
	struct edits edits;
	struct outboxes outboxes;
	struct receipts receipts;
	struct peers peers;
	struct bus bus;
	struct resumes resumes;
	struct typing typing;
	struct presence presence;
	struct writer writer;

	struct metrics metrics;

	struct loop *loop;
	struct store *store;
	struct ws *ws;
	struct streams *streams;
	struct door *door, *metrics_door; /* the latter may be NULL */
	struct wakes_socket *wakes_socket;
	struct janitor *janitor;
	struct loop_timer *again_timer, *drain_timer;
};

/* What has no file descriptor: tests make one with this alone. The caller has set
 * config, keys, limits and revoked. */
void broker_init(struct broker *b);
void broker_done(struct broker *b);

/* The clock is read when a turn begins, and everything that waits for its end is
 * done then. */
void broker_turn_begins(struct broker *b);
void broker_turn_ends(struct broker *b);

/* All of it, with sockets and database. An err was said in the log. */
enum err broker_open(struct broker *b);
void broker_run(struct broker *b);
void broker_close(struct broker *b);

/* The end begins: nobody is let in any more, nothing more is read; what was accepted is
 * committed and told, then everybody is told when to come back. broker_run() returns
 * within seconds, whatever hangs. */
void broker_drain(struct broker *b);
/* The database is another one than before: whoever is here reloads. */
void broker_new_epoch(struct broker *b);
/* What we hold in memory is of another log: nobody is here any more. */
void broker_begin_anew(struct broker *b);
/* The database has been out of reach for a while: whoever is here hears so, once. */
void broker_lost_database(struct broker *b);
/* The database does not fit this program: it ends. */
void broker_unfit(struct broker *b);

static inline int64_t
broker_clock_s(const struct broker *b)
{
	return b->clock_ms / 1000;
}
