/* clock.h -- time, in milliseconds.
 *
 * Points in time are int64_t milliseconds since 1970 (UTC), as the database returns them;
 * durations are measured on the monotonic clock. */
#pragma once

#include <stdint.h>

#include "shared/err.h"

enum { CLOCK_TEXT_SIZE = 25 }; /* "2026-11-20T14:39:00.123Z" and a NUL */

int64_t clock_now_ms(void);	  /* since 1970 */
int64_t clock_monotonic_us(void); /* for durations only */

/* RFC 3339, UTC, milliseconds; years 0000 to 9999. Returns out. */
char *clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE]);

/* RFC 3339 with any offset, fraction of any length, from the year 1 on. ERR_INVALID
 * otherwise. */
enum err clock_parse(const char *text, int64_t *out);
