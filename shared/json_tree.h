/* json_tree.h -- how a value of json.h is kept. For json*.c alone.
 *
 * Owns:     nothing: all of a value lies in its arena, and nobody frees any of it.
 * Lifetime: its arena's. */
#pragma once

#include "shared/json.h"

struct json_member {
	struct json_member *next;
	const char *key;
	struct json *value;
};

struct json {
	enum json_kind kind;
	bool is_raw;	     /* JSON_NULL with text: JSON already, written as it is */
	struct arena *arena; /* of an array or an object: where it grows */
	size_t count;	     /* of an array or an object; bytes of text */
	union {
		bool truth;
		int64_t whole;
		double real;
		struct json **items;	   /* an array: room for a power of two */
		struct json_member **last; /* an object: where the next one goes */
	};
	union {
		const char *text;	   /* a text; a real's digits; what is raw */
		struct json_member *first; /* an object */
	};
};

/* A value without members. */
struct json *json_new(struct arena *a, enum json_kind kind);
/* text is kept, not copied. */
struct json *json_new_text(struct arena *a, const char *text, size_t len);
