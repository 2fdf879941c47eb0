/* bus_postgres.h -- bus.h by NOTIFY, on the connection that also listens, so that our
 * own lines are recognised and ignored (dbq.c). store.c receives the lines of others. A
 * line must be shorter than 8000 bytes. */
#pragma once

#include <stdbool.h>

struct broker;

bool bus_postgres_send(struct broker *b, const char *const lines[], int count);
/* Down, or still waiting for an answer. */
bool bus_postgres_is_busy(const struct broker *b);
