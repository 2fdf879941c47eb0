/* jsontext.h -- is this text JSON? (RFC 8259, as narrow as I-JSON, RFC 7493)
 *
 * json-c lets pass what others would read differently: control characters in
 * strings, NaN, numbers out of range, a lone half of a surrogate pair. So every
 * text is checked here first, without any library, and json-c only builds what
 * is known to be sound. Memory: none; time: one pass. */
#pragma once

#include <stddef.h>

#include "shared/err.h"

struct jsontext {
	size_t members;	 /* of all objects together: more than were built, and some
			  * name was there twice */
	size_t nuls;	 /* U+0000 in strings (as \u0000), which text of ours never has */
	const char *why; /* on failure: what is wrong, a sentence */
	size_t where;	 /* and at which byte */
};

/* One value, at most max_depth arrays and objects deep, white space around it.
 * text needs a NUL after its len bytes. ERR_MALFORMED fills why and where. */
enum err jsontext_check(const char *text, size_t len, int max_depth,
			struct jsontext *out);

/* In a checked text, write surrogate pairs of \u escapes as the characters they are, in
 * place; the new length. json-c takes U+1D800..1DFFF, and those like it in the planes
 * above, for halves of a pair when it meets them as escapes. */
size_t jsontext_join_pairs(char *text, size_t len);
