/* schemas.h -- the rows of schema_rows.h as JSON schema (2020-12). */
#pragma once

#include "shared/json.h"

/* components/schemas of the reference. */
struct json *schemas_print(struct arena *a);
