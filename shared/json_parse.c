/* json_parse.c -- the door to json-c, which parses only what jsontext.c has found to be
 * strict. Its tree is copied into the arena and freed. */
#include <json-c/json.h>
#include <string.h>

#include "shared/die.h"
#include "shared/json_tree.h"
#include "shared/jsontext.h"

struct copying {
	struct arena *arena;
	size_t members; /* of all objects together */
};

static struct json *copy(struct copying *c, struct json_object *v);

static struct json *
copy_text(struct copying *c, struct json_object *v)
{
	const char *text = json_object_get_string(v);
	size_t len = (size_t)json_object_get_string_len(v);

	return json_new_text(c->arena, arena_memdup(c->arena, text, len), len);
}

/* Keeps the digits as they were written. */
static struct json *
copy_real(struct copying *c, struct json_object *v)
{
	struct json *made = json_new(c->arena, JSON_REAL);

	made->real = json_object_get_double(v);
	made->text = arena_strdup(c->arena, json_object_to_json_string(v));
	made->count = strlen(made->text);
	return made;
}

static struct json *
copy_array(struct copying *c, struct json_object *v)
{
	struct json *made = json_array_in(c->arena);

	for (size_t i = 0; i < json_object_array_length(v); i++)
		json_push(made, copy(c, json_object_array_get_idx(v, i)));
	return made;
}

static struct json *
copy_object(struct copying *c, struct json_object *v)
{
	struct json_object_iterator at = json_object_iter_begin(v);
	const struct json_object_iterator end = json_object_iter_end(v);
	struct json *made = json_object_in(c->arena);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		json_put(made, arena_strdup(c->arena, json_object_iter_peek_name(&at)),
			 copy(c, json_object_iter_peek_value(&at)));
	c->members += made->count;
	return made;
}

static struct json *
copy(struct copying *c, struct json_object *v)
{
	struct json *made;

	switch (json_object_get_type(v)) {
	case json_type_boolean:
		made = json_new(c->arena, JSON_BOOL);
		made->truth = json_object_get_boolean(v);
		return made;
	case json_type_int:
		made = json_new(c->arena, JSON_INT);
		made->whole = json_object_get_int64(v);
		return made;
	case json_type_double:
		return copy_real(c, v);
	case json_type_string:
		return copy_text(c, v);
	case json_type_array:
		return copy_array(c, v);
	case json_type_object:
		return copy_object(c, v);
	case json_type_null:
		break;
	}
	return NULL; /* written as null */
}

/* Note each text that holds U+0000 under the name of its place: "data.label",
 * "member_ids[2]". */
static void
note_nuls(struct arena *a, const struct json *v, const char *place, struct problem *p)
{
	const char *dot = *place ? "." : "";

	if (v->kind == JSON_TEXT && strlen(v->text) < v->count) {
		problem_field(p, place, "format", "Must not contain U+0000.");
	} else if (v->kind == JSON_ARRAY) {
		for (size_t i = 0; i < v->count; i++)
			note_nuls(a, v->items[i], arena_printf(a, "%s[%zu]", place, i),
				  p);
	} else if (v->kind == JSON_OBJECT) {
		for (const struct json_member *m = v->first; m; m = m->next)
			note_nuls(a, m->value,
				  arena_printf(a, "%s%s%s", place, dot, m->key), p);
	}
}

/* text has passed jsontext_check(). out_members: the members of all objects in it. */
static enum err
build(struct arena *a, const char *text, size_t len, int max_depth, struct json **out,
      size_t *out_members)
{
	struct json_tokener *t = json_tokener_new_ex(max_depth + 1);
	struct copying copying = { .arena = a };
	struct json_object *root;
	enum json_tokener_error e;

	if (!t)
		die("json: out of memory");
	/* Not JSON_TOKENER_STRICT: json-c 0.18 then refuses all that is not ASCII. */
	json_tokener_set_flags(t, JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(t, text, (int)len + 1); /* the NUL ends a number */
	e = json_tokener_get_error(t);
	json_tokener_free(t);
	if (e != json_tokener_success)
		return ERR_MALFORMED;
	*out = root ? copy(&copying, root) : json_new(a, JSON_NULL);
	*out_members = copying.members;
	json_object_put(root);
	return OK;
}

enum err
json_parse(struct arena *a, const char *text, size_t len, int max_depth,
	   struct problem *p, struct json **out)
{
	struct jsontext check;
	struct json *value;
	size_t members;
	char *joined;

	if (len > INT32_MAX / 2)
		return problem_fail(p, ERR_MALFORMED, NULL, "The JSON is too long.");
	joined = arena_memdup(a, text, len);
	if (jsontext_check(joined, len, max_depth, &check) != OK)
		return problem_fail(p, ERR_MALFORMED, NULL,
				    arena_printf(a, "Not JSON, at byte %zu: %s",
						 check.where, check.why));
	len = jsontext_join_pairs(joined, len);
	if (build(a, joined, len, max_depth, &value, &members) != OK)
		return problem_fail(p, ERR_MALFORMED, NULL, "Not JSON.");
	/* json-c keeps the last of several members with one name; another reader of the
	 * text may keep the first. */
	if (members != check.members)
		return problem_fail(p, ERR_MALFORMED, NULL,
				    "An object has two members with the same name.");
	*out = value;
	if (check.nuls == 0)
		return OK;
	if (p)
		note_nuls(a, value, "", p);
	return ERR_INVALID;
}
