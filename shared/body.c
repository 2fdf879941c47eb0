/* Two readers, one for JSON and one for texts, convert each value to its field's type;
 * body_rules.c then checks and stores it. */
#include <string.h>

#include "shared/body_rules.h"
#include "shared/die.h"
#include "shared/text.h"

enum { NAME_SHOWN_MAX = 64, FORM_JSON_DEPTH = 16 };

/* -1: none. */
static int
field_index(const struct body *b, const char *name)
{
	for (int i = 0; b->fields[i].name; i++)
		if (strcmp(b->fields[i].name, name) == 0 ||
		    text_is_listed(b->fields[i].also, name))
			return i;
	return -1;
}

bool
body_knows(const struct body *b, const char *name)
{
	return field_index(b, name) >= 0;
}

bool
body_bit_(const struct body *b, uint64_t bits, const char *name)
{
	int i = field_index(b, name);

	if (i < 0)
		die("body: there is no field %s", name);
	return bits >> i & 1;
}

/* ---- where values come from ---------------------------------------------- */

static bool
list_from_json(const struct place *at, const struct json *value)
{
	size_t count = json_count(value);
	const char **items = ARENA_ARRAY(at->r->arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		items[i] = json_text_of(json_at(value, i));
	return body_store_list(at, items, count);
}

static bool
from_json(const struct place *at, struct json *value)
{
	enum json_kind kind = json_kind_of(value);

	switch (at->field->kind) {
	case FIELD_KIND_INT:
		return kind == JSON_INT ? body_store_int(at, json_int_of(value))
					: body_refuse(at, "type", "Must be an integer.");
	case FIELD_KIND_BOOL:
		return kind == JSON_BOOL
			       ? body_store_bool(at, json_bool_of(value))
			       : body_refuse(at, "type", "Must be true or false.");
	case FIELD_KIND_IDS:
	case FIELD_KIND_TEXTS:
		return kind == JSON_ARRAY ? list_from_json(at, value)
					  : body_refuse(at, "type", "Must be an array.");
	case FIELD_KIND_JSON:
		return body_store_json(at, value);
	default:
		return kind == JSON_TEXT ? body_store_text(at, json_text_of(value))
					 : body_refuse(at, "type", "Must be text.");
	}
}

static bool
bool_from_text(const struct place *at, const char *text)
{
	if (text_is_listed("true,1,on", text))
		return body_store_bool(at, true);
	if (text_is_listed("false,0,off", text))
		return body_store_bool(at, false);
	return body_refuse(at, "type", "Must be true or false.");
}

/* "a,b": two items; "": none. */
static bool
list_from_text(const struct place *at, const char *text)
{
	size_t commas = 0, count = 0;
	const char **items;

	for (const char *p = text; *p; p++)
		commas += *p == ',';
	items = ARENA_ARRAY(at->r->arena, const char *, commas + 1);
	while (*text) {
		size_t len = strcspn(text, ",");

		items[count++] = arena_strndup(at->r->arena, text, len);
		text += len + (text[len] == ',');
	}
	return body_store_list(at, items, count);
}

static bool
json_from_text(const struct place *at, const char *text)
{
	struct json *value = NULL;

	if (json_parse(at->r->arena, text, strlen(text), FORM_JSON_DEPTH, NULL, &value))
		return body_refuse(at, "type", "Must be a JSON object.");
	return body_store_json(at, value);
}

static bool
from_text(const struct place *at, const char *text)
{
	int64_t number;

	switch (at->field->kind) {
	case FIELD_KIND_INT:
		return text_to_int(text, &number) == OK
			       ? body_store_int(at, number)
			       : body_refuse(at, "type", "Must be an integer.");
	case FIELD_KIND_BOOL:
		return bool_from_text(at, text);
	case FIELD_KIND_IDS:
	case FIELD_KIND_TEXTS:
		return list_from_text(at, text);
	case FIELD_KIND_JSON:
		return json_from_text(at, text);
	default:
		return body_store_text(at, text);
	}
}

/* ---- reading ------------------------------------------------------------- */

/* Find the field for a name; false: there is nothing to store. */
static bool
find_place(struct reading *r, const char *name, struct place *out)
{
	int i = field_index(r->body, name);

	*out = (struct place){ .r = r, .name = name };
	if (i < 0) {
		out->name = text_clip(r->arena, name, NAME_SHOWN_MAX);
		if (!text_is_listed(r->ignore, name))
			body_refuse(out, "unknown", "There is no such field.");
		return false;
	}
	if (r->seen >> i & 1)
		return body_refuse(out, "duplicate", "Must not be given twice.");
	out->field = &r->body->fields[i];
	r->seen |= (uint64_t)1 << i;
	return true;
}

static uint64_t
bit_of(const struct place *at)
{
	return (uint64_t)1 << (at->field - at->r->body->fields);
}

static void
take_member(const char *name, struct json *value, void *arg)
{
	struct place at;

	if (!find_place(arg, name, &at))
		return;
	if (json_kind_of(value) != JSON_NULL) {
		if (from_json(&at, value))
			at.r->head.given |= bit_of(&at);
	} else if (at.field->required) {
		body_refuse(&at, "required", "Must not be null.");
	} else {
		at.r->head.cleared |= bit_of(&at);
	}
}

static void
take_pair(struct reading *r, const struct body_pair *pair)
{
	struct place at;

	if (find_place(r, pair->name, &at) && from_text(&at, pair->value))
		r->head.given |= bit_of(&at);
}

static enum err
finish(struct reading *r)
{
	for (int i = 0; r->body->fields[i].name; i++)
		if (r->body->fields[i].required && !(r->seen >> i & 1))
			problem_field(r->problem, r->body->fields[i].name, "required",
				      "Must be given.");
	memcpy(r->out, &r->head, sizeof(r->head));
	return problem_fields_check(r->problem);
}

static struct reading
start(const struct body *b, struct arena *a, struct problem *p, void *out)
{
	memset(out, 0, b->size);
	return (struct reading){ .body = b, .arena = a, .problem = p, .out = out };
}

enum err
body_read_json(const struct body *b, struct arena *a, const struct json *object,
	       const char *ignore, struct problem *p, void *out)
{
	struct reading r = start(b, a, p, out);

	if (json_kind_of(object) != JSON_OBJECT)
		return problem_fail(p, ERR_INVALID, NULL, "It must be a JSON object.");
	r.ignore = ignore;
	json_each(object, take_member, &r);
	return finish(&r);
}

enum err
body_read_pairs(const struct body *b, struct arena *a, const struct body_pair *pairs,
		size_t count, struct problem *p, void *out)
{
	struct reading r = start(b, a, p, out);

	for (size_t i = 0; i < count; i++)
		take_pair(&r, &pairs[i]);
	return finish(&r);
}
