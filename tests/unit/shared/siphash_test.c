#include "shared/siphash.h"
#include "tests/unit/test.h"

/* From the paper's appendix and its reference program: the key is 00 01 .. 0f, the input
 * 00 01 .. of the given length. */
static const struct {
	size_t len;
	uint64_t hash;
} vectors[] = {
	{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd },  { 7, 0xab0200f58b01d137 },
	{ 8, 0x93f5f5799a932462 }, { 15, 0xa129ca6149be45e5 },
};

static void
the_published_values_come_out(void **state)
{
	const struct siphash_key key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	unsigned char input[16];

	(void)state;
	for (unsigned char i = 0; i < sizeof(input); i++)
		input[i] = i;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_int_equal(siphash(&key, input, vectors[i].len), vectors[i].hash);
}

static void
another_key_gives_another_hash(void **state)
{
	const struct siphash_key a = { { 1, 2 } }, b = { { 1, 3 } };

	(void)state;
	assert_int_not_equal(siphash(&a, "foyer", 5), siphash(&b, "foyer", 5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_published_values_come_out),
		T(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
