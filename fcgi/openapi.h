/* openapi.h -- the reference (OpenAPI 3.1), printed from the rows that route and the
 * tables that validate. */
#pragma once

#include "fcgi/route.h"
#include "shared/config.h"
#include "shared/json.h"

/* The document for these tables (NULL-terminated). */
struct json *openapi_document(struct arena *a, const struct config *config,
			      const struct route *const tables[]);

/* The same to standard output. */
void openapi_print(const struct config *config, const struct route *const tables[]);
