/* verified.h -- whose access token it is, and until when it is valid.
 *
 * A token comes again with each request. The claims of one that was found valid are kept
 * until it expires, under the digest of its text (the text itself is not kept). Whether
 * its session still lives is checked each time all the same (access.c).
 *
 * Owns: a table of the process, in which tokens may displace each other. */
#pragma once

#include "fcgi/request.h"

/* Fills rq->claims, as token_verify() does. */
enum err verified_claims(struct req *rq);
