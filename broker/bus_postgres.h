/* bus_postgres.h -- bus.h by NOTIFY, on the line that listens: so our own lines are known
 * as such, and not heard (dbq.c). store.c hears what others say. A line is shorter than
 * 8000 bytes. */
#pragma once

#include <stdbool.h>

struct broker;

bool bus_postgres_send(struct broker *b, const char *const lines[], int count);
/* It is away, or has not answered yet. */
bool bus_postgres_is_busy(const struct broker *b);
