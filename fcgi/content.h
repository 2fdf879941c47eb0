/* content.h -- the client's input, checked against the route's tables. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

/* Fills rq->query and rq->body, then runs the route's own check. The body is JSON; if the
 * route takes text, also text/plain and forms (see form.h); if it takes a file, also a
 * form with one, which is then in rq->upload. ERR_INVALID with every bad field noted. */
enum err content_read(struct req *rq);

/* Notes a bad field, unless it was refused already (under any of its names). */
void content_note(struct req *rq, const char *field, const char *code,
		  const char *message);
void content_note_all(struct req *rq, const struct problem *more);
bool content_is_noted(const struct req *rq, const char *field);

/* A field that may stand in the body or in the query: its value, NULL if it is in neither
 * (NULL or ""). Two different values are noted. */
const char *content_either(struct req *rq, const char *field, const char *body,
			   const char *query);
