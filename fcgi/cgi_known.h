/* cgi_known.h -- what a program was started with, and whether it is so still: for the one
 * that stays (cgi_back.h). */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "shared/config.h"

enum { CGI_FILES = 3 };

struct cgi_known {
	char *const *environment; /* what settings were taken from; kept */
	char program[4096];
	const char *files[CGI_FILES]; /* the program, the settings, the folder of keys */
	struct stat seen[CGI_FILES];
};

/* As it is now, which is soon after it was read; out must stay where it is. False: that
 * it is still as it was read cannot be told. */
bool cgi_know(const struct config *c, struct cgi_known *out);

/* Has a file changed, or one of the variables that settings depend on: those of ours, and
 * of libpq? */
bool cgi_is_outdated(const struct cgi_known *known, char *const *environment);
