/* common_passwords.h -- passwords that are guessed first. */
#pragma once

#include <stdbool.h>

/* folded: without case. True for the words of the list, with any digits and
 * signs after them, and for what is only a pattern: one piece repeated, in up to
 * 32 bytes, or a run such as 23456789. */
bool password_is_common(const char *folded);
