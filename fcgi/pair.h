/* pair.h -- the result of a sign-in: an access token and a refresh token. */
#pragma once

#include "fcgi/accounts_store.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "shared/err.h"

/* A newly made refresh token. */
struct fresh {
	const char *secret, *hash;
};
struct fresh pair_fresh(struct arena *a);

/* The row of a new session for this request's client. */
struct session_draft pair_session(struct req *rq, const struct fresh *fresh);

/* Signs an access token for the session and answers with the pair. */
enum err pair_reply(struct req *rq, struct reply *out, int status,
		    const struct user *user, const char *session_id,
		    const struct fresh *fresh, int64_t refresh_expires_in_s);
