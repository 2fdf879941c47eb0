/* bus_postgres.c -- see bus_postgres.h. */
#include "broker/bus_postgres.h"

#include "broker/broker.h"
#include "broker/peers_store.h"
#include "broker/store.h"

/* A lost line is made up for. */
static void
on_told(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;

	(void)err;
	(void)rows;
	b->bus.telling--;
}

bool
bus_postgres_send(struct broker *b, const char *const lines[], int count)
{
	struct db_call call = peers_tell_call(b->turn, lines, count);

	if (store_send(b->store, LINE_READ, &call, 1, on_told, b) != OK)
		return false;
	b->bus.telling++;
	return true;
}

bool
bus_postgres_is_busy(const struct broker *b)
{
	return b->bus.telling > 0 || !store_is_up(b->store, LINE_READ);
}
