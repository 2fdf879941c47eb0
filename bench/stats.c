/* stats.c -- see stats.h. */
#include "bench/stats.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/die.h"

void
stats_reset(struct stats *s)
{
	s->count = 0;
}

void
stats_add(struct stats *s, int64_t us)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 4096;
		s->samples = xrealloc(s->samples, s->cap * sizeof(*s->samples));
	}
	s->samples[s->count++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void
stats_print(struct stats *s, const char *name)
{
	static const struct {
		const char *name;
		double at;
	} quantiles[] = { { "p50_ms", 0.5 },
			  { "p90_ms", 0.9 },
			  { "p99_ms", 0.99 },
			  { "p999_ms", 0.999 },
			  { "max_ms", 1 } };

	printf(",\"%s\":{\"count\":%zu", name, s->count);
	if (s->count > 0)
		qsort(s->samples, s->count, sizeof(*s->samples), compare);
	for (size_t i = 0; s->count > 0 && i < sizeof(quantiles) / sizeof(quantiles[0]);
	     i++)
		printf(",\"%s\":%.3f", quantiles[i].name,
		       s->samples[(size_t)(quantiles[i].at * (double)(s->count - 1))] /
			       1e3);
	printf("}");
}
