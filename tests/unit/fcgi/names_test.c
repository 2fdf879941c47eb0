#include "fcgi/names.h"
#include "tests/unit/test.h"

static const struct {
	const char *given, *text, *key; /* text NULL: refused */
	const char *code;
} logins[] = {
	{ "ann", "ann", "ann", NULL },
	{ "Ann_B-1.2", "Ann_B-1.2", "ann_b-1.2", NULL },
	{ "Жанна", "Жанна", "жанна", NULL },
	{ "Σίσυφος", "Σίσυφος", "σίσυφοσ", NULL },
	{ "straße", "straße", "strasse", NULL },
	{ "日本語", "日本語", "日本語", NULL },
	{ "ひらがなカタカナ漢字", "ひらがなカタカナ漢字", "ひらがなカタカナ漢字", NULL },
	{ "スーパー", "スーパー", "スーパー", NULL },
	{ "한국漢字", "한국漢字", "한국漢字", NULL },
	{ "हिन्दी", "हिन्दी", "हिन्दी", NULL },
	{ "42", "42", "42", NULL },
	/* NFKC: width and composition do not make another name */
	{ "ａｎｎ", "ann", "ann", NULL },
	{ "e\u0301lodie", "élodie", "élodie", NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
	{ "a", NULL, NULL, "too_short" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, NULL, "too_long" },
	{ "a b", NULL, NULL, "characters" },
	{ "a@b", NULL, NULL, "characters" },
	{ "a/b", NULL, NULL, "characters" },
	{ "ab\u202ec", NULL, NULL, "characters" },
	{ "ab\u200dc", NULL, NULL, "characters" },
	{ "ab\ac", NULL, NULL, "characters" },
	{ "a👍b", NULL, NULL, "characters" },
	{ "..", NULL, NULL, "characters" },
	{ "_-_", NULL, NULL, "characters" },
	{ "٣٤٥", NULL, NULL, "characters" },
	{ "аnn", NULL, NULL, "mixed_scripts" }, /* a Cyrillic а */
	{ "annж", NULL, NULL, "mixed_scripts" },
	{ "ひら한국", NULL, NULL, "mixed_scripts" },
	{ "日本abc", NULL, NULL, "mixed_scripts" },
	{ "\u0301\u0301", NULL, NULL, "mixed_scripts" }, /* marks without letters */
	{ "admin", NULL, NULL, "reserved" },
	{ "ＡＤＭＩＮ", NULL, NULL, "reserved" },
	{ "Админ", NULL, NULL, "reserved" },
	{ "no-reply", NULL, NULL, "reserved" },
};

static void
a_login_is_of_one_script_and_has_one_key(void **state)
{
	for (size_t i = 0; i < COUNT(logins); i++) {
		struct problem p = {};
		struct name name = {};
		bool good = names_read_login(*state, logins[i].given, &p, &name);

		CASE(good == (logins[i].text != NULL), logins[i].given);
		if (good) {
			CASE(strcmp(name.text, logins[i].text) == 0, logins[i].given);
			CASE(strcmp(name.key, logins[i].key) == 0, logins[i].given);
			CASE(strcmp(names_login_key(*state, logins[i].given), name.key) ==
				     0,
			     logins[i].given);
		} else {
			CASE(strcmp(p.errors[0].code, logins[i].code) == 0,
			     logins[i].given);
			CASE(strcmp(p.errors[0].field, "login") == 0, logins[i].given);
		}
	}
}

static const struct {
	const char *given;
	bool good;
} emails[] = {
	{ "a@b.example", true },	  { "Ann.B+tag@Sub.Example.org", true },
	{ "o'neil_x@b-c.example", true }, { "жанна@почта.рф", true },
	{ "ann@localhost", true },	  { "nobody", false },
	{ "@b.example", false },	  { "a@", false },
	{ "a@b@c.example", false },	  { ".a@b.example", false },
	{ "a.@b.example", false },	  { "a..b@c.example", false },
	{ "a@b..example", false },	  { "a@.example", false },
	{ "a@b.example.", false },	  { "a b@c.example", false },
	{ "a@b example", false },	  { "a@b.example\nBcc: c@d.example", false },
	{ "a\r@b.example", false },	  { "\"a b\"@c.example", false },
	{ "a@[127.0.0.1]", false },	  { "a\u202e@b.example", false },
	{ "a@b_c.example", false },
};

static void
an_email_is_an_address_that_a_header_can_hold(void **state)
{
	for (size_t i = 0; i < COUNT(emails); i++) {
		struct problem p = {};
		struct name name;

		CASE(names_read_email(*state, emails[i].given, &p, &name) ==
			     emails[i].good,
		     emails[i].given);
	}
}

static void
an_email_is_the_same_in_any_case(void **state)
{
	struct problem p = {};
	struct name name;

	assert_true(names_read_email(*state, "Жанна@Example.ORG", &p, &name));
	assert_string_equal(name.text, "Жанна@Example.ORG");
	assert_string_equal(name.key, names_email_key(*state, "жанна@example.org"));
}

static const struct {
	const char *given, *code; /* code NULL: fine */
} passwords[] = {
	{ "zq8-Lw4e", NULL },
	{ "correct horse battery staple", NULL },
	{ "сорок тысяч обезьян", NULL },
	{ "пароль от дома", NULL },
	{ "zq8-Lw4", "too_short" },
	{ "e\u0301e\u0301e\u0301e\u0301", "too_short" }, /* four é */
	{ "password", "common" },
	{ "Password", "common" },
	{ "PASSWORD123!", "common" },
	{ "password123", "common" },
	{ "Dragon2024", "common" },
	{ "qwertyuiop", "common" },
	{ "12345678", "common" },
	{ "987654321", "common" },
	{ "11111111", "common" },
	{ "abcabcabc", "common" },
	{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "common" },
	{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
	{ "abcdefghij", "common" },
	{ "1qaz2wsx", "common" },
	{ "йцукенгш", "common" },
	{ "Пароль123", "common" },
	{ "annabella_17", "same" },
	{ "ANNABELLA_17", "same" },
	{ "Ann@Example.org", "same" },
};

static void
a_password_is_long_and_not_what_is_guessed_first(void **state)
{
	for (size_t i = 0; i < COUNT(passwords); i++) {
		struct problem p = {};
		const char *out;
		bool good =
			names_read_password(*state, "password", passwords[i].given,
					    "annabella_17", "ann@example.org", &p, &out);

		CASE(good == !passwords[i].code, passwords[i].given);
		if (!good)
			CASE(strcmp(p.errors[0].code, passwords[i].code) == 0,
			     passwords[i].given);
	}
}

static void
a_password_is_measured_in_bytes_too(void **state)
{
	struct problem p = {};
	char long_one[1026] = "zq8-Lw4e";
	const char *out;

	memset(long_one + 8, '~', sizeof(long_one) - 9);
	assert_false(
		names_read_password(*state, "password", long_one, NULL, NULL, &p, &out));
	assert_string_equal(p.errors[0].code, "too_long");
	long_one[1024] = '\0';
	assert_true(
		names_read_password(*state, "password", long_one, NULL, NULL, &p, &out));
}

static void
a_password_is_the_same_composed_and_decomposed(void **state)
{
	assert_string_equal(names_password(*state, "cafe\u0301 noir"),
			    names_password(*state, "café noir"));
}

static void
words_have_one_key_however_they_are_typed(void **state)
{
	static const struct {
		const char *given, *key;
	} cases[] = {
		{ "Ann", "ann" },
		{ " Ann \t Lee ", "ann lee" },
		{ "ЖАННА\u00a0д'Арк", "жанна д'арк" },
		{ "李 小明", "李 小明" },
		{ "Straße ΣΊΣΥΦΟΣ", "strasse σίσυφοσ" },
		{ "ＡＢ\u3000Ｃ", "ab c" },
		{ "👍🏽", "👍🏽" },
		{ " \u2003\n", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(names_words_key(*state, cases[i].given),
				    cases[i].key);
	assert_null(names_words_key(*state, NULL));
}

static void
what_stands_before_the_at_is_no_password(void **state)
{
	struct problem p = {};
	const char *out;

	assert_false(names_read_password(*state, "password", "annabella", "x",
					 "Annabella@example.org", &p, &out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_login_is_of_one_script_and_has_one_key),
		T(an_email_is_an_address_that_a_header_can_hold),
		T(an_email_is_the_same_in_any_case),
		T(a_password_is_long_and_not_what_is_guessed_first),
		T(a_password_is_measured_in_bytes_too),
		T(words_have_one_key_however_they_are_typed),
		T(a_password_is_the_same_composed_and_decomposed),
		T(what_stands_before_the_at_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
