/* fold.h -- words folded for look-up, without case, and what counts as a letter. The door
 * of shared/ to libunistring. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"

/* Copies what libunistring made into the arena and frees text. Without memory the process
 * ends. */
const char *fold_take(struct arena *a, uint8_t *text, size_t len);

/* NFKC without case: two logins are the same if their results are. s is valid UTF-8. */
const char *fold_login(struct arena *a, const char *s);

/* A letter of any script, a mark that combines with one, or a digit from 0 to 9. */
bool fold_is_letter_or_digit(uint32_t c);
/* A letter of Chinese or Japanese, which put no space between words. */
bool fold_is_unspaced(uint32_t c);
