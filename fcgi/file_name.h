/* file_name.h -- an uploaded file's name, made safe to show and to send back. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"

enum { FILE_NAME_MAX_CHARS = 255, FILE_NAME_MAX_BYTES = 512 };

/* Removes folders, control characters and characters that change the direction of text (a
 * name must not look like another one); bad UTF-8 becomes U+FFFD. Cuts it to its limits,
 * before the extension. "file" if nothing is left. */
const char *file_name_clean(struct arena *a, const char *raw);

/* Content-Disposition (RFC 6266): inline or attachment, with the name in ASCII for
 * clients that know no other form, and as filename*. */
const char *file_name_disposition(struct arena *a, const char *name, bool is_inline);
