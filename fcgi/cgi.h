/* cgi.h -- plain CGI (RFC 3875): one request by environment, standard input and output.
 */
#pragma once

#include "fcgi/answer.h"

/* A web server makes arguments of a query without "=", too (RFC 3875, section 4.4), so
 * anybody could name a file of settings, their own upload, say. What the host says is
 * `--config FILE`, first of all, and nothing else. Returns how many count. */
int cgi_arguments(int argc, char **argv);

/* The request that started us. Afterwards there may be a child of us, that sweeps or
 * stays (cgi_back.h). Returns the exit status. */
int cgi_serve(const struct program *program, struct app *app);

/* The request of `environ`, answered and done. Returns 0 when all of the answer was
 * written. The arenas are reset. */
int cgi_answer(const struct program *program, struct app *app,
	       const struct arenas *arenas);

/* Hold 0, 1 and 2 no more: the web server waits for their end. */
void cgi_let_go(void);

/* What cannot even start says so, instead of nothing; why, it has told the log. */
void cgi_answer_unstarted(void);
