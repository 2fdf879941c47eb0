/* openapi_operation.h -- one row of a table of routes in the reference: who may call,
 * with what, and the answers. */
#pragma once

#include "fcgi/route.h"
#include "shared/json.h"

struct json *openapi_operation(struct arena *a, const struct route *r);

/* components/headers, to which the answers refer. */
struct json *openapi_headers(struct arena *a);
