/* Which texts are valid reactions, and the one form of each. */
#include "shared/emoji.h"

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

	char form[EMOJI_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!emoji_form(good[i], form))
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

	char form[EMOJI_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (emoji_form(bad[i], form))
			fail_msg("taken: case %zu", i);
}

/* The second of each pair is fully qualified in Unicode's emoji-test.txt, or a mere text.
 */
static void
each_has_one_form(void **state)
{
	static const char *const forms[][2] = {
		{ "❤", "❤️" },
		{ "❤\ufe0e", "❤️" },
		{ "❤️\ufe0f", "❤️" },
		{ "👍\ufe0f", "👍" },
		{ "👍🏽", "👍🏽" },
		{ "☝️🏽", "☝🏽" },
		{ "1\u20e3", "1️⃣" },
		{ "#\ufe0f\u20e3", "#️⃣" },
		{ "1\ufe0f", "1" },
		{ "+1", "+1" },
		{ "a\ufe0f", "a" },
		{ "🏳\u200d🌈", "🏳️\u200d🌈" },
		{ "👩\u200d❤\u200d👨", "👩\u200d❤️\u200d👨" },
		{ "🕵🏽\u200d♂", "🕵🏽\u200d♂️" },
		{ "🇩🇪", "🇩🇪" },
		{ "©", "©️" },
		{ "🛳", "🛳️" },
		{ "葛\ufe00", "葛\ufe00" },
		{ "0123456789012345678901234567890123456\ufe0e\ufe0f",
		  "0123456789012345678901234567890123456" },
	};
	char form[EMOJI_SIZE], again[EMOJI_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		CASE(emoji_form(forms[i][0], form), forms[i][0]);
		CASE(strcmp(form, forms[i][1]) == 0, forms[i][0]);
		CASE(emoji_form(form, again) && strcmp(form, again) == 0, form);
	}
}

static void
the_form_has_a_limit(void **state)
{
	char form[EMOJI_SIZE];

	(void)state;
	assert_true(emoji_form("❤❤❤❤❤❤", form));
	assert_false(emoji_form("❤❤❤❤❤❤❤", form)); /* 21 bytes, and 42 in that form */
	assert_false(emoji_form("0123456789012345678901234567890123456789❤", form));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emoji_and_short_words_will_do),
		cmocka_unit_test(nothing_blank_invisible_or_long_will),
		cmocka_unit_test(each_has_one_form),
		cmocka_unit_test(the_form_has_a_limit),
	};

	return cmocka_run_group_tests_name("emoji", tests, NULL, NULL);
}
