/* json_tree.h -- how json.h stores a value. For json*.c alone.
 *
 * Owns:     nothing: a value lies entirely in its arena, and is never freed by hand.
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
	bool is_raw;	     /* JSON_NULL with text: already JSON, written verbatim */
	struct arena *arena; /* of an array or an object: where it grows */
	size_t count;	     /* items or members; bytes of text */
	union {
		bool truth;
		int64_t whole;
		double real;
		struct json **items;	   /* an array: capacity is a power of two */
		struct json_member **last; /* an object: where the next member goes */
	};
	union {
		const char *text;	   /* a text; a real's digits; raw JSON */
		struct json_member *first; /* an object */
	};
};

/* A value without members. */
struct json *json_new(struct arena *a, enum json_kind kind);
/* text is kept, not copied. */
struct json *json_new_text(struct arena *a, const char *text, size_t len);
