/* schemas.c -- see schemas.h. */
#include "fcgi/schemas.h"

#include "fcgi/schema_rows.h"

static const char *
type_of(enum member_kind kind)
{
	switch (kind) {
	case INT:
		return "integer";
	case REAL:
		return "number";
	case BOOL:
		return "boolean";
	case ANY:
	case INTS:
		return "object";
	case LIST:
	case TEXTS:
		return "array";
	default:
		return "string";
	}
}

static struct json *
ref_to(struct arena *a, const char *name)
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
put_type(struct arena *a, struct json *o, const struct member *m)
{
	struct json *types;

	if (!m->nullable) {
		json_put_text(o, "type", type_of(m->kind));
		return;
	}
	types = json_array_in(a);
	json_push_text(types, type_of(m->kind));
	json_push_text(types, "null");
	json_put(o, "type", types);
}

static void
put_words(struct arena *a, struct json *o, const struct member *m)
{
	struct json *words = json_array_in(a);

	for (int i = 0; m->words[i]; i++)
		json_push_text(words, m->words[i]);
	if (m->nullable)
		json_push(words, NULL);
	json_put(o, "enum", words);
}

static struct json *
one_of(struct arena *a, const struct member *m)
{
	struct json *o, *either;

	if (!m->nullable)
		return ref_to(a, m->of);
	o = json_object_in(a);
	either = json_array_in(a);
	json_push(either, ref_to(a, m->of));
	json_push(either, of_type(a, "null"));
	json_put(o, "anyOf", either);
	return o;
}

static struct json *
member_schema(struct arena *a, const struct member *m)
{
	struct json *o;

	if (m->kind == ONE)
		return one_of(a, m);
	o = json_object_in(a);
	put_type(a, o, m);
	if (m->kind == ID)
		json_put_text(o, "format", "uuid");
	if (m->kind == TIME)
		json_put_text(o, "format", "date-time");
	if (m->kind == WORD)
		put_words(a, o, m);
	if (m->kind == LIST && m->of)
		json_put(o, "items", ref_to(a, m->of));
	if (m->kind == TEXTS)
		json_put(o, "items", of_type(a, "string"));
	if (m->kind == INTS)
		json_put(o, "additionalProperties", of_type(a, "integer"));
	return o;
}

static void
put_members(struct arena *a, struct json *o, const struct member *members)
{
	struct json *properties = json_object_in(a), *required = json_array_in(a);

	for (const struct member *m = members; m->name; m++) {
		json_put(properties, m->name, member_schema(a, m));
		if (!m->sometimes)
			json_push_text(required, m->name);
	}
	json_put(o, "properties", properties);
	json_put(o, "required", required);
}

static struct json *
object_schema(struct arena *a, const char *about, const struct member *members)
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
		json_push(list, ref_to(a, *names));
	json_put_text(o, "description", about);
	json_put(o, "oneOf", list);
	return o;
}

struct json *
schemas_print(struct arena *a)
{
	struct json *o = json_object_in(a);

	for (const struct schema *s = schema_rows; s->name; s++)
		json_put(o, s->name, object_schema(a, s->about, s->members));
	for (const struct schema_choice *c = schema_choices; c->name; c++)
		json_put(o, c->name, choice_schema(a, c->about, c->of));
	return o;
}
