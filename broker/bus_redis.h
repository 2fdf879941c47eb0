/* bus_redis.h -- bus.h by Redis' publish/subscribe.
 *
 * A channel for all brokers, and one for each room that somebody listens to here; their
 * names hold the epoch, so that several installations may share a Redis, and brokers of
 * two states of a database do not hear each other. One connection hears, another one
 * says, as Redis wants it. What is heard must be sealed with a key that is in the
 * database (bus_packet.h): who can write to this Redis alone can say nothing.
 *
 * It begins when the first beat has brought the key. Whenever it is up again the rooms
 * are compared with the log.
 *
 * Owns: both connections. */
#pragma once

#include <stdbool.h>

struct broker;
struct bus_redis;
struct uuid;

struct bus_redis *bus_redis_open(struct broker *b);
void bus_redis_close(struct bus_redis *br); /* NULL is fine */

void bus_redis_join(struct bus_redis *br, const struct uuid *room_id);
void bus_redis_leave(struct bus_redis *br, const struct uuid *room_id);
bool bus_redis_send(struct bus_redis *br, const struct uuid *room_id,
		    const char *const lines[], int count);

bool bus_redis_is_up(const struct bus_redis *br); /* both of them */
void bus_redis_take_key(struct bus_redis *br, const char *key);
void bus_redis_tick(struct bus_redis *br);
void bus_redis_flush(struct bus_redis *br);
