/* schema.h -- the shape of answers and frames, as rows; printed as JSON schema (2020-12)
 * for the references. The tables that check what clients send (body.h) describe that
 * part. */
#pragma once

#include <stdbool.h>

#include "shared/json.h"

enum schema_kind {
	SCHEMA_TEXT,
	SCHEMA_ID,
	SCHEMA_TIME,
	SCHEMA_INT,
	SCHEMA_REAL,
	SCHEMA_BOOL,
	SCHEMA_WORD,  /* one of words */
	SCHEMA_ANY,   /* an object without a fixed form */
	SCHEMA_VALUE, /* anything but null */
	SCHEMA_INTS,  /* an object of integers */
	SCHEMA_ONE,   /* the schema named by `of` */
	SCHEMA_LIST,  /* an array, of `of` if given */
	SCHEMA_TEXTS, /* an array of text */
	SCHEMA_PLACE, /* a seq, or "<epoch>.<seq>" */
};

struct schema_member {
	const char *name;
	enum schema_kind kind;
	bool nullable, sometimes; /* sometimes: not in every answer */
	const char *of;
	const char *const *words;
	const char *about; /* NULL: the name says it */
};

/* Ends with {}, as all tables here do. */
struct schema {
	const char *name, *about;
	const struct schema_member *members;
};

/* One of several schemas. */
struct schema_choice {
	const char *name, *about;
	const char *const *of; /* names, ends with NULL */
};

/* MEMBERS(M("id", ID), M("name", TEXT, NULLABLE)) */
#define M(n, k, ...)                                         \
	{                                                    \
		.name = (n), .kind = SCHEMA_##k, __VA_ARGS__ \
	}
#define NULLABLE .nullable = true
#define SOMETIMES .sometimes = true
#define MEMBERS(...)                   \
	(const struct schema_member[]) \
	{                              \
		__VA_ARGS__,           \
		{                      \
		}                      \
	}

/* Adds the rows to `to`, components/schemas of a reference; they refer to each other
 * there. */
void schema_put(struct arena *a, struct json *to, const struct schema *rows);
void schema_put_choices(struct arena *a, struct json *to,
			const struct schema_choice *rows);

/* An object with these members and no others. */
struct json *schema_object(struct arena *a, const char *about,
			   const struct schema_member *members);
struct json *schema_member_print(struct arena *a, const struct schema_member *m);
/* {"$ref": "#/components/schemas/<name>"} */
struct json *schema_ref(struct arena *a, const char *name);
