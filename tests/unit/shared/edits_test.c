/* Which texts are valid reactions. */
#include "shared/edits.h"

#include "tests/unit/test.h"

static void
emoji_and_short_words_will_do(void **state)
{
	static const char *const good[] = {
		"a",
		"+1",
		"👍",
		"❤️",
		"👩🏽‍❤️‍💋‍👨🏿",
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿",
		"0123456789012345678901234567890123456789",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!emoji_is(good[i]))
			fail_msg("refused: %s", good[i]);
}

static void
nothing_blank_invisible_or_long_will(void **state)
{
	static const char *const bad[] = {
		"",	    " ",	"a b",
		"a\n",	    "\x7f",	"\u00a0",
		"\xc2\x85", "\u2003",	"\u200b",
		"\u202ex",  "\u2066x",	"\u3000",
		"\ufeff",   "\u00ad",	"\xff",
		"\xe2\x9d", "\xc0\x80", "01234567890123456789012345678901234567890",
		"\ufe0f",   "\u200d",	"\u200d\ufe0f",
		"\u3164",   "\u2800",	"\U000e0067",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (emoji_is(bad[i]))
			fail_msg("taken: case %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emoji_and_short_words_will_do),
		cmocka_unit_test(nothing_blank_invisible_or_long_will),
	};

	return cmocka_run_group_tests_name("edits", tests, NULL, NULL);
}
