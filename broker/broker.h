/* broker.h -- the broker's whole state, in one place.
 *
 * One thread, one loop. A turn of the loop is:
 *
 *	socket readable -> acceptor, ws -> conn -> commands -> join / writer
 *	database or bus readable -> store, bus -> wakes -> fanout -> rooms
 *	end of turn -> writer, outboxes, dead objects freed, the turn's arena emptied
 *
 * Owns:     all its parts; broker_open() makes them, broker_close() ends them.
 * Lifetime: the process. Across a wait modules keep ids, never pointers to objects
 *           that may be gone by then. */
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

struct acceptor;
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

	struct arena *turn; /* for memory that this turn needs */
	int64_t now_ms;	    /* milliseconds since 1970, read when the turn began */
	int64_t clock_ms;   /* monotonic, read when the turn began: for deadlines */
	int64_t turn_us;    /* monotonic: when this turn began */
	int64_t pass_us;    /* ... or the first turn of this pass (outbox.h) */
	int64_t lag_us;	    /* recent duration of a pass: the delay for all else */
	bool draining;	    /* SIGTERM came: no new connections, no new frames */
	bool said_goodbye, is_unfit;
	int64_t drain_ms; /* when draining began */
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
	struct acceptor *acceptor, *metrics_acceptor; /* metrics_acceptor may be NULL */
	struct wakes_socket *wakes_socket;
	struct janitor *janitor;
	struct loop_timer *again_timer, *drain_timer;
};

/* Initialises the parts that need no file descriptor; tests use this alone. The caller
 * has set config, keys, limits and revoked. */
void broker_init(struct broker *b);
void broker_done(struct broker *b);

/* broker_turn_begins() reads the clock; broker_turn_ends() does the work deferred to
 * the end of the turn. */
void broker_turn_begins(struct broker *b);
void broker_turn_ends(struct broker *b);

/* Opens everything, sockets and database included. Errors are already logged. */
enum err broker_open(struct broker *b);
void broker_run(struct broker *b);
void broker_close(struct broker *b);

/* Begin to shut down: accept no connections, read no more frames, commit and deliver
 * the accepted messages, then tell every client when to come back. broker_run() returns
 * within seconds, even if something hangs. */
void broker_drain(struct broker *b);
/* The database is not the one it was before: close every connection; clients reload. */
void broker_new_epoch(struct broker *b);
/* Our state in memory belongs to another log: forget it and close every connection. */
void broker_begin_anew(struct broker *b);
/* The database has been unreachable for a while: tell every client once. */
void broker_lost_database(struct broker *b);
/* The schema does not fit this program: exit. */
void broker_unfit(struct broker *b);

static inline int64_t
broker_clock_s(const struct broker *b)
{
	return b->clock_ms / 1000;
}
