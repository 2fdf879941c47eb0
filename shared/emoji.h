/* emoji.h -- which texts are reactions, and the one form of each.
 *
 * Many emoji may be followed by the invisible U+FE0F, which asks for the colourful form.
 * Keyboards differ in whether they put it there, so that the same heart would be two
 * reactions. */
#pragma once

#include <stdbool.h>

enum {
	EMOJI_MAX_BYTES = 40, /* the longest that Unicode recommends has 35 */
	EMOJI_SIZE = EMOJI_MAX_BYTES + 1,
};

/* Writes the form of s that Unicode calls fully qualified: U+FE0F after each emoji that
 * is shown as plain text without it, and nowhere else; never U+FE0E. False, if s is not a
 * reaction: more than EMOJI_MAX_BYTES in that form, or with something that is blank,
 * invisible by itself or reverses the writing direction. s is valid UTF-8. */
bool emoji_form(const char *s, char out[EMOJI_SIZE]);
