#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "fcgi/file_name.h"
#include "shared/text.h"

enum { ENDING_MAX = 16 };

/* ---- cleaning ------------------------------------------------------------ */

static bool
is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

/* The last part of a path, of Unix or of Windows. */
static const char *
last_part(const char *raw)
{
	const char *last = raw;

	for (const char *p = raw; *p; p++)
		if (*p == '/' || *p == '\\')
			last = p + 1;
	return last;
}

static char *
only_visible(struct arena *a, const char *s)
{
	struct strbuf b = { .arena = a };
	size_t left = strlen(s);

	strbuf_add(&b, "", 0);
	while (left > 0) {
		uint32_t c;
		size_t len = text_next(s, left, &c);

		if (len == 0) {
			strbuf_puts(&b, "\xef\xbf\xbd");
			len = 1;
		} else if (!is_hidden(c)) {
			strbuf_add(&b, s, len);
		}
		s += len;
		left -= len;
	}
	return b.data;
}

/* A name may not begin or end with a space, and Windows drops dots at the end. */
static char *
trimmed(char *s)
{
	size_t len;

	s += strspn(s, " ");
	len = strlen(s);
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '.'))
		s[--len] = '\0';
	return s;
}

static const char *
cut(struct arena *a, const char *s)
{
	const char *dot = strrchr(s, '.');
	const char *ending = dot && dot != s && strlen(dot) <= ENDING_MAX ? dot : "";
	size_t room_bytes = FILE_NAME_MAX_BYTES - strlen(ending), bytes = 0, chars = 0;
	size_t room_chars = FILE_NAME_MAX_CHARS - text_length(ending), left = strlen(s);

	if (left <= FILE_NAME_MAX_BYTES && text_length(s) <= FILE_NAME_MAX_CHARS)
		return s;
	while (bytes < left && chars < room_chars) {
		uint32_t c;
		size_t len = text_next(s + bytes, left - bytes, &c);

		if (bytes + len > room_bytes)
			break;
		bytes += len;
		chars++;
	}
	return arena_printf(a, "%.*s%s", (int)bytes, s, ending);
}

const char *
file_name_clean(struct arena *a, const char *raw)
{
	const char *name = cut(a, trimmed(only_visible(a, last_part(raw))));

	return *name ? name : "file";
}

/* ---- saying it ----------------------------------------------------------- */

static bool
is_plain(unsigned char c)
{
	return isalnum(c) || strchr("!#$&+-.^_`|~", c);
}

const char *
file_name_disposition(struct arena *a, const char *name, bool is_inline)
{
	struct strbuf b = { .arena = a };

	strbuf_puts(&b, is_inline ? "inline; filename=\"" : "attachment; filename=\"");
	for (const char *p = name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c & 0xc0) != 0x80) /* the first byte of each character */
			strbuf_printf(&b, "%c",
				      c < 0x20 || c > 0x7e || strchr("\"\\%", c) ? '_'
										 : c);
	}
	strbuf_puts(&b, "\"; filename*=UTF-8''");
	for (const char *p = name; *p; p++)
		strbuf_printf(&b, is_plain((unsigned char)*p) ? "%c" : "%%%02X",
			      (unsigned char)*p);
	return b.data;
}
