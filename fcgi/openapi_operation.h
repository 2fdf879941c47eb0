/* openapi_operation.h -- one row of a table of routes in the reference: who may ask, with
 * what, and what the answers are. */
#pragma once

#include "fcgi/route.h"
#include "shared/json.h"

struct json *openapi_operation(struct arena *a, const struct route *r);

/* components/headers: what the answers refer to. */
struct json *openapi_headers(struct arena *a);
