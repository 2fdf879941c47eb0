/* schema_rows.h -- what answers look like: one row a thing, beside the handlers that
 * print it. What frames show too stands in shared/schema_model.h. */
#pragma once

#include "shared/schema.h"

extern const struct schema schema_rows[];
