/* schema.c -- see schema.h. */
#include "shared/schema.h"

static const char *
type_of(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_INT:
		return "integer";
	case SCHEMA_REAL:
		return "number";
	case SCHEMA_BOOL:
		return "boolean";
	case SCHEMA_ANY:
	case SCHEMA_INTS:
		return "object";
	case SCHEMA_LIST:
	case SCHEMA_TEXTS:
		return "array";
	default:
		return "string";
	}
}

struct json *
schema_ref(struct arena *a, const char *name)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "$ref", arena_printf(a, "#/components/schemas/%s", name));
	return o;
}

static struct json *
of_type(struct arena *a, const char *type)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "type", type);
	return o;
}

static void
put_type(struct arena *a, struct json *o, const struct schema_member *m)
{
	struct json *types;

	if (m->kind == SCHEMA_VALUE)
		return;
	if (!m->nullable && m->kind != SCHEMA_PLACE) {
		json_put_text(o, "type", type_of(m->kind));
		return;
	}
	types = json_array_in(a);
	json_push_text(types, type_of(m->kind));
	if (m->kind == SCHEMA_PLACE)
		json_push_text(types, "integer");
	if (m->nullable)
		json_push_text(types, "null");
	json_put(o, "type", types);
}

static void
put_words(struct arena *a, struct json *o, const struct schema_member *m)
{
	struct json *words = json_array_in(a);

	for (int i = 0; m->words[i]; i++)
		json_push_text(words, m->words[i]);
	if (m->nullable)
		json_push(words, NULL);
	json_put(o, "enum", words);
}

static struct json *
one_of(struct arena *a, const struct schema_member *m)
{
	struct json *o, *either;

	if (!m->nullable)
		return schema_ref(a, m->of);
	o = json_object_in(a);
	either = json_array_in(a);
	json_push(either, schema_ref(a, m->of));
	json_push(either, of_type(a, "null"));
	json_put(o, "anyOf", either);
	return o;
}

struct json *
schema_member_print(struct arena *a, const struct schema_member *m)
{
	struct json *o;

	if (m->kind == SCHEMA_ONE)
		return one_of(a, m);
	o = json_object_in(a);
	put_type(a, o, m);
	if (m->kind == SCHEMA_ID)
		json_put_text(o, "format", "uuid");
	if (m->kind == SCHEMA_TIME)
		json_put_text(o, "format", "date-time");
	if (m->kind == SCHEMA_WORD)
		put_words(a, o, m);
	if (m->kind == SCHEMA_LIST && m->of)
		json_put(o, "items", schema_ref(a, m->of));
	if (m->kind == SCHEMA_TEXTS)
		json_put(o, "items", of_type(a, "string"));
	if (m->kind == SCHEMA_INTS)
		json_put(o, "additionalProperties", of_type(a, "integer"));
	if (m->about)
		json_put_text(o, "description", m->about);
	return o;
}

static void
put_members(struct arena *a, struct json *o, const struct schema_member *members)
{
	struct json *properties = json_object_in(a), *required = json_array_in(a);

	for (const struct schema_member *m = members; m->name; m++) {
		json_put(properties, m->name, schema_member_print(a, m));
		if (!m->sometimes)
			json_push_text(required, m->name);
	}
	json_put(o, "properties", properties);
	json_put(o, "required", required);
}

struct json *
schema_object(struct arena *a, const char *about, const struct schema_member *members)
{
	struct json *o = of_type(a, "object");

	json_put_text(o, "description", about);
	put_members(a, o, members);
	json_put_bool(o, "additionalProperties", false);
	return o;
}

static struct json *
choice_schema(struct arena *a, const char *about, const char *const *names)
{
	struct json *o = of_type(a, "object"), *list = json_array_in(a);

	for (; *names; names++)
		json_push(list, schema_ref(a, *names));
	json_put_text(o, "description", about);
	json_put(o, "oneOf", list);
	return o;
}

void
schema_put(struct arena *a, struct json *to, const struct schema *rows)
{
	for (; rows->name; rows++)
		json_put(to, rows->name, schema_object(a, rows->about, rows->members));
}

void
schema_put_choices(struct arena *a, struct json *to, const struct schema_choice *rows)
{
	for (; rows->name; rows++)
		json_put(to, rows->name, choice_schema(a, rows->about, rows->of));
}
