/* access.h -- who is calling, and may they? */
#pragma once

#include "fcgi/request.h"
#include "fcgi/route.h"
#include "shared/err.h"

/* Checks the bearer token as the route requires, and that its session has not ended. Sets
 * rq->claims, user_id and session_id, scopes and room_only. ERR_UNAUTHENTICATED with
 * token_expired, session_ended or token_invalid; ERR_FORBIDDEN if the route does not take
 * this API token; ERR_UNAVAILABLE if the database cannot say whether the session has
 * ended. */
enum err access_check(struct req *rq, enum who who);

/* For somebody who is no longer signed in: ERR_UNAUTHENTICATED with session_ended. Also
 * for handlers that find the account gone, which access_check() notices half a second
 * late. */
enum err access_ended(struct req *rq);
