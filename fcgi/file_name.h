/* file_name.h -- what an uploader calls a file, as it may be shown and sent back. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"

enum { FILE_NAME_MAX_CHARS = 255, FILE_NAME_MAX_BYTES = 512 };

/* Without folders, control characters and those that turn the direction of text (a name
 * must not look like another one); bad UTF-8 becomes U+FFFD. Cut to its limits, before
 * the ending. "file" if nothing is left. */
const char *file_name_clean(struct arena *a, const char *raw);

/* Content-Disposition (RFC 6266): inline or attachment, with the name in ASCII for those
 * who know no other, and as filename*. */
const char *file_name_disposition(struct arena *a, const char *name, bool is_inline);
