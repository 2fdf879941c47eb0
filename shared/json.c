/* In json-c a null is a NULL pointer; for our callers a NULL is an absent member and
 * the_null stands for a null. A root belongs to its arena; a child that was put
 * somewhere has a second reference, its parent's, so both may end in any order. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/die.h"
#include "shared/json.h"
#include "shared/jsontext.h"

struct json {
	char unused;
};

static struct json the_null;

static struct json_object *
inner(const struct json *v)
{
	return v == &the_null ? NULL : (struct json_object *)v;
}

static struct json *
outer(struct json_object *o)
{
	return o ? (struct json *)o : &the_null;
}

static void *
made(void *object)
{
	if (!object)
		die("json: out of memory");
	return object;
}

static void
release(void *object)
{
	json_object_put(object);
}

static struct json *
own(struct arena *a, struct json_object *object)
{
	arena_defer(a, release, made(object));
	return outer(object);
}

struct json *
json_object_in(struct arena *a)
{
	return own(a, json_object_new_object());
}

struct json *
json_array_in(struct arena *a)
{
	return own(a, json_object_new_array());
}

/* These two take one reference of child over. */
static void
add(struct json *object, const char *key, struct json_object *child)
{
	if (json_object_object_add(inner(object), key, child) != 0)
		die("json: out of memory");
}

static void
push(struct json *array, struct json_object *child)
{
	if (json_object_array_add(inner(array), child) != 0)
		die("json: out of memory");
}

void
json_put(struct json *object, const char *key, struct json *child)
{
	add(object, key, json_object_get(inner(child)));
}

void
json_put_text(struct json *object, const char *key, const char *value)
{
	add(object, key, value ? made(json_object_new_string(value)) : NULL);
}

void
json_put_int(struct json *object, const char *key, int64_t value)
{
	add(object, key, made(json_object_new_int64(value)));
}

/* 15 digits say most numbers as people wrote them, 17 say all. JSON has no NaN. */
void
json_put_real(struct json *object, const char *key, double value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.15g", value);
	if (strtod(digits, NULL) != value)
		snprintf(digits, sizeof(digits), "%.17g", value);
	add(object, key,
	    isfinite(value) ? made(json_object_new_double_s(value, digits)) : NULL);
}

void
json_put_bool(struct json *object, const char *key, bool value)
{
	add(object, key, made(json_object_new_boolean(value)));
}

void
json_put_null(struct json *object, const char *key)
{
	add(object, key, NULL);
}

void
json_put_time(struct json *object, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	json_put_text(object, key, ms ? clock_format(ms, text) : NULL);
}

void
json_put_raw(struct json *object, const char *key, const char *value)
{
	struct json_object *raw;

	if (!value) {
		json_put_null(object, key);
		return;
	}
	raw = made(json_object_new_boolean(false));
	json_object_set_serializer(raw, json_object_userdata_to_json_string,
				   xstrdup(value), json_object_free_userdata);
	add(object, key, raw);
}

void
json_push(struct json *array, struct json *child)
{
	push(array, json_object_get(inner(child)));
}

void
json_push_text(struct json *array, const char *value)
{
	push(array, value ? made(json_object_new_string(value)) : NULL);
}

const char *
json_print(struct arena *a, struct json *value, size_t *out_len)
{
	size_t len;
	const char *text = made((char *)json_object_to_json_string_length(
		inner(value), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		&len));

	if (out_len)
		*out_len = len;
	return arena_memdup(a, text, len);
}

const char *
json_print_readable(struct arena *a, struct json *value)
{
	return arena_strdup(a, made((char *)json_object_to_json_string_ext(
				       inner(value),
				       JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE)));
}

/* The members of all objects in v. */
static size_t
count_members(struct json_object *v)
{
	size_t count = 0;

	if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++)
			count += count_members(json_object_array_get_idx(v, i));
	} else if (json_object_is_type(v, json_type_object)) {
		struct json_object_iterator at = json_object_iter_begin(v);
		const struct json_object_iterator end = json_object_iter_end(v);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			count += 1 + count_members(json_object_iter_peek_value(&at));
	}
	return count;
}

/* Note each text that holds U+0000 under the name of its place: "data.label",
 * "member_ids[2]". */
static void
note_nuls(struct arena *a, struct json_object *v, const char *place, struct problem *p)
{
	const char *dot = *place ? "." : "";

	if (json_object_is_type(v, json_type_string) &&
	    strlen(json_object_get_string(v)) < (size_t)json_object_get_string_len(v)) {
		problem_field(p, place, "format", "must not contain U+0000");
	} else if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++)
			note_nuls(a, json_object_array_get_idx(v, i),
				  arena_printf(a, "%s[%zu]", place, i), p);
	} else if (json_object_is_type(v, json_type_object)) {
		struct json_object_iterator at = json_object_iter_begin(v);
		const struct json_object_iterator end = json_object_iter_end(v);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			note_nuls(a, json_object_iter_peek_value(&at),
				  arena_printf(a, "%s%s%s", place, dot,
					       json_object_iter_peek_name(&at)),
				  p);
	}
}

/* Of a text that jsontext_check() has passed. */
static enum err
build(struct arena *a, const char *text, size_t len, int max_depth, struct json **out)
{
	struct json_tokener *t = made(json_tokener_new_ex(max_depth + 1));
	struct json_object *root;
	enum json_tokener_error e;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(t, text, (int)len + 1); /* the NUL ends a number */
	e = json_tokener_get_error(t);
	json_tokener_free(t);
	if (e != json_tokener_success)
		return ERR_MALFORMED;
	*out = root ? own(a, root) : &the_null;
	return OK;
}

enum err
json_parse(struct arena *a, const char *text, size_t len, int max_depth,
	   struct problem *p, struct json **out)
{
	struct jsontext check;
	struct json *value;
	char *copy;

	if (len > INT32_MAX / 2)
		return problem_fail(p, ERR_MALFORMED, NULL, "The JSON is too long.");
	copy = arena_memdup(a, text, len);
	if (jsontext_check(copy, len, max_depth, &check) != OK)
		return problem_fail(p, ERR_MALFORMED, NULL,
				    arena_printf(a, "Not JSON, at byte %zu: %s",
						 check.where, check.why));
	len = jsontext_join_pairs(copy, len);
	if (build(a, copy, len, max_depth, &value) != OK)
		return problem_fail(p, ERR_MALFORMED, NULL, "Not JSON.");
	/* json-c keeps the last of members with one name; who else reads the text
	 * may keep the first. */
	if (count_members(inner(value)) != check.members)
		return problem_fail(p, ERR_MALFORMED, NULL,
				    "An object has two members of one name.");
	*out = value;
	if (check.nuls == 0)
		return OK;
	if (p)
		note_nuls(a, inner(value), "", p);
	return ERR_INVALID;
}

enum json_kind
json_kind_of(const struct json *v)
{
	switch (json_object_get_type(inner(v))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
		return JSON_INT;
	case json_type_double:
		return JSON_REAL;
	case json_type_string:
		return JSON_TEXT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_NULL;
}

const char *
json_text_of(const struct json *v)
{
	return json_kind_of(v) == JSON_TEXT ? json_object_get_string(inner(v)) : NULL;
}

int64_t
json_int_of(const struct json *v)
{
	return json_kind_of(v) == JSON_INT ? json_object_get_int64(inner(v)) : 0;
}

double
json_real_of(const struct json *v)
{
	enum json_kind kind = json_kind_of(v);

	return kind == JSON_REAL || kind == JSON_INT ? json_object_get_double(inner(v))
						     : 0;
}

bool
json_bool_of(const struct json *v)
{
	return json_kind_of(v) == JSON_BOOL && json_object_get_boolean(inner(v));
}

size_t
json_count(const struct json *v)
{
	switch (json_kind_of(v)) {
	case JSON_ARRAY:
		return json_object_array_length(inner(v));
	case JSON_OBJECT:
		return (size_t)json_object_object_length(inner(v));
	default:
		return 0;
	}
}

struct json *
json_at(const struct json *array, size_t i)
{
	if (json_kind_of(array) != JSON_ARRAY || i >= json_count(array))
		return NULL;
	return outer(json_object_array_get_idx(inner(array), i));
}

struct json *
json_get(const struct json *object, const char *key)
{
	struct json_object *child;

	if (json_kind_of(object) != JSON_OBJECT ||
	    !json_object_object_get_ex(inner(object), key, &child))
		return NULL;
	return outer(child);
}

void
json_each(const struct json *object,
	  void (*fn)(const char *key, struct json *value, void *arg), void *arg)
{
	struct json_object_iterator at, end;

	if (json_kind_of(object) != JSON_OBJECT)
		return;
	at = json_object_iter_begin(inner(object));
	end = json_object_iter_end(inner(object));
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		fn(json_object_iter_peek_name(&at),
		   outer(json_object_iter_peek_value(&at)), arg);
}
