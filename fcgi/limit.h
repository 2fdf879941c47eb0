/* limit.h -- the rate classes of routes, over shared/limits.
 *
 * Each route names a class and a cost. A class counts per user where there is
 * one, else per address; what is left is told in RateLimit headers
 * (draft-ietf-httpapi-ratelimit-headers). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/request.h"
#include "shared/err.h"
#include "shared/limits.h"

enum limit_class {
	LIMIT_NONE,	/* not counted: health */
	LIMIT_REQUESTS, /* anything that has no class of its own */
	LIMIT_MESSAGES, /* posting */
	LIMIT_CLASS_COUNT
};

/* What the headers say. */
struct limit_report {
	const char *name; /* NULL: not limited */
	int64_t quota, window_s, remaining, reset_s;
};

/* The limit of a class under these settings. */
struct limit limit_of(const struct config *config, enum limit_class class);

/* Count this request. ERR_TOO_MANY with its Retry-After in rq->problem. */
enum err limit_request(struct req *rq, enum limit_class class, int64_t cost,
		       struct limit_report *out);

/* Take one unit of a limit that is no route's class (sign-ins, registrations);
 * ERR_TOO_MANY with words. */
enum err limit_take(struct req *rq, const struct limit *limit, const char *who,
		    const char *detail);
