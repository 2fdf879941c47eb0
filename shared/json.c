/* json.c -- see json.h. NULL is an absent member; null_value represents null. A member
 * costs one piece of the arena, no more: answers have thousands of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/json_tree.h"

static struct json null_value;

/* ---- making -------------------------------------------------------------- */

struct json *
json_new(struct arena *a, enum json_kind kind)
{
	struct json *v = ARENA_NEW(a, struct json);

	v->kind = kind;
	v->arena = a;
	return v;
}

struct json *
json_new_text(struct arena *a, const char *text, size_t len)
{
	struct json *v = json_new(a, JSON_TEXT);

	v->text = text;
	v->count = len;
	return v;
}

struct json *
json_object_in(struct arena *a)
{
	struct json *v = json_new(a, JSON_OBJECT);

	v->last = &v->first;
	return v;
}

struct json *
json_array_in(struct arena *a)
{
	return json_new(a, JSON_ARRAY);
}

static struct json *
text_in(struct arena *a, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	return value ? json_new_text(a, arena_memdup(a, value, len), len) : &null_value;
}

static void
append(struct json *object, struct json_member *m)
{
	*object->last = m;
	object->last = &m->next;
	object->count++;
}

/* A member, its value and the value's text, one after the other. */
struct whole_member {
	struct json_member member;
	struct json value;
	char text[];
};

/* The caller fills in the value; text is copied, and may be NULL. */
static struct json *
put_new(struct json *object, const char *key, enum json_kind kind, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	struct whole_member *w = arena_bytes(object->arena, sizeof(*w) + len + 1);

	w->member = (struct json_member){ .key = key, .value = &w->value };
	w->value = (struct json){ .kind = kind, .count = len };
	if (text)
		w->value.text = memcpy(w->text, text, len + 1);
	append(object, &w->member);
	return &w->value;
}

void
json_put(struct json *object, const char *key, struct json *child)
{
	struct json_member *m = arena_bytes(object->arena, sizeof(*m));

	*m = (struct json_member){ .key = key, .value = child ? child : &null_value };
	append(object, m);
}

void
json_put_text(struct json *object, const char *key, const char *value)
{
	if (value)
		put_new(object, key, JSON_TEXT, value);
	else
		json_put_null(object, key);
}

void
json_put_int(struct json *object, const char *key, int64_t value)
{
	put_new(object, key, JSON_INT, NULL)->whole = value;
}

/* 15 digits print most numbers as people wrote them; 17 are always exact. JSON has no
 * NaN. */
void
json_put_real(struct json *object, const char *key, double value)
{
	char digits[32];

	if (!isfinite(value)) {
		json_put_null(object, key);
		return;
	}
	snprintf(digits, sizeof(digits), "%.15g", value);
	if (strtod(digits, NULL) != value)
		snprintf(digits, sizeof(digits), "%.17g", value);
	put_new(object, key, JSON_REAL, digits)->real = value;
}

void
json_put_bool(struct json *object, const char *key, bool value)
{
	put_new(object, key, JSON_BOOL, NULL)->truth = value;
}

void
json_put_null(struct json *object, const char *key)
{
	json_put(object, key, NULL);
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
	if (value)
		put_new(object, key, JSON_NULL, value)->is_raw = true;
	else
		json_put_null(object, key);
}

/* The capacity doubles whenever the count reaches a power of two. */
void
json_push(struct json *array, struct json *child)
{
	size_t n = array->count;

	if ((n & (n - 1)) == 0) {
		struct json **more =
			ARENA_ARRAY(array->arena, struct json *, n ? 2 * n : 1);

		if (n)
			memcpy(more, array->items, n * sizeof(*more));
		array->items = more;
	}
	array->items[array->count++] = child ? child : &null_value;
}

void
json_push_text(struct json *array, const char *value)
{
	json_push(array, text_in(array->arena, value));
}

/* ---- reading ------------------------------------------------------------- */

enum json_kind
json_kind_of(const struct json *v)
{
	return v ? v->kind : JSON_NULL;
}

const char *
json_text_of(const struct json *v)
{
	return json_kind_of(v) == JSON_TEXT ? v->text : NULL;
}

int64_t
json_int_of(const struct json *v)
{
	return json_kind_of(v) == JSON_INT ? v->whole : 0;
}

double
json_real_of(const struct json *v)
{
	if (json_kind_of(v) == JSON_INT)
		return (double)v->whole;
	return json_kind_of(v) == JSON_REAL ? v->real : 0;
}

bool
json_bool_of(const struct json *v)
{
	return json_kind_of(v) == JSON_BOOL && v->truth;
}

size_t
json_count(const struct json *v)
{
	enum json_kind kind = json_kind_of(v);

	return kind == JSON_ARRAY || kind == JSON_OBJECT ? v->count : 0;
}

struct json *
json_at(const struct json *array, size_t i)
{
	if (json_kind_of(array) != JSON_ARRAY || i >= array->count)
		return NULL;
	return array->items[i];
}

static const struct json_member *
first_member(const struct json *v)
{
	return json_kind_of(v) == JSON_OBJECT ? v->first : NULL;
}

struct json *
json_get(const struct json *object, const char *key)
{
	for (const struct json_member *m = first_member(object); m; m = m->next)
		if (strcmp(m->key, key) == 0)
			return m->value;
	return NULL;
}

void
json_each(const struct json *object,
	  void (*fn)(const char *key, struct json *value, void *arg), void *arg)
{
	for (const struct json_member *m = first_member(object); m; m = m->next)
		fn(m->key, m->value, arg);
}
