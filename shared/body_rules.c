#include <string.h>

#include "shared/body_rules.h"
#include "shared/clock.h"
#include "shared/text.h"

enum { TEXTS_ITEM_MAX = 256 };

static int64_t max_text = 8000;

void
body_set_max_text(int64_t chars)
{
	max_text = chars;
}

int64_t
body_field_max(const struct field *f)
{
	return f->max == BODY_MAX_TEXT ? max_text : f->max;
}

bool
body_refuse(const struct place *at, const char *code, const char *message)
{
	problem_field(at->r->problem, at->name, code, message);
	return false;
}

static void *
target(const struct place *at)
{
	return at->r->out + at->field->offset;
}

static bool
check_size(const struct place *at, const char *what, int64_t n, int64_t min, int64_t max,
	   const char *below, const char *above)
{
	if (n < min)
		return body_refuse(at, below,
				   arena_printf(at->r->arena, "Must be at least %lld%s.",
						(long long)min, what));
	if (n > max)
		return body_refuse(at, above,
				   arena_printf(at->r->arena, "Must be at most %lld%s.",
						(long long)max, what));
	return true;
}

static bool
check_length(const struct place *at, const char *text, int64_t min, int64_t max)
{
	return check_size(at, " characters long", (int64_t)text_length(text), min, max,
			  "too_short", "too_long");
}

/* "private=direct,voice=audio": our word for another one; a word that is not listed is
 * ours already. */
static const char *
our_word(const struct place *at, const char *word)
{
	size_t len = strlen(word);

	if (len == 0 || strpbrk(word, ",="))
		return word;
	for (const char *p = at->field->names_also; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, word, len) == 0 && p[len] == '=')
			return arena_strndup(at->r->arena, p + len + 1,
					     strcspn(p + len + 1, ","));
	}
	return word;
}

static bool
store_enum(const struct place *at, const char *word)
{
	word = our_word(at, word);
	for (int i = 0; at->field->names[i]; i++)
		if (strcmp(at->field->names[i], word) == 0) {
			*(int *)target(at) = i;
			return true;
		}
	return body_refuse(at, "choice", "Must be one of the allowed words.");
}

bool
body_store_text(const struct place *at, const char *text)
{
	const struct field *f = at->field;

	switch (f->kind) {
	case FIELD_KIND_ENUM:
		return store_enum(at, text);
	case FIELD_KIND_ID:
		if (uuid_parse(text, target(at)) != OK)
			return body_refuse(at, "format", "Must be an id (a UUID).");
		return true;
	case FIELD_KIND_TIME:
		if (clock_parse(text, target(at)) != OK)
			return body_refuse(at, "format",
					   "Must be a time in the form of RFC 3339.");
		return true;
	case FIELD_KIND_KEY:
		if (!text_is_key(text))
			return body_refuse(at, "format", "1 to 64 of A-Z a-z 0-9 . _ -");
		break;
	case FIELD_KIND_NAME:
		if (*text && !text_is_name(text))
			return body_refuse(at, "format",
					   "Must be one line with a visible character "
					   "in it, and must not change the writing "
					   "direction of what follows.");
		[[fallthrough]];
	default:
		if (!check_length(at, text, f->min, body_field_max(f)))
			return false;
	}
	*(const char **)target(at) = text;
	return true;
}

bool
body_store_int(const struct place *at, int64_t value)
{
	if (!check_size(at, "", value, at->field->min, at->field->max, "too_small",
			"too_large"))
		return false;
	*(int64_t *)target(at) = value;
	return true;
}

bool
body_store_bool(const struct place *at, bool value)
{
	*(bool *)target(at) = value;
	return true;
}

bool
body_store_json(const struct place *at, struct json *value)
{
	if (json_kind_of(value) != JSON_OBJECT)
		return body_refuse(at, "type", "Must be an object.");
	*(struct json **)target(at) = value;
	return true;
}

bool
body_store_list(const struct place *at, const char **items, size_t count)
{
	struct arena *a = at->r->arena;
	bool ids = at->field->kind == FIELD_KIND_IDS, good;
	struct uuid *uuids = ids ? ARENA_ARRAY(a, struct uuid, count) : NULL;

	good = check_size(at, " items", (int64_t)count, at->field->min, at->field->max,
			  "too_few", "too_many");
	for (size_t i = 0; i < count && (int64_t)i < at->field->max; i++) {
		struct place item = *at;

		item.name = arena_printf(a, "%s[%zu]", at->name, i);
		if (!items[i])
			good = body_refuse(&item, "type", "Must be text.");
		else if (ids && uuid_parse(items[i], &uuids[i]) != OK)
			good = body_refuse(&item, "format", "Must be an id (a UUID).");
		else if (!ids && !check_length(&item, items[i], 1, TEXTS_ITEM_MAX))
			good = false;
	}
	if (good && ids)
		*(struct id_list *)target(at) = (struct id_list){ count, uuids };
	else if (good)
		*(struct body_texts *)target(at) = (struct body_texts){ count, items };
	return good;
}
