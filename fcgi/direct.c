#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/direct.h"
#include "shared/text.h"
#include "shared/token.h"

/* Version 8, "custom" (RFC 9562): bits of a hash. */
void
direct_room_id(uint64_t key, const char *one, const char *other, struct uuid *out)
{
	bool ordered = strcmp(one, other) < 0;
	const char *first = ordered ? one : other, *second = ordered ? other : one;
	char secret[17];
	uint64_t high, low;

	snprintf(secret, sizeof(secret), "%016" PRIx64, key);
	high = (uint64_t)fingerprint(
		(const char *const[]){ "direct", secret, first, second }, 4);
	low = (uint64_t)fingerprint(
		(const char *const[]){ "room", secret, first, second }, 4);
	snprintf(out->text, sizeof(out->text),
		 "%08" PRIx64 "-%04" PRIx64 "-8%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
		 high >> 32, high >> 16 & 0xffff, high & 0xfff,
		 (low >> 48 & 0x3fff) | 0x8000, low & UINT64_C(0xffffffffffff));
}
