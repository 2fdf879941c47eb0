/* file_type.h -- the type of a file, from its content: the door to libmagic. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"

/* "image/png"; "application/octet-stream" if unknown. Reads from the beginning of the
 * file. */
const char *file_type_of(struct arena *a, int fd);

/* May a browser show it from our origin? The contract's list. */
bool file_type_is_inline(const char *mime);
bool file_type_is_image(const char *mime);
/* Can foyer-image find out anything about it? */
bool file_type_is_looked_at(const char *mime);
