/* arguments.c -- see arguments.h. */
#include "shared/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/text.h"

static const struct argument everywhere[] = {
	{ "--config", "FILE",
	  "the settings; without: $FOYER_CONFIG, or foyer.yaml beside the program,\n"
	  "                    in the folder above it, or in /etc/foyer" },
	{ "--check-config", NULL, "say whether they are right, and end" },
	{ "--sample-config", NULL, "print every setting with its default, and end" },
	{ "--help", NULL, "print this, and end" },
	{},
};

static const struct argument *
find(const struct argument *list, const char *given)
{
	for (; list->name; list++)
		if (strcmp(list->name, given) == 0)
			return list;
	return NULL;
}

static void
print_list(FILE *to, const struct argument *list)
{
	for (; list->name; list++) {
		int width = fprintf(to, "  %s%s%s", list->name, list->value ? " " : "",
				    list->value ? list->value : "");

		fprintf(to, "%*s%s\n", width < 20 ? 20 - width : 1, "", list->meaning);
	}
}

_Noreturn static void
usage(FILE *to, const char *program, const char *about, const struct argument *more)
{
	const char *slash = strrchr(program, '/');

	fprintf(to, "%s: %s\n", slash ? slash + 1 : program, about);
	print_list(to, more);
	print_list(to, everywhere);
	exit(to == stdout ? 0 : 2);
}

void
arguments_check(int argc, char **argv, const char *about, const struct argument *more)
{
	for (int i = 1; i < argc; i++) {
		const struct argument *known = find(more, argv[i]);

		if (strcmp(argv[i], "--help") == 0)
			usage(stdout, argv[0], about, more);
		if (text_starts(argv[i], "--config="))
			continue;
		if (!known)
			known = find(everywhere, argv[i]);
		if (known && known->value && ++i == argc)
			fprintf(stderr, "%s wants a %s\n", known->name, known->value);
		else if (!known)
			fprintf(stderr, "unknown argument: %s\n", argv[i]);
		else
			continue;
		usage(stderr, argv[0], about, more);
	}
}
