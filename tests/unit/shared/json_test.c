#include <math.h>

#include "shared/json.h"
#include "tests/unit/test.h"

enum { DEPTH = 8 };

static enum err
parse(struct arena *a, const char *text, size_t len, struct json **out)
{
	struct problem p = {};
	enum err e = json_parse(a, text, len, DEPTH, &p, out);

	assert_true(e == OK || (e == ERR_MALFORMED && p.detail));
	return e;
}

static struct json *
parsed(struct arena *a, const char *text)
{
	struct json *v = NULL;

	CASE(parse(a, text, strlen(text), &v) == OK, text);
	return v;
}

static const struct {
	const char *text, *printed; /* NULL: as it was */
} good[] = {
	{ "{}", NULL },
	{ "[]", NULL },
	{ "null", NULL },
	{ "true", NULL },
	{ "-12", NULL },
	{ "\"x\"", NULL },
	{ " { \"a\" : [ 1 , 2.5 , null ] } \n", "{\"a\":[1,2.5,null]}" },
	{ "{\"a\":{\"b\":{\"c\":[]}}}", NULL },
	{ "9223372036854775807", NULL },
	{ "-9223372036854775808", NULL },
	{ "0.1", NULL },
	{ "1e3", NULL },
	{ "1E-3", NULL },
	{ "-0", "0" },
	{ "\"\\u0041\\n\\/\"", "\"A\\n/\"" },
	{ "\"\\ud83d\\ude00\"", "\"😀\"" },
	{ "\"\\ud836\\ude00\\uD836\\uDE00x\"", "\"𝨀𝨀x\"" }, /* U+1DA00 */
	{ "\"\\ud837\\ude00\"", "\"\xf0\x9d\xb8\x80\"" },
	{ "\"\\udbff\\udfff\"", "\"\xf4\x8f\xbf\xbf\"" },
	{ "\"\\\\ud83d\"", NULL },
	{ "{\"\\ud83d\\ude00\":1}", "{\"😀\":1}" },
	{ "\"привет\"", NULL },
	{ "{\"a\":1,\"A\":2}", NULL },
	{ "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}", NULL },
	{ "{\"\":1}", NULL },
	{ "[[[[[[[[]]]]]]]]", NULL },
};

static void
json_is_read_and_printed_compactly(void **state)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *expected = good[i].printed ? good[i].printed : good[i].text;
		size_t len = 0;
		const char *s = json_print(*state, parsed(*state, good[i].text), &len);

		CASE(strcmp(s, expected) == 0, good[i].text);
		CASE(len == strlen(expected), good[i].text);
	}
}

static const char *const bad[] = {
	"",
	" ",
	"{",
	"}",
	"[1",
	"[1,]",
	"[,1]",
	"[1 2]",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{,}",
	"{a:1}",
	"{'a':1}",
	"{\"a\" 1}",
	"{\"a\":1 \"b\":2}",
	"{1:2}",
	"tru",
	"True",
	"nul",
	"NaN",
	"Infinity",
	"-Infinity",
	"undefined",
	"01",
	"-",
	"-01",
	"+1",
	".5",
	"1.",
	"1.e3",
	"1e",
	"1e+",
	"0x10",
	"9223372036854775808",
	"-9223372036854775809",
	"99999999999999999999999999",
	"1e999",
	"\"",
	"\"a",
	"\"a\nb\"",
	"\"a\tb\"",
	"\"\\x41\"",
	"\"\\",
	"\"\\u12\"",
	"\"\\u12g4\"",
	"{\"a\\u0000b\":1}",
	"\"\\ud83d\"",
	"\"\\ud83dx\"",
	"\"\\ud83d\\n\"",
	"\"\\ud83d\\u0041\"",
	"\"\\ude00\"",
	"\"\xff\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"{} {}",
	"{}x",
	"1 2",
	"[] // note",
	"/* note */ []",
	"{\"a\":1,\"a\":2}",
	"{\"a\":1,\"\\u0061\":2}",
	"[{\"b\":{\"a\":null,\"x\":1,\"a\":null}}]",
	"[[[[[[[[[]]]]]]]]]",
	"\xef\xbb\xbf{}",
};

static void
what_is_not_strict_json_is_malformed(void **state)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct json *v = NULL;

		CASE(parse(*state, bad[i], strlen(bad[i]), &v) == ERR_MALFORMED, bad[i]);
		CASE(v == NULL, bad[i]);
	}
}

static void
a_text_with_a_nul_is_named_by_its_place(void **state)
{
	static const char text[] =
		"{\"a\": \"\\u0000\", \"b\": {\"c\": [1, \"x\\u0000\"]},"
		" \"d\": \"\\\\u0000\"}";
	struct problem p = {};
	struct json *v = NULL;

	assert_int_equal(json_parse(*state, text, strlen(text), 8, &p, &v), ERR_INVALID);
	assert_string_equal(json_text_of(json_get(v, "d")), "\\u0000");
	assert_int_equal(p.error_count, 2);
	assert_string_equal(p.errors[0].field, "a");
	assert_string_equal(p.errors[1].field, "b.c[1]");
	assert_int_equal(json_parse(*state, text, strlen(text), 8, NULL, &v),
			 ERR_INVALID);
}

static void
only_the_given_bytes_are_read(void **state)
{
	struct json *v = NULL;

	assert_int_equal(parse(*state, "123", 2, &v), OK);
	assert_int_equal(json_int_of(v), 12);
	assert_int_equal(parse(*state, "{}\0", 3, &v), ERR_MALFORMED);
	assert_int_equal(parse(*state, "\"a\0b\"", 5, &v), ERR_MALFORMED);
	assert_int_equal(parse(*state, "\0", 1, &v), ERR_MALFORMED);
}

static void
a_text_of_brackets_does_not_overflow_the_stack(void **state)
{
	size_t len = 1000000;
	char *text = malloc(len);
	struct json *v;

	memset(text, '[', len);
	assert_int_equal(parse(*state, text, len, &v), ERR_MALFORMED);
	free(text);
}

static void
the_reason_names_the_byte(void **state)
{
	struct problem p = {};
	struct json *v;

	assert_int_equal(json_parse(*state, "[1,]", 4, DEPTH, &p, &v), ERR_MALFORMED);
	assert_string_equal(p.detail, "Not JSON, at byte 3: A value is missing.");
}

static void
null_is_told_from_absent(void **state)
{
	struct json *v = parsed(*state, "{\"a\":null}");

	assert_non_null(json_get(v, "a"));
	assert_int_equal(json_kind_of(json_get(v, "a")), JSON_NULL);
	assert_null(json_get(v, "b"));
	assert_int_equal(json_kind_of(NULL), JSON_NULL);
	assert_int_equal(json_kind_of(parsed(*state, "null")), JSON_NULL);
	assert_int_equal(json_kind_of(json_at(parsed(*state, "[null]"), 0)), JSON_NULL);
}

static void
values_of_another_kind_read_as_nothing(void **state)
{
	struct json *v =
		parsed(*state, "{\"t\":\"x\",\"i\":7,\"r\":1.5,\"b\":true,\"a\":[1]}");

	assert_string_equal(json_text_of(json_get(v, "t")), "x");
	assert_null(json_text_of(json_get(v, "i")));
	assert_int_equal(json_int_of(json_get(v, "i")), 7);
	assert_int_equal(json_int_of(json_get(v, "t")), 0);
	assert_true(json_real_of(json_get(v, "r")) == 1.5);
	assert_true(json_real_of(json_get(v, "i")) == 7);
	assert_true(json_bool_of(json_get(v, "b")));
	assert_false(json_bool_of(json_get(v, "i")));
	assert_int_equal(json_count(v), 5);
	assert_int_equal(json_count(json_get(v, "a")), 1);
	assert_int_equal(json_count(json_get(v, "t")), 0);
	assert_null(json_at(json_get(v, "a"), 1));
	assert_null(json_at(v, 0));
	assert_null(json_get(json_get(v, "a"), "x"));
	assert_null(json_text_of(NULL));
}

static void
note_key(const char *key, struct json *value, void *arg)
{
	strcat(arg, key);
	strcat(arg, json_kind_of(value) == JSON_NULL ? "0" : "1");
}

static void
members_come_in_their_order(void **state)
{
	char seen[16] = "";

	json_each(parsed(*state, "{\"b\":1,\"a\":null,\"c\":[]}"), note_key, seen);
	assert_string_equal(seen, "b1a0c1");
	json_each(parsed(*state, "[1]"), note_key, seen);
	assert_string_equal(seen, "b1a0c1");
}

static void
everything_can_be_written(void **state)
{
	struct arena *a = *state;
	struct json *o = json_object_in(a), *list = json_array_in(a),
		    *inside = json_object_in(a);

	json_put_text(o, "text", "a\"b/\n\xd0\xbf");
	json_put_text(o, "none", NULL);
	json_put_int(o, "int", INT64_MIN);
	json_put_bool(o, "bool", true);
	json_put_null(o, "null");
	json_put_time(o, "time", 1);
	json_put_time(o, "never", 0);
	json_put_raw(o, "raw", "{\"x\": 1}");
	json_put_raw(o, "no_raw", NULL);
	json_push_text(list, "x");
	json_push_text(list, NULL);
	json_push(list, inside);
	json_push(list, NULL);
	json_put(o, "list", list);
	json_put(o, "nobody", NULL);
	assert_string_equal(
		json_print(a, o, NULL),
		"{\"text\":\"a\\\"b/\\n\xd0\xbf\",\"none\":null,\"int\":-9223372036854775808,"
		"\"bool\":true,\"null\":null,\"time\":\"1970-01-01T00:00:00.001Z\","
		"\"never\":null,\"raw\":{\"x\": 1},\"no_raw\":null,"
		"\"list\":[\"x\",null,{},null],\"nobody\":null}");
}

static void
numbers_are_written_shortly_and_exactly(void **state)
{
	static const struct {
		double value;
		const char *text;
	} numbers[] = { { 0.1, "0.1" },
			{ 55.7558, "55.7558" },
			{ 1.0 / 3, "0.33333333333333331" },
			{ 1e300, "1e+300" },
			{ NAN, "null" },
			{ INFINITY, "null" } };

	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct json *o = json_object_in(*state);

		json_put_real(o, "n", numbers[i].value);
		assert_string_equal(json_print(*state, o, NULL),
				    arena_printf(*state, "{\"n\":%s}", numbers[i].text));
	}
}

static void
every_character_is_written_so_that_it_reads_the_same(void **state)
{
	char all[] = " 0123456789012345678901234567890123";
	struct json *o = json_object_in(*state), *again;

	for (char c = 1; c < 0x20; c++)
		all[(int)c] = c;
	json_put_text(o, "a\"\\", all);
	assert_string_equal(
		json_print(*state, o, NULL),
		"{\"a\\\"\\\\\":\" \\u0001\\u0002\\u0003\\u0004\\u0005\\u0006"
		"\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011"
		"\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a"
		"\\u001b\\u001c\\u001d\\u001e\\u001f123\"}");
	again = parsed(*state, json_print(*state, o, NULL));
	assert_string_equal(json_text_of(json_get(again, "a\"\\")), all);
}

/* How many bytes a character takes in a JSON string. */
static size_t
written_size(char c)
{
	if (strchr("\"\\\b\f\n\r\t", c))
		return 2;
	return (unsigned char)c < 0x20 ? 6 : 1;
}

static void
a_character_is_escaped_wherever_it_stands_and_no_other(void **state)
{
	static const char around[] = "\xc3\xa9\x7f x!#[]\xf0\x9f\x98\x80~/ \xc2\x80";

	for (char c = 1; c < 0x7f; c++) {
		for (size_t at = 0; at < sizeof(around); at++) {
			struct json *list = json_array_in(*state);
			const char *text, *printed;
			size_t len;

			if (((unsigned char)around[at] & 0xc0) == 0x80)
				continue; /* inside a character */
			text = arena_printf(*state, "%.*s%c%s", (int)at, around, c,
					    around + at);
			json_push_text(list, text);
			printed = json_print(*state, list, &len);
			assert_int_equal(len, strlen("[\"\"]") + strlen(around) +
						      written_size(c));
			list = parsed(*state, printed);
			assert_string_equal(json_text_of(json_at(list, 0)), text);
		}
	}
}

static void
what_people_read_is_in_lines(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[1,true]},\"c\":{},\"d\":[]}";

	assert_string_equal(
		json_print_readable(*state, parsed(*state, text)),
		"{\n  \"a\": {\n    \"b\": [\n      1,\n      true\n    ]\n  },"
		"\n  \"c\": {},\n  \"d\": []\n}");
}

static void
a_list_takes_as_much_as_there_is(void **state)
{
	struct json *list = json_array_in(*state);
	char item[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(item, sizeof(item), "%d", i);
		json_push_text(list, item);
	}
	assert_int_equal(json_count(list), 1000);
	assert_string_equal(json_text_of(json_at(list, 0)), "0");
	assert_string_equal(json_text_of(json_at(list, 512)), "512");
	assert_string_equal(json_text_of(json_at(list, 999)), "999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(json_is_read_and_printed_compactly),
		T(what_is_not_strict_json_is_malformed),
		T(a_text_with_a_nul_is_named_by_its_place),
		T(only_the_given_bytes_are_read),
		T(a_text_of_brackets_does_not_overflow_the_stack),
		T(the_reason_names_the_byte),
		T(null_is_told_from_absent),
		T(values_of_another_kind_read_as_nothing),
		T(members_come_in_their_order),
		T(everything_can_be_written),
		T(numbers_are_written_shortly_and_exactly),
		T(every_character_is_written_so_that_it_reads_the_same),
		T(a_character_is_escaped_wherever_it_stands_and_no_other),
		T(what_people_read_is_in_lines),
		T(a_list_takes_as_much_as_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
