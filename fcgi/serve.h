/* serve.h -- a REST program's main: the door to fcgi2.
 *
 * Serves FastCGI if the web server started us with a listening socket as standard input,
 * otherwise one request of plain CGI; the rest of the program cannot tell. SIGTERM
 * finishes the request in hand and exits 0; SIGHUP rereads the settings and reopens the
 * log.
 *
 * One process answers one request at a time (threads in fcgi2 do not all wake at
 * shutdown). The web server starts as many as it wants, or one that forks them
 * (--workers); those share what memory they can. */
#pragma once

#include "fcgi/route.h"
#include "fcgi/sweep.h"
#include "shared/config.h"
#include "shared/db.h"

struct program {
	const char *name;
	const struct route *const *tables;		/* NULL-terminated */
	const struct stmt *const *const *statements;	/* NULL-terminated */
	const char *(*database)(const struct config *); /* NULL: config.database */
	const struct sweep *sweeps;			/* ends with {}; NULL: none */
	/* What an operator may run by hand, as an argument (arguments.h); name NULL:
	 * nothing. run gets the argument's value and returns the exit status. */
	struct tool {
		const char *name, *value, *meaning;
		int (*run)(struct app *app, const char *value);
	} tool;
};

/* argv: what every program takes (arguments.h), --openapi, --workers N, and the tool's.
 * Returns the exit status. */
int serve(int argc, char **argv, const struct program *program);
