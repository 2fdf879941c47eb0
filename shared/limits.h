/* limits.h -- how often somebody may do something, counted across processes.
 *
 * A mapped file of atomic slots that all programs of a host share: GCRA (the virtual
 * scheduling form of the leaky bucket, ITU-T I.371), one 64-bit word a key, no lock and
 * no round trip; it survives the death of any process. Two keys that meet in one slot
 * share it: somebody may be limited early, never late. If the file cannot be mapped,
 * private memory takes its place.
 *
 * Owns: the mapping. Lifetime: the process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

struct limits;

enum err limits_open(const char *path, struct limits **out); /* always OK */
void limits_close(struct limits *l);

struct limit {
	const char *name;  /* part of the key: "post", "signin" */
	int64_t burst;	   /* at once */
	int64_t per;	   /* cost units in ... */
	int64_t window_ms; /* ... this time */
};

struct limit_state {
	bool allowed;
	int64_t remaining;	/* units that would be allowed now */
	int64_t reset_ms;	/* until the whole burst is available again */
	int64_t retry_after_ms; /* if refused: until cost fits; else 0 */
};

/* Take cost units of limit for who (a user id, an address). A cost above the burst counts
 * as the burst. cost 0 only looks whether one unit is left. A refused call takes
 * nothing. */
struct limit_state limits_take(struct limits *l, const struct limit *limit,
			       const char *who, int64_t cost, int64_t now_ms);

/* Give units back (after a successful sign-in). */
void limits_give(struct limits *l, const struct limit *limit, const char *who,
		 int64_t cost, int64_t now_ms);
