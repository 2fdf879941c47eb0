/* cgi_back.h -- the back end of persistent CGI: a program that has answered by CGI and
 * stays, to answer what foyer-cgi hands over (for the protocol see cgi_handover.h).
 *
 * It handles each request as a new process would, with the same settings. So the
 * variables in `environ` that concern settings must be what it was started with, and
 * neither the program, nor the file of settings, nor the folder of keys may have changed
 * since; otherwise it ends, and the next process stays in its place.
 *
 * It ends when there was no request for CGI_BACK_IDLE_MS, so that an unused host runs no
 * process of ours. It ends sooner if it is not the first of its program but an extra one
 * for a crowd, since each holds a connection to the database. It ends after
 * CGI_BACK_REQUESTS, so that a web host's limit on a process's time does not end it in
 * the middle of a request. Between requests it sweeps (sweep.h).
 *
 * Owns: the lock and the socket of its number, for as long as it lives. */
#pragma once

#include "fcgi/serve.h"

enum { CGI_BACK_IDLE_MS = 20000, CGI_BACK_CROWD_IDLE_MS = 2000, CGI_BACK_REQUESTS = 500 };

struct cgi_back;

/* The back end, if the front end has told us that we may stay; NULL if it has not, or if
 * we cannot. program and app must outlive it. */
struct cgi_back *cgi_back_open(const struct program *program, struct app *app);

/* Answers until it ends. The request that started it is done: 0, 1 and 2 are no longer
 * needed. */
void cgi_back_run(struct cgi_back *back);
