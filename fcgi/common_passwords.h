/* common_passwords.h -- the passwords that attackers try first. */
#pragma once

#include <stdbool.h>

/* folded: without case. True for the words of the list, followed by any digits and signs,
 * and for mere patterns: one piece repeated, in up to 32 bytes, or a run such as
 * 23456789. */
bool password_is_common(const char *folded);
