/* body_schema.c -- the JSON schema (2020-12) of a body's table. */
#include <string.h>

#include "shared/body.h"

static void
put_type(struct json *schema, struct arena *a, const char *type, bool required)
{
	struct json *types;

	if (required) {
		json_put_text(schema, "type", type);
		return;
	}
	/* An optional member may be null: that clears it, or means nothing. */
	types = json_array_in(a);
	json_push_text(types, type);
	json_push_text(types, "null");
	json_put(schema, "type", types);
}

static void
put_range(struct json *schema, const struct field *f, const char *least, const char *most)
{
	json_put_int(schema, least, f->min);
	json_put_int(schema, most, body_field_max(f));
}

static void
put_words(struct json *schema, struct arena *a, const struct field *f)
{
	struct json *words = json_array_in(a);

	for (int i = 0; f->names[i]; i++)
		json_push_text(words, f->names[i]);
	if (!f->required)
		json_push(words, NULL);
	json_put(schema, "enum", words);
}

static void
put_items(struct json *schema, struct arena *a, const struct field *f)
{
	struct json *items = json_object_in(a);

	json_put_text(items, "type", "string");
	if (f->kind == FIELD_KIND_IDS)
		json_put_text(items, "format", "uuid");
	json_put(schema, "items", items);
	put_range(schema, f, "minItems", "maxItems");
}

static const char *
type_of(enum field_kind kind)
{
	switch (kind) {
	case FIELD_KIND_INT:
		return "integer";
	case FIELD_KIND_BOOL:
		return "boolean";
	case FIELD_KIND_IDS:
	case FIELD_KIND_TEXTS:
		return "array";
	case FIELD_KIND_JSON:
		return "object";
	default:
		return "string";
	}
}

static void
put_rules(struct json *schema, struct arena *a, const struct field *f)
{
	switch (f->kind) {
	case FIELD_KIND_NAME:
		json_put_text(schema, "pattern",
			      "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e]*$");
		[[fallthrough]];
	case FIELD_KIND_TEXT:
		put_range(schema, f, "minLength", "maxLength");
		break;
	case FIELD_KIND_KEY:
		json_put_text(schema, "pattern", "^[A-Za-z0-9._-]{1,64}$");
		break;
	case FIELD_KIND_ID:
		json_put_text(schema, "format", "uuid");
		break;
	case FIELD_KIND_ENUM:
		put_words(schema, a, f);
		break;
	case FIELD_KIND_INT:
		put_range(schema, f, "minimum", "maximum");
		break;
	case FIELD_KIND_TIME:
		json_put_text(schema, "format", "date-time");
		break;
	case FIELD_KIND_IDS:
	case FIELD_KIND_TEXTS:
		put_items(schema, a, f);
		break;
	case FIELD_KIND_BOOL:
	case FIELD_KIND_JSON:
		break;
	}
}

struct json *
body_field_schema(struct arena *a, const struct field *f)
{
	struct json *schema = json_object_in(a);
	const char *about = f->about ? f->about : "";

	put_type(schema, a, type_of(f->kind), f->required);
	put_rules(schema, a, f);
	if (f->also)
		about = arena_printf(a, "%s%sAlso accepted as: %s.", about,
				     *about ? " " : "", f->also);
	if (*about)
		json_put_text(schema, "description", about);
	return schema;
}

struct json *
body_schema(struct arena *a, const struct body *b)
{
	struct json *schema = json_object_in(a);
	struct json *properties = json_object_in(a), *required = json_array_in(a);

	json_put_text(schema, "type", "object");
	for (const struct field *f = b->fields; f->name; f++) {
		json_put(properties, f->name, body_field_schema(a, f));
		if (f->required)
			json_push_text(required, f->name);
	}
	json_put(schema, "properties", properties);
	if (json_count(required) > 0)
		json_put(schema, "required", required);
	return schema;
}
