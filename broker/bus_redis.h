/* bus_redis.h -- bus.h by Redis publish/subscribe.
 *
 * One channel for all brokers, and one for each room that has listeners here. Channel
 * names contain the epoch, so that several installations may share a Redis, and brokers
 * of two states of a database do not hear each other. One connection subscribes and
 * another publishes, as Redis requires. Everything received must be sealed with a key
 * from the database (bus_packet.h): write access to this Redis alone is not enough to
 * be believed.
 *
 * It starts when the first beat has brought the key. Whenever it comes up again the
 * rooms are compared with the log.
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

bool bus_redis_is_up(const struct bus_redis *br); /* both connections */
void bus_redis_take_key(struct bus_redis *br, const char *key);
void bus_redis_tick(struct bus_redis *br);
void bus_redis_flush(struct bus_redis *br);
