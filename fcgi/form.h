/* form.h -- application/x-www-form-urlencoded: query strings and posted forms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/arena.h"
#include "shared/body.h"
#include "shared/err.h"

/* Splits at '&' and decodes. ERR_MALFORMED for a broken escape, a NUL, bad UTF-8 or more
 * than max pairs. A name without '=' has the value "". */
enum err form_parse(struct arena *a, const char *text, size_t len, size_t max,
		    struct body_pair *out, size_t *out_count);

/* For posting a message: a form body that begins with a field of the table ("text=…") is
 * a form; any other is the text itself, verbatim, so that `curl -d 'load=93% & rising'`
 * does the obvious thing. */
bool form_is_meant(struct arena *a, const struct body *table, const char *text,
		   size_t len);
