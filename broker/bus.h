/* bus.h -- how brokers on one database talk to each other.
 *
 * They send lines of text: wake-ups (shared/wake.h), signals of calls (signal_peers.h),
 * typing and whole messages (bus_words.h). A line goes either to all brokers, or to
 * those that have listeners in a room. There are two ways:
 *
 *	PostgreSQL's NOTIFY (bus_postgres.h), which every broker hears at all times;
 *	Redis (bus_redis.h), if the setting `bus` names one: it carries messages whole, so
 *	that other brokers need not read them from the log, and only to brokers with
 *	listeners.
 *
 * Redis is used while our connections to it are up and every other broker has said,
 * with its beat (peers.h), that it hears Redis too; otherwise NOTIFY. So Redis may go
 * away, or be known to some of the brokers only, and only speed is lost.
 *
 * Nothing is guaranteed. A line may be lost, duplicated or late: the log is the truth,
 * and the description of each kind of line says what makes up for a lost one. The
 * sender of a line has been verified (bus_packet.h); its syntax has not.
 *
 * Owns:     the Redis connections.
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
	int telling; /* NOTIFYs in flight */
};

/* Until then, and if the setting is empty, only NOTIFY is used. */
void bus_open(struct broker *b);
void bus_close(struct broker *b);

/* The room has got its first listener here, or has lost its last. */
void bus_join(const struct bus *bus, const struct uuid *room_id);
void bus_leave(const struct bus *bus, const struct uuid *room_id);

/* To all brokers, or to those that have joined the room (NULL: all). Lines contain no
 * newline. False: not sent. */
bool bus_send(struct broker *b, const struct uuid *room_id, const char *const lines[],
	      int count);
/* Should the caller wait, and gather lines meanwhile? */
bool bus_is_busy(const struct broker *b);
/* Are messages sent whole, to rooms? Implies that there is another broker. */
bool bus_carries(const struct broker *b);

/* We hear Redis: what our beat says. */
bool bus_hears(const struct broker *b);
/* The key that seals packets on Redis, from the database. */
void bus_take_key(struct broker *b, const char *key);

void bus_tick(struct broker *b);  /* once a second */
void bus_flush(struct broker *b); /* at the end of a turn */
