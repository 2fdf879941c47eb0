/* origin.h -- which web pages may come in: those from here, and from allowed_origins.
 *
 * Lifetime: text is in the arena that the request was read into. */
#pragma once

#include <stdbool.h>

#include "broker/http.h"
#include "shared/config.h"

/* Whoever names no origin is no web page, and welcome. peer: the other end's address;
 * what a proxy of ours says about the host is believed. */
bool origin_is_welcome(struct arena *a, const struct config *config,
		       const struct http_request *rq, const char *peer);

/* Header lines (CORS, the Fetch standard): configured origins only, and never
 * credentials. methods: of the answer to a preflight; NULL: this is none. */
const char *origin_cors(struct arena *a, const struct config *config,
			const struct http_request *rq, const char *methods);
