/* schemas.h -- what answers look like, in JSON schema (2020-12): one table a
 * thing, beside the code that prints it (shared/model_json.c, the handlers). */
#pragma once

#include "shared/json.h"

/* components/schemas of the reference. */
struct json *schemas_print(struct arena *a);
