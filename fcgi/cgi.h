/* cgi.h -- plain CGI (RFC 3875): one request by environment, standard input and output.
 */
#pragma once

#include "fcgi/answer.h"

/* A web server also turns a query without "=" into arguments (RFC 3875, section 4.4), so
 * a client could name a file of settings, for example its own upload. Only `--config
 * FILE` from the host counts, and only as the first argument. Returns how many arguments
 * count. */
int cgi_arguments(int argc, char **argv);

/* Answers the request that started us. Afterwards there may be a child that sweeps or
 * stays (cgi_back.h). Returns the exit status. */
int cgi_serve(const struct program *program, struct app *app);

/* Answers the request in `environ`. Returns 0 if the whole answer was written. Resets the
 * arenas. */
int cgi_answer(const struct program *program, struct app *app,
	       const struct arenas *arenas);

/* Closes 0, 1 and 2: the web server waits for their end. */
void cgi_let_go(void);

/* The answer of a program that cannot start; the reason is in the log. */
void cgi_answer_unstarted(void);
