/* schema_rows.h -- what answers look like: one row a thing, beside the code that prints
 * it (shared/model_json.c, the handlers). */
#pragma once

#include <stdbool.h>

enum member_kind {
	TEXT,
	ID,
	TIME,
	INT,
	REAL,
	BOOL,
	WORD,  /* one of words */
	ANY,   /* an object of no fixed form */
	INTS,  /* an object of integers */
	ONE,   /* what schema `of` says */
	LIST,  /* an array of `of`, if it says */
	TEXTS, /* an array of text */
};

struct member {
	const char *name;
	enum member_kind kind;
	bool nullable, sometimes; /* sometimes: not in every answer */
	const char *of;
	const char *const *words;
};

struct schema {
	const char *name, *about;
	const struct member *members; /* ends with {} */
};

/* One of several. */
struct schema_choice {
	const char *name, *about;
	const char *const *of; /* names, ends with NULL */
};

/* Both end with {}. */
extern const struct schema schema_rows[];
extern const struct schema_choice schema_choices[];
