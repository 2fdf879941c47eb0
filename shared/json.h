/* json.h -- JSON: values, reading and writing.
 *
 * Lifetime: a value belongs to the arena it was made in. What is put into it must
 *           live as long, keys too; texts are copied.
 * Errors:   only parsing can fail.
 * Numbers are int64 or double; text is UTF-8. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/problem.h"

struct json; /* one JSON value */

/* Writing. A NULL text or child is written as null. Each name may be put only once. */
struct json *json_object_in(struct arena *a);
struct json *json_array_in(struct arena *a);
void json_put(struct json *object, const char *key, struct json *child);
void json_put_text(struct json *object, const char *key, const char *value);
void json_put_int(struct json *object, const char *key, int64_t value);
void json_put_real(struct json *object, const char *key, double value);
void json_put_bool(struct json *object, const char *key, bool value);
void json_put_null(struct json *object, const char *key);
void json_put_time(struct json *object, const char *key, int64_t ms); /* 0: null */
/* Text that is already JSON (a jsonb column), written verbatim; NULL: null. */
void json_put_raw(struct json *object, const char *key, const char *value);
void json_push(struct json *array, struct json *child);
void json_push_text(struct json *array, const char *value);

/* The compact text, in the arena. out_len may be NULL. */
const char *json_print(struct arena *a, const struct json *value, size_t *out_len);
/* The same over several lines, for files that people read. */
const char *json_print_readable(struct arena *a, const struct json *value);

/* Reading. Strict (RFC 8259): UTF-8 is checked, nothing may follow the value, nesting is
 * at most max_depth, and no object has two members of one name; otherwise ERR_MALFORMED
 * with a sentence. A text that holds U+0000 is valid JSON, but we cannot store it:
 * ERR_INVALID names its place, and out is set all the same, so that the caller can read
 * the rest (a frame's ref). p may be NULL. */
enum err json_parse(struct arena *a, const char *text, size_t len, int max_depth,
		    struct problem *p, struct json **out);

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT
};

/* A member that is null is a value of kind JSON_NULL; an absent one is NULL. */
enum json_kind json_kind_of(const struct json *v); /* NULL is JSON_NULL */
const char *json_text_of(const struct json *v);	   /* NULL unless text */
int64_t json_int_of(const struct json *v);
double json_real_of(const struct json *v);
bool json_bool_of(const struct json *v);
size_t json_count(const struct json *v); /* array or object */
struct json *json_at(const struct json *array, size_t i);
struct json *json_get(const struct json *object, const char *key); /* NULL: absent */

/* Calls fn for each member of an object, in order. */
void json_each(const struct json *object,
	       void (*fn)(const char *key, struct json *value, void *arg), void *arg);
