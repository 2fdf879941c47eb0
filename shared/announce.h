/* announce.h -- what clients are told about this installation: GET /status and the live
 * side's `ready` contain the same. */
#pragma once

#include "shared/config.h"
#include "shared/json.h"

#define FOYER_VERSION "0.1.0"

/* The limits that a client may run into, under the names of their settings. */
struct json *announce_limits(struct arena *a, const struct config *c);
