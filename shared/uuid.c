/* A message's id is a permutation of its place: (room_no, seq), 61 bits each, pass
 * through a Feistel network keyed with the instance's id key. The resulting 122 bits
 * exactly fill what a version 8 UUID leaves free. */
#include <string.h>

#include "shared/random.h"
#include "shared/text.h"
#include "shared/uuid.h"

enum { UUID_BYTES = 16, ROUNDS = 6, HALF_BITS = 61 };

static const uint64_t half_mask = ((uint64_t)1 << HALF_BITS) - 1;

/* The 128 bits of a UUID, the first 64 of them first. */
struct bits {
	uint64_t high, low;
};

/* The first half holds the version in bits 12..15, the second the variant on top. */
enum { VERSION_SHIFT = 12, VARIANT_SHIFT = 62 };

static const char form[UUID_TEXT_SIZE] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

static void
print(struct bits b, struct uuid *out)
{
	unsigned char bytes[UUID_BYTES];
	char hex[2 * UUID_BYTES + 1];
	const char *digit = hex;

	for (int i = UUID_BYTES / 2 - 1; i >= 0; i--, b.high >>= 8, b.low >>= 8) {
		bytes[i] = (unsigned char)b.high;
		bytes[i + UUID_BYTES / 2] = (unsigned char)b.low;
	}
	text_hex(bytes, sizeof(bytes), hex);
	for (size_t i = 0; i < sizeof(form); i++)
		out->text[i] = form[i] == 'x' ? *digit++ : form[i];
}

static enum err
scan(const char *text, struct bits *out)
{
	unsigned char bytes[UUID_BYTES];
	char hex[2 * UUID_BYTES + 1] = "";
	size_t len = 0;
	struct bits b = {};

	if (strnlen(text, sizeof(form)) != sizeof(form) - 1)
		return ERR_INVALID;
	for (size_t i = 0; form[i]; i++) {
		if ((form[i] == '-') != (text[i] == '-'))
			return ERR_INVALID;
		if (form[i] == 'x')
			hex[len++] = text[i];
	}
	TRY(text_unhex(hex, bytes, sizeof(bytes)));
	for (int i = 0; i < UUID_BYTES / 2; i++) {
		b.high = b.high << 8 | bytes[i];
		b.low = b.low << 8 | bytes[i + UUID_BYTES / 2];
	}
	*out = b;
	return OK;
}

void
uuid_random(struct uuid *out)
{
	struct bits b;

	random_bytes(&b, sizeof(b));
	b.high = (b.high & ~(uint64_t)(0xf << VERSION_SHIFT)) | 4 << VERSION_SHIFT;
	b.low = b.low << 2 >> 2 | (uint64_t)2 << VARIANT_SHIFT;
	print(b, out);
}

enum err
uuid_parse(const char *text, struct uuid *out)
{
	struct bits b;

	TRY(scan(text, &b));
	print(b, out);
	return OK;
}

bool
uuid_is(const char *text)
{
	struct bits b;

	return scan(text, &b) == OK;
}

/* The round function. Any function yields a bijection; this one spreads every bit of the
 * half and the key over the result (multiplications by odd constants and shifts, as in
 * the finishers of common hashes). */
static uint64_t
mix(uint64_t key, int round, uint64_t half)
{
	uint64_t x = half ^ (key + (uint64_t)(round + 1) * 0x9e3779b97f4a7c15);

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 32) * 0x94d049bb133111eb;
	return (x ^ x >> 31) & half_mask;
}

static bool
is_place(int64_t n)
{
	return n >= 1 && (uint64_t)n <= half_mask;
}

void
uuid_of_message(uint64_t key, int64_t room_no, int64_t seq, struct uuid *out)
{
	uint64_t left = (uint64_t)room_no, right = (uint64_t)seq;
	struct bits b;

	if (!is_place(room_no) || !is_place(seq)) {
		*out = (struct uuid){};
		return;
	}
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t next = left ^ mix(key, round, right);

		left = right;
		right = next;
	}
	/* 48 + 12 bits of left around the version; its last bit and right below. */
	b.high = left >> 13 << 16 | 8 << VERSION_SHIFT | (left >> 1 & 0xfff);
	b.low = (uint64_t)2 << VARIANT_SHIFT | (left & 1) << HALF_BITS | right;
	print(b, out);
}

enum err
uuid_to_message(uint64_t key, const char *text, int64_t *out_room_no, int64_t *out_seq)
{
	struct bits b;
	uint64_t left, right;

	if (scan(text, &b) != OK || (b.high >> VERSION_SHIFT & 0xf) != 8 ||
	    b.low >> VARIANT_SHIFT != 2)
		return ERR_NOT_FOUND;
	left = b.high >> 16 << 13 | (b.high & 0xfff) << 1 | (b.low >> HALF_BITS & 1);
	right = b.low & half_mask;
	for (int round = ROUNDS - 1; round >= 0; round--) {
		uint64_t before = right ^ mix(key, round, left);

		right = left;
		left = before;
	}
	if (!is_place((int64_t)left) || !is_place((int64_t)right))
		return ERR_NOT_FOUND;
	*out_room_no = (int64_t)left;
	*out_seq = (int64_t)right;
	return OK;
}
