/* file_type.h -- what a file is, by looking at it: the door to libmagic. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"

/* "image/png"; "application/octet-stream" where nobody knows. Reads from its beginning.
 */
const char *file_type_of(struct arena *a, int fd);

/* May a browser show it from our origin? The contract's list. */
bool file_type_is_inline(const char *mime);
bool file_type_is_image(const char *mime);
/* Does foyer-image know something about it? */
bool file_type_is_looked_at(const char *mime);
