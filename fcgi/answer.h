/* answer.h -- one request, from what the web server said to what it is told: what FastCGI
 * and plain CGI share. */
#pragma once

#include "fcgi/reply.h"
#include "fcgi/serve.h"

/* A request's memory, and its answer's, which outlives it. */
struct arenas {
	struct arena *request, *answer;
};

/* The answer to the request of src, head and all; *out_file: what follows it, or NULL.
 * Whatever else the request held ends before it is given: who has the answer finds
 * nothing half done, and may kill us. Both are there until the arenas are reset. */
const char *answer(const struct program *program, struct app *app,
		   const struct arenas *arenas, const struct source *src, size_t *out_len,
		   const struct reply_file **out_file);

/* Sends a file (NULL: none) in pieces; put() says 0 as long as somebody listens. Returns
 * 0 when all of it was sent. */
int answer_file(const struct reply_file *f,
		int (*put)(void *arg, const char *text, size_t len), void *arg);
