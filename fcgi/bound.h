/* bound.h -- API tokens that are bound to one room.
 *
 * Decided for all routes in one place, by what a row says of rooms: a room in the path
 * or among the fields must be the token's, and so must a message's; a query that may
 * name a room and does not means the token's. Another room is not found, like one that
 * is not there. A row that says nothing of rooms is refused, unless it is marked
 * ROUTE_BOUND: then its handler minds rq->room_only, or it concerns no room. So what is
 * added later is closed until somebody thinks of it. */
#pragma once

#include "fcgi/request.h"
#include "shared/err.h"

/* After the fields were read, before they are checked. */
enum err bound_check(struct req *rq);
