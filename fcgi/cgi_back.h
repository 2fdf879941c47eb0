/* cgi_back.h -- the back end of persistent CGI: a program that has answered by CGI and
 * stays, to answer what foyer-cgi hands over (cgi_handover.h says how).
 *
 * It does each request as a process of its own would, by the same settings, but that it
 * is there already: what `environ` says of settings must be what it was started with, and
 * neither the program, nor the file of settings, nor the folder of keys may have changed
 * since; else it ends, and the next one stays in its place.
 *
 * It ends when nobody has asked it for CGI_BACK_IDLE_MS, so that a host that nobody uses
 * has no process of ours; sooner if it is not the first of its program, but one for a
 * crowd, since each holds a connection to the database; and after CGI_BACK_REQUESTS, so
 * that no limit on a process's time, as web hosts set them, ends it in the midst of one.
 * Between requests it sweeps (sweep.h).
 *
 * Owns: the lock and the socket of its number, for as long as it lives. */
#pragma once

#include "fcgi/serve.h"

enum { CGI_BACK_IDLE_MS = 20000, CGI_BACK_CROWD_IDLE_MS = 2000, CGI_BACK_REQUESTS = 500 };

struct cgi_back;

/* Where the front end's word was that we may stay; NULL: there was none, or we cannot.
 * program and app are kept. */
struct cgi_back *cgi_back_open(const struct program *program, struct app *app);

/* Answers until it ends. What it was made for is over: 0, 1 and 2 are of no more use. */
void cgi_back_run(struct cgi_back *back);
