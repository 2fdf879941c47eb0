/* bound.h -- API tokens that are bound to one room.
 *
 * Enforced for all routes in one place, by what a row says about rooms. A room in the
 * path or in a field must be the token's, and so must a message's room. A query that may
 * name a room but does not means the token's. Any other room is not found, as if it did
 * not exist. A row that says nothing about rooms is refused unless it is marked
 * ROUTE_BOUND: its handler then checks rq->room_only, or it concerns no room. So a new
 * route is closed to such tokens until somebody opens it. */
#pragma once

#include "fcgi/request.h"
#include "shared/err.h"

/* Call after the fields are read and before they are checked. */
enum err bound_check(struct req *rq);
