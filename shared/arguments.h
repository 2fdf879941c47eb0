/* arguments.h -- a program's command line, by getopt_long(3): what is mistyped must not
 * be taken for nothing, nor --help for a wish to be started. */
#pragma once

#include <stdbool.h>

struct argument {
	const char *name;  /* without its dashes */
	const char *value; /* what follows it is called; NULL: nothing does */
	const char *meaning;
	const char **given; /* becomes what followed, or the name where nothing does */
};

/* What every program may be asked. */
struct arguments {
	const char *config; /* the file of settings; NULL: none was named */
	bool only_check;    /* would it start? */
};

/* argv has nothing but what every program knows and `own` (a few; the last one is {};
 * *given of what is not there stays as it is). Else, and after what only prints
 * something, the process ends, with 2 or with 0; about: what the program is, for its
 * help. */
struct arguments arguments_read(int argc, char **argv, const char *about,
				const struct argument *own);
