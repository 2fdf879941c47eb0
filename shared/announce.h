/* announce.h -- what clients are told of this installation: GET /status and the
 * live side's `ready` say the same. */
#pragma once

#include "shared/config.h"
#include "shared/json.h"

#define FOYER_VERSION "0.1.0"

/* The limits that a client may run into, by the names of their settings. */
struct json *announce_limits(struct arena *a, const struct config *c);
