/* content.h -- what the client sent, checked against the route's tables. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

/* Fill rq->query and rq->body: the body is JSON; where the route takes text, also
 * text/plain and forms (see form.h); where it takes a file, also a form with one, which
 * is rq->upload then. Then the route's own check. ERR_INVALID with
 * every bad field noted. */
enum err content_read(struct req *rq);

/* Note a bad field, unless it was refused already (under any of its names). */
void content_note(struct req *rq, const char *field, const char *code,
		  const char *message);
void content_note_all(struct req *rq, const struct problem *more);
bool content_is_noted(const struct req *rq, const char *field);
