#include "fcgi/search_query.h"
#include "shared/text.h"
#include "tests/unit/test.h"

static const struct {
	const char *q, *text;
	bool matches;
} cases[] = {
	/* words */
	{ "world hello", "Hello, World!", true },
	{ "hello moon", "Hello, World!", false },
	{ "книги", "Прочитал книгу вчера", true },
	{ "connecting", "It is connected", true },
	{ "треч", "Встречаемся в семь", true },
	{ "ели", "Ёлки и ели", true },
	{ "елка", "Ёлки", true },
	{ "机", "我的手机坏了", true },
	{ "手机", "我的手机坏了", true },
	{ "手坏", "我的手机坏了", false },
	{ "🎉", "done 🎉🎉", true },
	{ "foo-bar", "foo bar baz", true },
	{ "foo-bar", "bar foo", false },
	{ "3.14", "pi is 3.14159", true },
	/* phrases */
	{ "\"new york\"", "In New York City", true },
	{ "\"new york\"", "York is new", false },
	{ "\"new york\"", "renew yorker", false },
	{ "\"книги\"", "эта книга", false },
	{ "«красная площадь»", "Где Красная площадь?", true },
	{ "“手机”", "我的手机坏了", true },
	{ "\"new york", "In New York City", true },
	{ "\"york", "In New York City", true },
	/* not */
	{ "new -york", "New York", false },
	{ "new -york", "new shoes", true },
	{ "new -\"york city\"", "new york town", true },
	{ "new -\"york city\"", "new york city", false },
	{ "кот -собака", "кот и собаки", false },
	{ "a - b", "a b", true },
	/* nothing to search for */
	{ "hello !!! ...", "hello", true },
};

static void
a_text_matches_what_it_was_asked_for(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct search_query q;

		assert_int_equal(search_parse(*state, cases[i].q, &q), OK);
		CASE(search_matches(*state, &q, cases[i].text) == cases[i].matches,
		     cases[i].q);
	}
}

static void
what_says_nothing_is_refused(void **state)
{
	static const char *const empty[] = {
		"", "  ", "-", "...", "-word", "\"\"", "-\"a phrase\" -b", "\"", "!?"
	};
	struct search_query q;

	for (size_t i = 0; i < COUNT(empty); i++)
		CASE(search_parse(*state, empty[i], &q) == ERR_INVALID, empty[i]);
	assert_int_equal(search_parse(*state, "a b c d e f g h i j k l m n o p q", &q),
			 ERR_TOO_MANY);
}

/* A text that matches must have a word of each slot; otherwise the index would miss
 * it. */
static bool
has_slot(struct arena *a, const struct search_slot *slot, const char *text)
{
	struct word_list words = words_of(a, words_fold(a, text));

	for (int i = 0; i < words.count; i++) {
		if (slot->word && strcmp(words.items[i], slot->word) == 0)
			return true;
		if (slot->part && strstr(words.items[i], slot->part))
			return true;
		if (slot->stem && strcmp(words_stem(a, words.items[i]), slot->stem) == 0)
			return true;
	}
	return false;
}

static void
the_index_is_asked_for_nothing_that_a_match_may_lack(void **state)
{
	struct search_slot slots[SEARCH_SLOTS_MAX];
	struct search_query q;

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!cases[i].matches)
			continue;
		assert_int_equal(search_parse(*state, cases[i].q, &q), OK);
		for (int count = search_slots(*state, &q, slots); count > 0; count--)
			CASE(has_slot(*state, &slots[count - 1], cases[i].text),
			     cases[i].q);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_text_matches_what_it_was_asked_for),
		T(what_says_nothing_is_refused),
		T(the_index_is_asked_for_nothing_that_a_match_may_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
