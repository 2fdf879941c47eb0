/* verified.h -- who shows an access token, and for how long it is good.
 *
 * Tokens come again with each request. What one that was found good says is kept by the
 * digest of its text, which is all of it that is kept, until it ends; whether its session
 * still lives is asked each time all the same (access.c).
 *
 * Owns: a table of the process, in which tokens may displace each other. */
#pragma once

#include "fcgi/request.h"

/* Fill rq->claims, as token_verify() does. */
enum err verified_claims(struct req *rq);
