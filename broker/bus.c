/* bus.c -- see bus.h: which way is taken. */
#include "broker/bus.h"

#include "broker/broker.h"
#include "broker/bus_postgres.h"
#include "broker/bus_redis.h"

void
bus_open(struct broker *b)
{
	b->bus.broker = b;
	b->rooms.bus = &b->bus;
	if (*b->config->bus)
		b->bus.redis = bus_redis_open(b);
}

void
bus_close(struct broker *b)
{
	bus_redis_close(b->bus.redis);
	b->bus.redis = NULL;
}

void
bus_join(const struct bus *bus, const struct uuid *room_id)
{
	if (bus->redis)
		bus_redis_join(bus->redis, room_id);
}

void
bus_leave(const struct bus *bus, const struct uuid *room_id)
{
	if (bus->redis)
		bus_redis_leave(bus->redis, room_id);
}

bool
bus_hears(const struct broker *b)
{
	return b->bus.redis && bus_redis_is_up(b->bus.redis);
}

bool
bus_carries(const struct broker *b)
{
	return b->peers.others > 0 && b->peers.deaf == 0 && bus_hears(b);
}

bool
bus_is_busy(const struct broker *b)
{
	return !bus_carries(b) && bus_postgres_is_busy(b);
}

bool
bus_send(struct broker *b, const struct uuid *room_id, const char *const lines[],
	 int count)
{
	if (bus_carries(b))
		return bus_redis_send(b->bus.redis, room_id, lines, count);
	return bus_postgres_send(b, lines, count);
}

void
bus_take_key(struct broker *b, const char *key)
{
	if (b->bus.redis)
		bus_redis_take_key(b->bus.redis, key);
}

void
bus_tick(struct broker *b)
{
	if (b->bus.redis)
		bus_redis_tick(b->bus.redis);
}

void
bus_flush(struct broker *b)
{
	if (b->bus.redis)
		bus_redis_flush(b->bus.redis);
}
