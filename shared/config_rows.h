/* config_rows.h -- the table of settings. Between config.c and config_rows.c, and for
 * tests; everything else reads struct config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/err.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_WORD, /* one of words */
	SETTING_INT,  /* min..max */
	SETTING_LIST, /* texts */
};

/* A rule for a text, or for each item of a list: a test, and the rule in words. */
struct setting_rule {
	bool (*is_kept)(const char *text);
	const char *words; /* follow "must be" */
};

struct setting {
	const char *name;
	const char *group; /* a heading in the sample, before this row */
	enum setting_kind kind;
	const char *initial; /* the default, as text; items between commas */
	int64_t min, max;
	const char *words; /* "open,invite,closed" */
	const struct setting_rule *rule;
	bool reloads; /* may change while a program runs */
	const char *about;
	size_t offset;
};

extern const struct setting settings[];
extern const size_t setting_count;

const struct setting *setting_find(const char *name); /* NULL: none */

/* Check a value and store it in c, its strings in a. On ERR_INVALID, out_why says what
 * the value must be. In a list given as one text, commas separate the items. */
enum err setting_set(const struct setting *s, struct arena *a, const char *text,
		     struct config *c, const char **out_why);
enum err setting_set_list(const struct setting *s, struct arena *a,
			  const char *const *items, size_t count, struct config *c,
			  const char **out_why);

/* Copy one setting. */
void setting_copy(const struct setting *s, const struct config *from, struct config *to);
bool setting_equal(const struct setting *s, const struct config *a,
		   const struct config *b);

/* The commented sample file. */
const char *config_sample(struct arena *a);
