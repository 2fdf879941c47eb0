/* schema_rows.h -- the shape of answers: one row a thing, beside the handlers that print
 * it. For things that frames show too see shared/schema_model.h. */
#pragma once

#include "shared/schema.h"

extern const struct schema schema_rows[];
