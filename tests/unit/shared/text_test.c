#include "shared/text.h"
#include "tests/unit/test.h"

static const struct {
	const char *bytes;
	size_t len;
	bool valid;
} utf8[] = {
	{ "", 0, true },
	{ "plain", 5, true },
	{ "\0", 1, true }, /* U+0000 is UTF-8; others refuse it */
	{ "\xc2\x80", 2, true },
	{ "\xdf\xbf", 2, true },
	{ "\xe0\xa0\x80", 3, true },
	{ "\xed\x9f\xbf", 3, true },
	{ "\xee\x80\x80", 3, true },
	{ "\xf0\x90\x80\x80", 4, true },
	{ "\xf4\x8f\xbf\xbf", 4, true },
	{ "\x80", 1, false },
	{ "\xbf", 1, false },
	{ "\xc0\x80", 2, false }, /* overlong */
	{ "\xc1\xbf", 2, false },
	{ "\xe0\x9f\xbf", 3, false },
	{ "\xf0\x8f\xbf\xbf", 4, false },
	{ "\xed\xa0\x80", 3, false }, /* a surrogate */
	{ "\xed\xbf\xbf", 3, false },
	{ "\xf4\x90\x80\x80", 4, false }, /* above U+10FFFF */
	{ "\xf5\x80\x80\x80", 4, false },
	{ "\xff", 1, false },
	{ "\xc2", 1, false }, /* cut */
	{ "\xe2\x82", 2, false },
	{ "\xf0\x9f\x98", 3, false },
	{ "\xc2\x41", 2, false },
	{ "\xe2\x82\x41", 3, false },
	{ "\xf0\x9f\x98\x41", 4, false },
	{ "ok\xfe", 3, false },
};

static void
utf8_is_what_rfc_3629_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(utf8); i++)
		CASE(text_is_utf8(utf8[i].bytes, utf8[i].len) == utf8[i].valid,
		     utf8[i].bytes);
}

static void
every_code_point_is_read_back(void **state)
{
	static const struct {
		const char *text;
		uint32_t c;
	} points[] = { { "A", 0x41 },
		       { "\xc3\xa9", 0xe9 },
		       { "\xe2\x82\xac", 0x20ac },
		       { "\xf0\x9f\x98\x80", 0x1f600 } };
	uint32_t c = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		CASE(text_next(points[i].text, 4, &c) == strlen(points[i].text),
		     points[i].text);
		CASE(c == points[i].c, points[i].text);
	}
	assert_int_equal(text_next("\xff", 1, &c), 0);
	assert_int_equal(text_next("", 0, &c), 0);
}

static void
length_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_length(""), 0);
	assert_int_equal(text_length("привет"), 6);
	assert_int_equal(text_length("a😀"), 2);
}

static void
clipping_keeps_whole_characters(void **state)
{
	struct arena *a = *state;

	assert_string_equal(text_clip(a, "привет", 6), "привет");
	assert_string_equal(text_clip(a, "привет", 3), "при…");
	assert_string_equal(text_clip(a, "привет", 0), "…");
	assert_string_equal(text_clip(a, "", 0), "");
}

static void
a_word_is_listed_only_whole(void **state)
{
	(void)state;
	assert_true(text_is_listed("one,two", "one"));
	assert_true(text_is_listed("one,two", "two"));
	assert_false(text_is_listed("one,two", "on"));
	assert_false(text_is_listed("one,two", "ones"));
	assert_false(text_is_listed("one,two", "one,two"));
	assert_false(text_is_listed("one,two", ""));
	assert_false(text_is_listed("", "one"));
	assert_false(text_is_listed(NULL, "one"));
}

static void
a_prefix_is_compared_with_case(void **state)
{
	(void)state;
	assert_true(text_starts("/api/v1", "/api"));
	assert_false(text_starts("/ap", "/api"));
	assert_false(text_starts("/API/v1", "/api"));
}

static void
keys_are_short_and_plain(void **state)
{
	char long_key[66];

	(void)state;
	memset(long_key, 'x', 65);
	long_key[65] = '\0';
	assert_true(text_is_key("a"));
	assert_true(text_is_key("AZaz09._-"));
	assert_true(text_is_key(long_key + 1));
	assert_false(text_is_key(long_key));
	assert_false(text_is_key(""));
	assert_false(text_is_key("a b"));
	assert_false(text_is_key("é"));
	assert_false(text_is_key("a/b"));
}

static void
a_name_is_one_line_with_something_to_see(void **state)
{
	static const char *const good[] = { "a",	" a ",	       "дверь",
					    "☕",	"👩‍👧", "\u200e\u05d0",
					    "a\u200bb", "ᄒ\u1160",    "⠓⠊" };
	static const char *const bad[] = {
		"",	" ",	  "\t",		  "\u200b\u00a0",  "a\nb",
		"a\tb", "\x7f a", "a\xc2\x85",	  "a\u2028",	   "\u202e",
		"\xff", "\u3164", "\u200d\ufe0f", "\u2800 \u2800", "\U000e0061"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		CASE(text_is_name(good[i]), good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(!text_is_name(bad[i]), bad[i]);
}

static void
a_name_leaves_the_writing_direction_as_it_was(void **state)
{
	static const char *const bad[] = { "a\u202eb", "\u202aa\u202c", "\u2067a",
					   "a\u2069", "\u2069a\u2066" };

	(void)state;
	CASE(text_is_name("\u2067\u05d0\u2069 \u2068b\u2069"), "isolates");
	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(!text_is_name(bad[i]), bad[i]);
}

static const struct {
	const char *text;
	bool good;
	int64_t value;
} numbers[] = {
	{ "0", true, 0 },
	{ "-1", true, -1 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ "-0", false, 0 },
	{ "+1", false, 0 },
	{ "01", false, 0 },
	{ "-01", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "1.0", false, 0 },
	{ "0x10", false, 0 },
	{ "1e3", false, 0 },
};

static void
numbers_are_plain_decimals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		int64_t value = 77;
		enum err e = text_to_int(numbers[i].text, &value);

		CASE((e == OK) == numbers[i].good, numbers[i].text);
		CASE(value == (numbers[i].good ? numbers[i].value : 77), numbers[i].text);
	}
}

static const struct {
	const char *text;
	bool plus;
	const char *decoded;
} urls[] = {
	{ "", true, "" },
	{ "a%20b", false, "a b" },
	{ "a+b", true, "a b" },
	{ "a+b", false, "a+b" },
	{ "%2B+%2b", true, "+ +" },
	{ "%D0%BF", false, "п" },
	{ "100%25", false, "100%" },
	{ "%", false, NULL },
	{ "%4", false, NULL },
	{ "%4g", false, NULL },
	{ "%00", false, NULL },
	{ "%ff", false, NULL },
	{ "%D0", false, NULL },
	{ "%C0%80", false, NULL },
};

static void
percent_escapes_are_decoded_or_refused(void **state)
{
	for (size_t i = 0; i < COUNT(urls); i++) {
		const char *s = text_url_decode(*state, urls[i].text,
						strlen(urls[i].text), urls[i].plus);

		CASE((s != NULL) == (urls[i].decoded != NULL), urls[i].text);
		CASE(!s || strcmp(s, urls[i].decoded) == 0, urls[i].text);
	}
	assert_string_equal(text_url_decode(*state, "%41%42", 3, false), "A");
	assert_null(text_url_decode(*state, "%41", 2, false));
	assert_null(text_url_decode(*state, "a\0b", 3, false));
}

static void
hex_goes_there_and_back(void **state)
{
	unsigned char bytes[3] = { 0x00, 0xaf, 0xff }, back[3];
	char hex[7];

	(void)state;
	text_hex(bytes, 3, hex);
	assert_string_equal(hex, "00afff");
	assert_int_equal(text_unhex("00AFff", back, 3), OK);
	assert_memory_equal(bytes, back, 3);
	assert_int_equal(text_unhex("00afff0", back, 3), ERR_INVALID);
	assert_int_equal(text_unhex("00aff", back, 3), ERR_INVALID);
	assert_int_equal(text_unhex("00affg", back, 3), ERR_INVALID);
}

/* RFC 4648 section 10, without padding. */
static const struct {
	const char *bytes, *text;
} base64[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "-__-" },
};

static void
base64url_goes_there_and_back(void **state)
{
	size_t len;

	for (size_t i = 0; i < COUNT(base64); i++) {
		const char *bytes = base64[i].bytes, *text = base64[i].text;
		const char *back;

		CASE(strcmp(text_base64url(*state, bytes, strlen(bytes)), text) == 0,
		     text);
		back = text_unbase64url(*state, text, strlen(text), &len);
		CASE(back && len == strlen(bytes) && strcmp(back, bytes) == 0, text);
	}
}

static void
base64_is_padded(void **state)
{
	static const struct {
		const char *bytes, *text;
	} padded[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+" },
	};

	for (size_t i = 0; i < COUNT(padded); i++)
		CASE(strcmp(text_base64(*state, padded[i].bytes, strlen(padded[i].bytes)),
			    padded[i].text) == 0,
		     padded[i].text);
}

static void
base64url_has_one_text_for_its_bytes(void **state)
{
	static const char *const wrong[] = { "Z",    "Zh",   "Zm9", "Zg==", "Zm8=",
					     "Zm+v", "Zm/v", "Z g", "Zm9vY" };
	size_t len;

	for (size_t i = 0; i < COUNT(wrong); i++)
		CASE(!text_unbase64url(*state, wrong[i], strlen(wrong[i]), &len),
		     wrong[i]);
	assert_null(text_unbase64url(*state, "Zg\0", 3, &len));
}

static void
secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(text_equal_secret("abc", "abc"));
	assert_true(text_equal_secret("", ""));
	assert_false(text_equal_secret("abc", "abd"));
	assert_false(text_equal_secret("abc", "ab"));
	assert_false(text_equal_secret("", "a"));
}

static void
a_strbuf_grows(void **state)
{
	struct strbuf b = { .arena = *state };

	strbuf_add(&b, "", 0);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 1000; i++)
		strbuf_printf(&b, "%d,", i % 10);
	strbuf_puts(&b, "end");
	strbuf_add(&b, "!?", 1);
	assert_int_equal(b.len, 2004);
	assert_int_equal(strlen(b.data), 2004);
	assert_string_equal(b.data + 1996, "8,9,end!");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(utf8_is_what_rfc_3629_says),
		T(every_code_point_is_read_back),
		T(length_counts_code_points),
		T(clipping_keeps_whole_characters),
		T(a_word_is_listed_only_whole),
		T(a_prefix_is_compared_with_case),
		T(keys_are_short_and_plain),
		T(a_name_is_one_line_with_something_to_see),
		T(a_name_leaves_the_writing_direction_as_it_was),
		T(numbers_are_plain_decimals),
		T(percent_escapes_are_decoded_or_refused),
		T(hex_goes_there_and_back),
		T(base64url_goes_there_and_back),
		T(base64_is_padded),
		T(base64url_has_one_text_for_its_bytes),
		T(secrets_are_compared_whole),
		T(a_strbuf_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
