/* Which words of a text may be logins that it mentions. */
#include "shared/mentions.h"

#include "shared/fold.h"
#include "shared/text.h"
#include "tests/unit/test.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
logins_are_found_where_a_word_begins(void **state)
{
	static const struct {
		const char *text, *logins; /* NULL: none */
	} cases[] = {
		{ "hello", NULL },
		{ "", NULL },
		{ "@", NULL },
		{ "@ ann", NULL },
		{ "@a", NULL },
		{ "@ann", "ann" },
		{ "hello @ann!", "ann" },
		{ "@Ann, @BOB and @ann", "ann bob" },
		{ "(@ann)", "ann" },
		{ "@ann/@bob", "ann bob" },
		{ "@@ann", "ann" },
		{ "@ann's", "ann" },
		{ "write to ann@example.org", NULL },
		{ "ann_@example", NULL },
		{ "@ann@example.org", NULL },
		{ "жанна@пример.рф", NULL },
		{ "@Жанна привет", "жанна" },
		{ "你好@小明 再见", "小明" },
		{ "ありがとう@太郎", "太郎" },
		{ "👋@ann", "ann" },
		{ "@a.b-c_d", "a.b-c_d" },
		{ "Hello, @ann.", "ann. ann" },
		{ "@ann...", "ann... ann" },
		{ "@STRASSE @straße", "strasse" },
		{ "@ａｎｎ", "ann" },
		{ "@12345678901234567890123456789012",
		  "12345678901234567890123456789012" },
		{ "@123456789012345678901234567890123", NULL },
		{ "@aͺb", NULL }, /* its normal form has a space */
		{ "@ann\"\\{},NULL", "ann" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *found = mentions_find(arena, cases[i].text);

		if (!cases[i].logins && found)
			fail_msg("%s: found %s", cases[i].text, found);
		if (cases[i].logins)
			assert_string_equal(found, cases[i].logins);
	}
	assert_null(mentions_find(arena, NULL));
}

static void
at_most_fifty_are_looked_up(void **state)
{
	struct strbuf b = { .arena = arena };
	const char *found;
	int spaces = 0;

	(void)state;
	for (int i = 0; i < 2 * MENTIONS_MAX; i++)
		strbuf_printf(&b, "@user%d ", i);
	found = mentions_find(arena, b.data);
	for (const char *s = found; *s; s++)
		spaces += *s == ' ';
	assert_int_equal(spaces, MENTIONS_MAX - 1);
	assert_true(text_starts(found, "user0 user1 "));
}

static void
logins_are_the_same_whatever_their_case_and_form(void **state)
{
	(void)state;
	assert_string_equal(fold_login(arena, "Ann"), "ann");
	assert_string_equal(fold_login(arena, "ЖАННА"), "жанна");
	assert_string_equal(fold_login(arena, "e\u0301"), "\u00e9");
	assert_string_equal(fold_login(arena, "\ufb01"), "fi");
	assert_string_equal(fold_login(arena, ""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins_are_found_where_a_word_begins),
		cmocka_unit_test(at_most_fifty_are_looked_up),
		cmocka_unit_test(logins_are_the_same_whatever_their_case_and_form),
	};

	return cmocka_run_group_tests_name("mentions", tests, setup, teardown);
}
