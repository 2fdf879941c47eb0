/* password.h -- hashing passwords: the door to libargon2.
 *
 * Argon2id (RFC 9106) as PHC strings. Hashing takes memory and time on purpose, so only
 * password_slots processes of a host do it at once. If no slot becomes free within 200
 * ms, the answer is ERR_UNAVAILABLE with Retry-After. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/err.h"
#include "shared/problem.h"

enum err password_hash(const struct config *c, struct arena *a, const char *password,
		       struct problem *p, const char **out_phc);

struct password_check {
	bool right;
	bool is_cheap; /* hashed at a lower cost than the settings now require */
};

/* phc NULL: there is no such account; costs the same and is never right. */
enum err password_verify(const struct config *c, struct arena *a, const char *password,
			 const char *phc, struct problem *p, struct password_check *out);
