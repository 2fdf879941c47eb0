#include <inttypes.h>
#include <string.h>

#include "fcgi/cursor.h"
#include "shared/text.h"

static const int64_t time_max = INT64_C(253402300799999); /* the year 9999 */

const char *
cursor_print_text(struct arena *a, enum cursor_list list, const char *text)
{
	const char *whole = arena_printf(a, "%c%s", (int)list, text);

	return text_base64url(a, whole, strlen(whole));
}

enum err
cursor_parse_text(struct arena *a, enum cursor_list list, const char *cursor, char **out)
{
	size_t len;
	char *text = text_unbase64url(a, cursor, strlen(cursor), &len);

	if (!text || strlen(text) != len || *text != (char)list ||
	    !text_is_utf8(text, len))
		return ERR_INVALID;
	*out = text + 1;
	return OK;
}

/* Splits "<time>.<rest>". */
static enum err
split(struct arena *a, enum cursor_list list, const char *cursor, int64_t *out_time,
      const char **out_rest)
{
	char *text, *dot;
	int64_t time;

	TRY(cursor_parse_text(a, list, cursor, &text));
	dot = strchr(text, '.');
	if (!dot)
		return ERR_INVALID;
	*dot = '\0';
	TRY(text_to_int(text, &time));
	if (time <= 0 || time > time_max)
		return ERR_INVALID;
	*out_time = time;
	*out_rest = dot + 1;
	return OK;
}

const char *
cursor_print(struct arena *a, enum cursor_list list, int64_t time, int64_t no)
{
	return cursor_print_text(a, list,
				 arena_printf(a, "%" PRId64 ".%" PRId64, time, no));
}

enum err
cursor_parse(struct arena *a, enum cursor_list list, const char *cursor,
	     int64_t *out_time, int64_t *out_no)
{
	const char *rest;
	int64_t time, no;

	TRY(split(a, list, cursor, &time, &rest));
	TRY(text_to_int(rest, &no));
	if (no <= 0)
		return ERR_INVALID;
	*out_time = time;
	*out_no = no;
	return OK;
}

const char *
cursor_print_id(struct arena *a, enum cursor_list list, int64_t time, const char *id)
{
	return cursor_print_text(a, list, arena_printf(a, "%" PRId64 ".%s", time, id));
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
cursor_parse_id(struct arena *a, enum cursor_list list, const char *cursor,
		int64_t *out_time, struct uuid *out_id)
{
	const char *rest;
	int64_t time;

	TRY(split(a, list, cursor, &time, &rest));
	TRY(id_parse(rest, out_id));
	*out_time = time;
	return OK;
}

enum err
cursor_parse_key(struct arena *a, enum cursor_list list, const char *cursor,
		 int64_t *out_time, const char **out_key)
{
	const char *rest;
	int64_t time;

	TRY(split(a, list, cursor, &time, &rest));
	if (!text_is_key(rest))
		return ERR_INVALID;
	*out_time = time;
	*out_key = rest;
	return OK;
}

/* "<0 or 1><id><word>" */
enum { ID_LEN = 36 };

const char *
cursor_print_word(struct arena *a, enum cursor_list list, bool inside, const char *id,
		  const char *word)
{
	return cursor_print_text(a, list, arena_printf(a, "%d%s%s", inside, id, word));
}

enum err
cursor_parse_word(struct arena *a, enum cursor_list list, const char *cursor,
		  bool *out_inside, struct uuid *out_id, const char **out_word)
{
	char *text;

	TRY(cursor_parse_text(a, list, cursor, &text));
	if (strlen(text) <= 1 + ID_LEN || (*text != '0' && *text != '1'))
		return ERR_INVALID;
	TRY(id_parse(arena_strndup(a, text + 1, ID_LEN), out_id));
	*out_inside = *text == '1';
	*out_word = text + 1 + ID_LEN;
	return OK;
}
