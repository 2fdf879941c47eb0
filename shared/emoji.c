/* emoji.c -- see emoji.h, and Unicode Technical Standard 51. */
#include "shared/emoji.h"

#include <string.h>
#include <unictype.h>

#include "shared/text.h"

enum { AS_TEXT = 0xfe0e, AS_PICTURE = 0xfe0f, KEYCAP = 0x20e3 };

static bool
is_key(uint32_t c)
{
	return (c >= '0' && c <= '9') || c == '#' || c == '*';
}

/* Is it shown as plain text unless AS_PICTURE follows? Digits, # and * are, too, but are
 * emoji only before KEYCAP. */
static bool
is_text_alone(uint32_t c)
{
	return uc_is_property_emoji(c) && !uc_is_property_emoji_presentation(c);
}

/* Does AS_PICTURE belong between these two? next 0: the end. */
static bool
is_qualified(uint32_t c, uint32_t next)
{
	return is_key(c) ? next == KEYCAP
			 : is_text_alone(c) && !uc_is_property_emoji_modifier(next);
}

/* A character of a text; len 0: the end of it, or no UTF-8. */
struct sign {
	const char *at;
	size_t len;
	uint32_t c;
};

/* The first one that is no selector, at s or later. */
static struct sign
sign_at(const char *s)
{
	struct sign x = { .at = s };

	do {
		x.at += x.len;
		x.c = 0;
		x.len = text_next(x.at, strlen(x.at), &x.c);
	} while (x.c == AS_TEXT || x.c == AS_PICTURE);
	return x;
}

static bool
put(const char *bytes, size_t len, char out[EMOJI_SIZE], size_t *out_len)
{
	if (*out_len + len > EMOJI_MAX_BYTES)
		return false;
	memcpy(out + *out_len, bytes, len);
	*out_len += len;
	return true;
}

bool
emoji_form(const char *s, char out[EMOJI_SIZE])
{
	static const char picture[] = "\ufe0f";
	struct sign x = sign_at(s), next;
	bool is_seen = false;
	size_t len = 0;

	for (; x.len > 0; x = next) {
		next = sign_at(x.at + x.len);
		if (text_is_unseen(x.c) || !put(x.at, x.len, out, &len))
			return false;
		if (is_qualified(x.c, next.c) &&
		    !put(picture, sizeof(picture) - 1, out, &len))
			return false;
		is_seen |= text_shows_alone(x.c);
	}
	out[len] = '\0';
	return is_seen && !*x.at;
}
