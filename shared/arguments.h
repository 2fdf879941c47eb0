/* arguments.h -- a program's command line, by getopt_long(3). A mistyped option must not
 * be ignored, and --help must not start the program. */
#pragma once

#include <stdbool.h>

struct argument {
	const char *name;  /* without the dashes */
	const char *value; /* name of its value; NULL: it takes none */
	const char *meaning;
	const char **given; /* set to the value, or to the name if it takes none */
};

/* The arguments that every program takes. */
struct arguments {
	const char *config; /* the file of settings; NULL: not given */
	bool only_check;    /* only check whether it would start */
};

/* argv may contain only what every program takes and `own` (a few; the last one is {};
 * *given stays unchanged for an argument that is absent). On anything else the process
 * exits with 2; after an option that only prints something, with 0. about: what the
 * program is, for its help. */
struct arguments arguments_read(int argc, char **argv, const char *about,
				const struct argument *own);
