/* answer.h -- one request, from what the web server passes in to the answer it gets: the
 * part that FastCGI and plain CGI share. */
#pragma once

#include "fcgi/reply.h"
#include "fcgi/serve.h"

/* The memory of a request, and of its answer, which lives longer. */
struct arenas {
	struct arena *request, *answer;
};

/* Answers the request of src, with the head of the response; *out_file: the file that
 * follows, or NULL. Everything else that the request holds is released before this
 * returns: the web server may kill us once it has the answer, and nothing may then be
 * half done. The results live until the arenas are reset. */
const char *answer(const struct program *program, struct app *app,
		   const struct arenas *arenas, const struct source *src, size_t *out_len,
		   const struct reply_file **out_file);

/* Sends a file (NULL: none) in pieces; put() returns 0 as long as somebody reads. Returns
 * 0 if all of it was sent. */
int answer_file(const struct reply_file *f,
		int (*put)(void *arg, const char *text, size_t len), void *arg);
