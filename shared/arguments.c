/* arguments.c -- see arguments.h. */
#include "shared/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/config.h"

enum { OPTIONS_MAX = 16, MEANING_AT = 20 };

static void
print_list(FILE *to, const struct argument *list)
{
	for (; list->name; list++) {
		int width = fprintf(to, "  --%s %s", list->name,
				    list->value ? list->value : "");

		fprintf(to, "%*s%s\n", width < MEANING_AT ? MEANING_AT - width : 1, "",
			list->meaning);
	}
}

/* Append the list to the options already there; returns the new count. The last one is
 * {}. */
static int
add_options(struct option *options, int count, const struct argument *list)
{
	for (; list->name && count < OPTIONS_MAX - 1; list++)
		options[count++] = (struct option){
			.name = list->name,
			.has_arg = list->value ? required_argument : no_argument,
		};
	return count;
}

static void
print_usage(FILE *to, const char *about, const struct argument *own,
	    const struct argument *all)
{
	fprintf(to, "%s: %s\n", program_invocation_short_name, about);
	print_list(to, own);
	print_list(to, all);
}

struct arguments
arguments_read(int argc, char **argv, const char *about, const struct argument *own)
{
	struct arguments asked = {};
	const char *check = NULL, *sample = NULL, *help = NULL;
	const struct argument all[] = {
		{ "config", "FILE",
		  "the settings; default: $FOYER_CONFIG, or foyer.yaml beside the\n"
		  "                    program, in the folder above it, or in /etc/foyer",
		  &asked.config },
		{ "check-config", NULL,
		  "check whether it would start with these settings", &check },
		{ "sample-config", NULL, "print every setting with its default",
		  &sample },
		{ "help", NULL, "print this", &help },
		{},
	};
	struct option options[OPTIONS_MAX] = {};
	int own_count = add_options(options, 0, own), found, at;

	(void)add_options(options, own_count, all);
	optind = 0; /* start over, whatever was parsed before */
	while ((found = getopt_long(argc, argv, "", options, &at)) == 0) {
		const struct argument *a =
			at < own_count ? &own[at] : &all[at - own_count];

		*a->given = a->value ? optarg : a->name;
	}
	if (found == -1 && optind < argc)
		fprintf(stderr, "%s: takes no '%s'\n", argv[0], argv[optind]);
	if (found != -1 || optind < argc) {
		print_usage(stderr, about, own, all);
		exit(2);
	}
	if (help)
		print_usage(stdout, about, own, all);
	else if (sample)
		config_print_sample();
	if (help || sample)
		exit(0);
	asked.only_check = check;
	return asked;
}
