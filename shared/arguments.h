/* arguments.h -- what may stand on a program's command line: what is mistyped must not be
 * taken for nothing, nor --help for a wish to be started. */
#pragma once

struct argument {
	const char *name;
	const char *value; /* what follows it is called; NULL: nothing does */
	const char *meaning;
};

/* argv has nothing but those of config_load(), --help, and `more` (its last one is {}).
 * Else, and after --help, the process ends, with 2 and 0, and has said how it is called;
 * about: what it is, and who starts it. */
void arguments_check(int argc, char **argv, const char *about,
		     const struct argument *more);
