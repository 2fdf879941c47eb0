/* origin.h -- which web pages may connect: those of this site, and of allowed_origins.
 *
 * Lifetime: text is in the arena that the request was read into. */
#pragma once

#include <stdbool.h>

#include "broker/http.h"
#include "shared/config.h"

/* A client without an Origin is not a web page, and is allowed. peer: the other end's
 * address; a trusted proxy is believed about the host. */
bool origin_is_welcome(struct arena *a, const struct config *config,
		       const struct http_request *rq, const char *peer);

/* Header lines (CORS, the Fetch standard): configured origins only, and never
 * credentials. methods: for the answer to a preflight; NULL: it is not one. */
const char *origin_cors(struct arena *a, const struct config *config,
			const struct http_request *rq, const char *methods);
