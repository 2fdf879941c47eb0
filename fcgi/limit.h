/* limit.h -- the rate classes of routes, over shared/limits.
 *
 * Each route names a class and a cost. A class counts per user if there is one, else per
 * address. RateLimit headers (draft-ietf-httpapi-ratelimit-headers) report what is
 * left. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/request.h"
#include "shared/err.h"
#include "shared/limits.h"

enum limit_class {
	LIMIT_NONE,	/* not counted: health */
	LIMIT_REQUESTS, /* everything without a class of its own */
	LIMIT_MESSAGES, /* posting */
	LIMIT_CLASS_COUNT
};

/* The values of the headers. */
struct limit_report {
	const char *name; /* NULL: not limited */
	int64_t quota, window_s, remaining, reset_s;
};

/* Count this request. ERR_TOO_MANY with its Retry-After in rq->problem. */
enum err limit_request(struct req *rq, enum limit_class class, int64_t cost,
		       struct limit_report *out);

/* Takes one unit of a limit that is not the class of a route (sign-ins, registrations);
 * ERR_TOO_MANY with words. */
enum err limit_take(struct req *rq, const struct limit *limit, const char *who,
		    const char *detail);
