/* password.h -- hashing passwords: the door to libargon2.
 *
 * Argon2id (RFC 9106) as PHC strings. Hashing takes memory and time on purpose,
 * so only password_slots at once do it on a host; when all are taken the answer
 * is ERR_UNAVAILABLE with Retry-After, never a wait. */
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
	bool is_cheap; /* hashed at a lower cost than the settings ask for now */
};

/* phc NULL: there is no such account; costs the same and is never right. */
enum err password_verify(const struct config *c, struct arena *a, const char *password,
			 const char *phc, struct problem *p, struct password_check *out);
