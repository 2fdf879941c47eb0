/* bus.h -- what brokers on one database tell each other, and how it gets there.
 *
 * They say lines of text: wake-ups (shared/wake.h), signals of calls (signal_peers.h),
 * who writes and what was said (bus_words.h). Either to all of them, or about a room to
 * those where somebody listens to it. There are two ways:
 *
 *	PostgreSQL's NOTIFY (bus_postgres.h), which every broker hears at all times;
 *	Redis (bus_redis.h), if the setting `bus` names one: it carries messages whole, so
 *	that the others need not read them from the log, and only to where
 *	somebody listens.
 *
 * Redis is taken while our lines to it stand and every other broker has said, with its
 * beat (peers.h), that it hears Redis too; else NOTIFY. So it may go away, or be known to
 * some of the brokers only, at the cost of speed alone.
 *
 * Nothing is promised. A line may be lost, doubled or late: the log says what is so, and
 * what makes up for a lost line stands beside its kind. Where a line came from has been
 * checked (bus_packet.h); that it can be read has not.
 *
 * Owns:     the way by Redis.
 * Lifetime: the broker's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct broker;
struct bus_redis;
struct uuid;

struct bus {
	struct broker *broker; /* NULL: not open yet */
	struct bus_redis *redis;
	int telling; /* NOTIFYs under way */
};

/* Before it, and where the setting is empty, there is NOTIFY alone. */
void bus_open(struct broker *b);
void bus_close(struct broker *b);

/* Somebody listens to this room here; nobody does any more. */
void bus_join(const struct bus *bus, const struct uuid *room_id);
void bus_leave(const struct bus *bus, const struct uuid *room_id);

/* To all brokers, or to those that have joined the room (NULL: all). They have no
 * newline. False: it was not sent. */
bool bus_send(struct broker *b, const struct uuid *room_id, const char *const lines[],
	      int count);
/* Shall one wait, and gather what there is to say? */
bool bus_is_busy(const struct broker *b);
/* Are messages to be said whole, to rooms? Then there is another broker, too. */
bool bus_carries(const struct broker *b);

/* We hear what comes by Redis: what our beat says. */
bool bus_hears(const struct broker *b);
/* The key of what goes by Redis, as the database has it. */
void bus_take_key(struct broker *b, const char *key);

void bus_tick(struct broker *b);  /* once a second */
void bus_flush(struct broker *b); /* at the end of a turn */
