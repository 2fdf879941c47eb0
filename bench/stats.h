/* stats.h -- collects measured times and prints their quantiles.
 *
 * Owns: the samples, in microseconds. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct stats {
	uint32_t *samples;
	size_t count, cap;
};

void stats_reset(struct stats *s);
void stats_add(struct stats *s, int64_t us);
/* Prints ,"name":{"count":…,"p50_ms":…,…} on standard output. */
void stats_print(struct stats *s, const char *name);
