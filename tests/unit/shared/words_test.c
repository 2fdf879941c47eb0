#include "shared/text.h"
#include "shared/words.h"
#include "tests/unit/test.h"

static const struct {
	const char *text, *folded;
} folds[] = {
	{ "", "" },
	{ " \t\n -- !? ", "" },
	{ "Hello, World", "hello world" },
	{ "Привет, МИР!", "привет мир" },
	{ "Ёлка и ёж", "елка и еж" },
	{ "ё in its two parts: е\u0308ж", "е in its two parts еж" },
	{ "за\u0301мок", "замок" },
	{ "Straße CAFÉ cafe\u0301", "strasse café café" },
	{ "ｆｕｌｌ ｗｉｄｔｈ ﬁne", "full width fine" },
	{ "foo-bar foo_bar 3.14", "foo bar foo bar 3 14" },
	{ "iPhone手机，好", "iphone 手机 好" },
	{ "日本語テスト", "日本語テスト" },
	{ "안녕 하세요", "안녕 하세요" },
	{ "go 🎉🎉now 👍🏽", "go 🎉🎉 now 👍" },
	{ "👨\u200d👩\u200d👧 ❤\ufe0f", "👨👩👧 ❤" },
	{ "co\u00adoperate", "cooperate" },
	{ "ΣΊΣΥΦΟΣ", "σίσυφοσ" },
	{ "İstanbul", "istanbul" },
};

static void
text_is_folded_to_words_without_case(void **state)
{
	for (size_t i = 0; i < COUNT(folds); i++) {
		const char *folded = words_fold(*state, folds[i].text);

		if (strcmp(folded, folds[i].folded) != 0)
			fail_msg("\"%s\" folds to \"%s\"", folds[i].text, folded);
		assert_string_equal(words_fold(*state, folded), folded);
	}
}

static const struct {
	const char *folded, *words;
} splits[] = {
	{ "", "" },
	{ "one two one", "one two one " },
	{ "手", "手 " },
	{ "手机好", "手 手机 机 机好 好 " },
	{ "go 🎉🎉 now", "go 🎉 🎉🎉 🎉 now " },
};

static const char *
joined(struct arena *a, struct word_list l)
{
	struct strbuf b = { .arena = a };

	strbuf_puts(&b, "");
	for (int i = 0; i < l.count; i++)
		strbuf_printf(&b, "%s ", l.items[i]);
	return b.data;
}

static void
dense_scripts_are_indexed_by_one_and_two_characters(void **state)
{
	for (size_t i = 0; i < COUNT(splits); i++)
		assert_string_equal(joined(*state, words_of(*state, splits[i].folded)),
				    splits[i].words);
}

static void
every_part_of_a_long_word_is_inside_a_piece(void **state)
{
	struct arena *a = *state;
	struct strbuf b = { .arena = a };
	struct word_list pieces;

	for (int i = 0; i < 8000; i++)
		strbuf_printf(&b, "%c", 'a' + (i * 7 + i / 26) % 26);
	pieces = words_of(a, b.data);
	for (int i = 0; i < pieces.count; i++)
		assert_in_range(text_length(pieces.items[i]), 1, WORDS_PIECE);
	for (size_t at = 0; at + WORDS_PART <= b.len; at += 13) {
		const char *part = arena_strndup(a, b.data + at, WORDS_PART);
		bool found = false;

		for (int i = 0; i < pieces.count; i++)
			found |= strstr(pieces.items[i], part) != NULL;
		assert_true(found);
	}
}

static const struct {
	const char *one, *other;
	bool same;
} stems[] = {
	{ "running", "run", true },	   { "connections", "connected", true },
	{ "книга", "книгами", true },	   { "встреча", "встречи", true },
	{ "красивый", "красивого", true }, { "книга", "кино", false },
	{ "run", "ruin", false },
};

static void
forms_of_a_word_have_one_stem(void **state)
{
	for (size_t i = 0; i < COUNT(stems); i++)
		CASE((strcmp(words_stem(*state, stems[i].one),
			     words_stem(*state, stems[i].other)) == 0) == stems[i].same,
		     stems[i].one);
}

static void
words_of_mixed_or_other_scripts_are_their_own_stems(void **state)
{
	static const char *const words[] = { "手", "runningи", "běžící", "abc123s",
					     "σίσυφοσ" };

	for (size_t i = 0; i < COUNT(words); i++)
		assert_string_equal(words_stem(*state, words[i]), words[i]);
}

static bool
holds_all(const int32_t *has, int count, const int32_t *wanted, int wanted_count)
{
	for (int i = 0; i < wanted_count; i++) {
		int j = 0;

		while (j < count && has[j] != wanted[i])
			j++;
		if (j == count)
			return false;
	}
	return true;
}

static void
a_word_has_the_grams_of_every_part(void **state)
{
	static const struct {
		const char *word, *part;
		int count;
	} cases[] = {
		{ "встреча", "треч", 2 }, { "встреча", "ча", 1 }, { "встреча", "а", 0 },
		{ "aaaaaa", "aaaa", 1 },  { "abc", "abc", 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int32_t *has, *wanted;
		int count = words_grams(*state, cases[i].word, false, &has);
		int wanted_count = words_grams(*state, cases[i].part, true, &wanted);

		CASE(wanted_count == cases[i].count, cases[i].part);
		CASE(holds_all(has, count, wanted, wanted_count), cases[i].part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(text_is_folded_to_words_without_case),
		T(dense_scripts_are_indexed_by_one_and_two_characters),
		T(every_part_of_a_long_word_is_inside_a_piece),
		T(forms_of_a_word_have_one_stem),
		T(words_of_mixed_or_other_scripts_are_their_own_stems),
		T(a_word_has_the_grams_of_every_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
