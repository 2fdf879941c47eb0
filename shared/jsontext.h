/* jsontext.h -- is this text JSON? (RFC 8259, as narrow as I-JSON, RFC 7493)
 *
 * json-c accepts what others would read differently: control characters in strings, NaN,
 * numbers out of range, an unpaired surrogate. So every text is checked here first,
 * without any library, and json-c only builds what is known to be sound. Memory: none;
 * time: one pass. */
#pragma once

#include <stddef.h>

#include "shared/err.h"

struct jsontext {
	size_t members;	 /* of all objects: if fewer were built, a name was repeated */
	size_t nuls;	 /* U+0000 in strings (as \u0000), which we never store */
	const char *why; /* on failure: what is wrong, a sentence */
	size_t where;	 /* and at which byte */
};

/* One value, at most max_depth arrays and objects deep, with white space around it. text
 * needs a NUL after its len bytes. ERR_MALFORMED fills why and where. */
enum err jsontext_check(const char *text, size_t len, int max_depth,
			struct jsontext *out);

/* In a checked text, replaces surrogate pairs of \u escapes by the characters they
 * encode, in place; returns the new length. json-c takes U+1D800..1DFFF, and the same
 * range in the planes above, for halves of a pair when they come as escapes. */
size_t jsontext_join_pairs(char *text, size_t len);
