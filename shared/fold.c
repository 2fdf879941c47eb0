/* fold.c -- see fold.h. */
#include "shared/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "shared/die.h"

const char *
fold_take(struct arena *a, uint8_t *text, size_t len)
{
	const char *taken;

	if (!text)
		die("out of memory");
	taken = arena_strndup(a, (const char *)text, len);
	free(text);
	return taken;
}

const char *
fold_login(struct arena *a, const char *s)
{
	size_t len;
	const char *normal;
	uint8_t *made =
		u8_normalize(UNINORM_NFKC, (const uint8_t *)s, strlen(s), NULL, &len);

	normal = fold_take(a, made, len);
	made = u8_casefold((const uint8_t *)normal, strlen(normal), NULL, UNINORM_NFKC,
			   NULL, &len);
	return fold_take(a, made, len);
}

bool
fold_is_letter_or_digit(uint32_t c)
{
	if (c < 0x80)
		return (c | 0x20) - 'a' < 26 || c - '0' < 10;
	return uc_is_general_category(c, UC_LETTER) || uc_is_general_category(c, UC_MARK);
}

bool
fold_is_unspaced(uint32_t c)
{
	enum { HIRAGANA_FIRST = 0x3040, KATAKANA_LAST = 0x30ff };

	return uc_is_property_ideographic(c) ||
	       (c >= HIRAGANA_FIRST && c <= KATAKANA_LAST);
}
