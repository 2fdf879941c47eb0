/* cgi_known.h -- what a program was started with, and whether that still holds: for one
 * that stays (cgi_back.h). */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "shared/config.h"

enum { CGI_FILES = 3 };

struct cgi_known {
	char *const *environment; /* the source of the settings; kept */
	char program[4096];
	const char *files[CGI_FILES]; /* the program, the settings, the folder of keys */
	struct stat seen[CGI_FILES];
};

/* The current state, soon after it was read; out must not move. False: it is uncertain
 * whether it is still as it was read. */
bool cgi_know(const struct config *c, struct cgi_known *out);

/* Has a file changed, or a variable that settings depend on, ours or libpq's? */
bool cgi_is_outdated(const struct cgi_known *known, char *const *environment);
