#include <inttypes.h>
#include <string.h>

#include "fcgi/cursor.h"
#include "shared/text.h"

static const int64_t time_max = INT64_C(253402300799999); /* the year 9999 */

const char *
cursor_print(struct arena *a, int64_t time, int64_t no)
{
	const char *text = arena_printf(a, "%" PRId64 ".%" PRId64, time, no);

	return text_base64url(a, text, strlen(text));
}

/* Splits "<time>.<rest>". */
static enum err
split(struct arena *a, const char *text, int64_t *out_time, const char **out_rest)
{
	size_t len;
	char *plain = text_unbase64url(a, text, strlen(text), &len);
	char *dot = plain && strlen(plain) == len ? strchr(plain, '.') : NULL;
	int64_t time;

	if (!dot)
		return ERR_INVALID;
	*dot = '\0';
	TRY(text_to_int(plain, &time));
	if (time <= 0 || time > time_max)
		return ERR_INVALID;
	*out_time = time;
	*out_rest = dot + 1;
	return OK;
}

enum err
cursor_parse(struct arena *a, const char *text, int64_t *out_time, int64_t *out_no)
{
	const char *rest;
	int64_t time, no;

	TRY(split(a, text, &time, &rest));
	TRY(text_to_int(rest, &no));
	if (no <= 0)
		return ERR_INVALID;
	*out_time = time;
	*out_no = no;
	return OK;
}

const char *
cursor_print_id(struct arena *a, int64_t time, const char *id)
{
	const char *text = arena_printf(a, "%" PRId64 ".%s", time, id);

	return text_base64url(a, text, strlen(text));
}

/* Only in the form in which we print it. */
static enum err
id_parse(const char *text, struct uuid *out)
{
	struct uuid id;

	TRY(uuid_parse(text, &id));
	if (strcmp(id.text, text) != 0)
		return ERR_INVALID;
	*out = id;
	return OK;
}

enum err
cursor_parse_id(struct arena *a, const char *text, int64_t *out_time, struct uuid *out_id)
{
	const char *rest;
	int64_t time;

	TRY(split(a, text, &time, &rest));
	TRY(id_parse(rest, out_id));
	*out_time = time;
	return OK;
}

enum err
cursor_parse_key(struct arena *a, const char *text, int64_t *out_time,
		 const char **out_key)
{
	const char *rest;
	int64_t time;

	TRY(split(a, text, &time, &rest));
	if (!text_is_key(rest))
		return ERR_INVALID;
	*out_time = time;
	*out_key = rest;
	return OK;
}

/* "<0 or 1><id><word>" */
enum { ID_LEN = 36 };

const char *
cursor_print_word(struct arena *a, bool inside, const char *id, const char *word)
{
	const char *text = arena_printf(a, "%d%s%s", inside, id, word);

	return text_base64url(a, text, strlen(text));
}

enum err
cursor_parse_word(struct arena *a, const char *cursor, bool *out_inside,
		  struct uuid *out_id, const char **out_word)
{
	size_t len;
	const char *text = text_unbase64url(a, cursor, strlen(cursor), &len);

	if (!text || strlen(text) != len || len <= 1 + ID_LEN || !text_is_utf8(text, len))
		return ERR_INVALID;
	if (*text != '0' && *text != '1')
		return ERR_INVALID;
	TRY(id_parse(arena_strndup(a, text + 1, ID_LEN), out_id));
	*out_inside = *text == '1';
	*out_word = text + 1 + ID_LEN;
	return OK;
}
