/* content.h -- what the client sent, checked against the route's tables. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

/* Fill rq->query and rq->body: the body is JSON; where the route takes text, also
 * text/plain and forms (see form.h). Then the route's own check. ERR_INVALID with
 * every bad field noted. */
enum err content_read(struct req *rq);

/* Was this field refused already? names: its own and its other names, separated
 * by commas. For checks that must not complain twice. */
bool content_is_noted(const struct req *rq, const char *names);

/* Note that a field is missing, unless it was refused. */
void content_require(struct req *rq, const char *names, const char *message);
