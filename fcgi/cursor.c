#include <inttypes.h>
#include <string.h>

#include "fcgi/cursor.h"
#include "shared/text.h"

const char *
cursor_print(struct arena *a, int64_t time, int64_t no)
{
	const char *text = arena_printf(a, "%" PRId64 ".%" PRId64, time, no);

	return text_base64url(a, text, strlen(text));
}

enum err
cursor_parse(struct arena *a, const char *text, int64_t *out_time, int64_t *out_no)
{
	size_t len;
	char *plain = text_unbase64url(a, text, strlen(text), &len);
	char *dot = plain && strlen(plain) == len ? strchr(plain, '.') : NULL;
	int64_t time, no;

	if (!dot)
		return ERR_INVALID;
	*dot = '\0';
	TRY(text_to_int(plain, &time));
	TRY(text_to_int(dot + 1, &no));
	if (time <= 0 || time > INT64_C(253402300799999) || no <= 0) /* the year 9999 */
		return ERR_INVALID;
	*out_time = time;
	*out_no = no;
	return OK;
}
