/* config_sample.c -- foyer.yaml, printed from the table. */
#include <string.h>

#include "shared/config_rows.h"
#include "shared/text.h"

static void
add_quoted(struct strbuf *out, const char *text, size_t len)
{
	strbuf_puts(out, "\"");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			strbuf_puts(out, "\\");
		strbuf_add(out, &text[i], 1);
	}
	strbuf_puts(out, "\"");
}

static void
add_value(struct strbuf *out, const struct setting *s)
{
	const char *at = s->initial;

	if (s->kind == SETTING_INT || s->kind == SETTING_WORD) {
		strbuf_puts(out, at);
	} else if (s->kind == SETTING_TEXT) {
		add_quoted(out, at, strlen(at));
	} else {
		for (strbuf_puts(out, "["); *at; at += *at == ',') {
			size_t len = strcspn(at, ",");

			if (at != s->initial)
				strbuf_puts(out, ", ");
			add_quoted(out, at, len);
			at += len;
		}
		strbuf_puts(out, "]");
	}
}

static void
add_setting(struct strbuf *out, const struct setting *s)
{
	if (s->group)
		strbuf_printf(out, "\n\n# ---- %s ----\n", s->group);
	strbuf_printf(out, "\n# %s", s->about);
	if (s->kind == SETTING_WORD)
		strbuf_printf(out, ": %s", s->words);
	if (s->kind == SETTING_INT)
		strbuf_printf(out, " (%lld to %lld)", (long long)s->min,
			      (long long)s->max);
	strbuf_printf(out, "%s\n%s: ", s->reloads ? " *" : "", s->name);
	add_value(out, s);
	strbuf_puts(out, "\n");
}

const char *
config_sample(struct arena *a)
{
	struct strbuf out = { .arena = a };

	strbuf_puts(&out,
		    "# foyer.yaml -- every setting with its default. Printed from the\n"
		    "# table in shared/config_rows.c by `make foyer.yaml`.\n"
		    "#\n"
		    "# A setting that is left out has its default. The environment\n"
		    "# variable FOYER_<NAME IN CAPITALS> overrides the file (commas\n"
		    "# separate the items of a list). SIGHUP reloads the settings\n"
		    "# marked *.\n");
	for (size_t i = 0; i < setting_count; i++)
		add_setting(&out, &settings[i]);
	return out.data;
}
