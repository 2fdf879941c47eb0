#include "shared/body.h"
#include "tests/unit/test.h"

static const char *const kinds[] = { "public", "group", "direct", NULL };

struct thing {
	struct body_head head;
	const char *name, *text, *key;
	struct uuid id;
	int kind;
	int64_t count, at;
	bool flag;
	struct id_list ids;
	struct body_texts scopes;
	struct json *data;
};

#define ID "0189dc4e-7b1a-4c3e-9f00-00000000abcd"

static const struct body thing = BODY(
	struct thing,
	FIELD_TEXT(struct thing, name, REQUIRED, 2, 5, .also = "title,label"),
	FIELD_TEXT(struct thing, text, OPTIONAL, 1, BODY_MAX_TEXT),
	FIELD_KEY(struct thing, key, OPTIONAL), FIELD_ID(struct thing, id, OPTIONAL),
	FIELD_ENUM(struct thing, kind, OPTIONAL, kinds,
		   .names_also = "private=direct,open=public"),
	FIELD_INT(struct thing, count, OPTIONAL, 2, 10, .about = "How many."),
	FIELD_TIME(struct thing, at, OPTIONAL), FIELD_BOOL(struct thing, flag, OPTIONAL),
	FIELD_IDS(struct thing, ids, OPTIONAL, 1, 3),
	FIELD_TEXTS(struct thing, scopes, OPTIONAL, 0, 3),
	FIELD_JSON(struct thing, data, OPTIONAL));

static enum err
read_json(struct arena *a, const char *text, struct problem *p, struct thing *out)
{
	struct json *v;

	assert_int_equal(json_parse(a, text, strlen(text), 8, p, &v), OK);
	return body_read_json(&thing, a, v, "type,ref", p, out);
}

static void
an_object_fills_the_struct(void **state)
{
	struct problem p = {};
	struct thing t;

	assert_int_equal(
		read_json(
			*state,
			"{\"name\":\"Anna\",\"text\":\"hi\",\"key\":\"k-1\",\"id\":\"" ID
			"\",\"kind\":\"group\",\"count\":7,\"at\":\"1970-01-01T00:00:01Z\","
			"\"flag\":true,\"ids\":[\"" ID
			"\"],\"scopes\":[\"read\",\"post\"],"
			"\"data\":{\"x\":1},\"type\":\"message\",\"ref\":7}",
			&p, &t),
		OK);
	assert_string_equal(t.name, "Anna");
	assert_string_equal(t.text, "hi");
	assert_string_equal(t.key, "k-1");
	assert_string_equal(t.id.text, ID);
	assert_int_equal(t.kind, 1);
	assert_int_equal(t.count, 7);
	assert_int_equal(t.at, 1000);
	assert_true(t.flag);
	assert_int_equal(t.ids.count, 1);
	assert_string_equal(t.ids.items[0].text, ID);
	assert_int_equal(t.scopes.count, 2);
	assert_string_equal(t.scopes.items[1], "post");
	assert_int_equal(json_int_of(json_get(t.data, "x")), 1);
	assert_true(body_given(&thing, &t, data));
}

/* One wrong field each: its name and the error code; "" if nothing is wrong. */
static const struct {
	const char *json, *field, *code;
} cases[] = {
	{ "{\"name\":\"ab\"}", "", "" },
	{ "{\"name\":\"дверь\"}", "", "" },
	{ "{\"title\":\"ab\"}", "", "" },
	{ "{\"label\":\"ab\"}", "", "" },
	{ "{}", "name", "required" },
	{ "{\"name\":null}", "name", "required" },
	{ "{\"name\":1}", "name", "type" },
	{ "{\"name\":[\"ab\"]}", "name", "type" },
	{ "{\"name\":\"a\"}", "name", "too_short" },
	{ "{\"title\":\"abcdef\"}", "title", "too_long" },
	{ "{\"name\":\"ab\",\"title\":\"ab\"}", "title", "duplicate" },
	{ "{\"name\":\"ab\",\"nmae\":\"x\"}", "nmae", "unknown" },
	{ "{\"name\":\"ab\",\"title,label\":\"x\"}", "title,label", "unknown" },
	{ "{\"name\":\"ab\",\"text\":\"\"}", "text", "too_short" },
	{ "{\"name\":\"ab\",\"text\":null}", "", "" },
	{ "{\"name\":\"ab\",\"key\":\"a b\"}", "key", "format" },
	{ "{\"name\":\"ab\",\"id\":\"7\"}", "id", "format" },
	{ "{\"name\":\"ab\",\"id\":7}", "id", "type" },
	{ "{\"name\":\"ab\",\"kind\":\"secret\"}", "kind", "choice" },
	{ "{\"name\":\"ab\",\"kind\":\"\"}", "kind", "choice" },
	{ "{\"name\":\"ab\",\"kind\":\"private\"}", "", "" },
	{ "{\"name\":\"ab\",\"kind\":\"private=direct,open\"}", "kind", "choice" },
	{ "{\"name\":\"ab\",\"count\":1}", "count", "too_small" },
	{ "{\"name\":\"ab\",\"count\":11}", "count", "too_large" },
	{ "{\"name\":\"ab\",\"count\":2.0}", "count", "type" },
	{ "{\"name\":\"ab\",\"count\":\"7\"}", "count", "type" },
	{ "{\"name\":\"ab\",\"at\":\"today\"}", "at", "format" },
	{ "{\"name\":\"ab\",\"flag\":1}", "flag", "type" },
	{ "{\"name\":\"ab\",\"flag\":\"true\"}", "flag", "type" },
	{ "{\"name\":\"ab\",\"ids\":[]}", "ids", "too_few" },
	{ "{\"name\":\"ab\",\"ids\":\"" ID "\"}", "ids", "type" },
	{ "{\"name\":\"ab\",\"ids\":[\"" ID "\",\"x\"]}", "ids[1]", "format" },
	{ "{\"name\":\"ab\",\"ids\":[7]}", "ids[0]", "type" },
	{ "{\"name\":\"ab\",\"ids\":[null]}", "ids[0]", "type" },
	{ "{\"name\":\"ab\",\"scopes\":[]}", "", "" },
	{ "{\"name\":\"ab\",\"scopes\":[\"a\",\"\"]}", "scopes[1]", "too_short" },
	{ "{\"name\":\"ab\",\"scopes\":[\"a\",\"b\",\"c\",\"d\"]}", "scopes",
	  "too_many" },
	{ "{\"name\":\"ab\",\"data\":[]}", "data", "type" },
	{ "{\"name\":\"ab\",\"data\":\"{}\"}", "data", "type" },
};

static void
each_rule_has_its_word_and_names_the_field(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problem p = {};
		struct thing t;
		bool good = *cases[i].field == '\0';
		enum err e = read_json(*state, cases[i].json, &p, &t);

		CASE(e == (good ? OK : ERR_INVALID), cases[i].json);
		CASE(p.error_count == (good ? 0 : 1), cases[i].json);
		CASE(good || strcmp(p.errors[0].field, cases[i].field) == 0,
		     cases[i].json);
		CASE(good || strcmp(p.errors[0].code, cases[i].code) == 0, cases[i].json);
		CASE(good || strlen(p.errors[0].message) > 0, cases[i].json);
	}
}

static void
every_bad_field_is_named_at_once(void **state)
{
	struct problem p = {};
	struct thing t;

	assert_int_equal(read_json(*state, "{\"count\":1,\"flag\":7,\"odd\":1}", &p, &t),
			 ERR_INVALID);
	assert_int_equal(p.error_count, 4);
	assert_string_equal(p.errors[0].field, "count");
	assert_string_equal(p.errors[1].field, "flag");
	assert_string_equal(p.errors[2].field, "odd");
	assert_string_equal(p.errors[3].field, "name");
}

static void
an_unknown_name_is_told_shortened(void **state)
{
	struct problem p = {};
	struct thing t;
	char text[400] = "{\"name\":\"ab\",\"";

	memset(text + strlen(text), 'x', 300);
	strcat(text, "\":1}");
	assert_int_equal(read_json(*state, text, &p, &t), ERR_INVALID);
	assert_true(strlen(p.errors[0].field) < 80);
}

static void
an_array_is_no_body(void **state)
{
	struct problem p = {};
	struct thing t;

	assert_int_equal(read_json(*state, "[]", &p, &t), ERR_INVALID);
	assert_non_null(p.detail);
}

static void
given_cleared_and_absent_are_told_apart(void **state)
{
	struct problem p = {};
	struct thing t;

	assert_int_equal(read_json(*state, "{\"title\":\"ab\",\"count\":null}", &p, &t),
			 OK);
	assert_true(body_given(&thing, &t, name));
	assert_false(body_cleared(&thing, &t, name));
	assert_true(body_cleared(&thing, &t, count));
	assert_false(body_given(&thing, &t, count));
	assert_false(body_given(&thing, &t, text));
	assert_false(body_cleared(&thing, &t, text));
	assert_null(t.text);
}

static void
other_words_of_an_enum_mean_ours(void **state)
{
	struct problem p = {};
	struct thing t;

	assert_int_equal(
		read_json(*state, "{\"name\":\"ab\",\"kind\":\"private\"}", &p, &t), OK);
	assert_int_equal(t.kind, 2);
	assert_int_equal(read_json(*state, "{\"name\":\"ab\",\"kind\":\"open\"}", &p, &t),
			 OK);
	assert_int_equal(t.kind, 0);
}

static void
the_length_of_texts_is_a_setting(void **state)
{
	struct problem p = {};
	struct thing t;

	body_set_max_text(3);
	assert_int_equal(read_json(*state, "{\"name\":\"ab\",\"text\":\"😀😀😀\"}", &p, &t),
			 OK);
	assert_int_equal(read_json(*state, "{\"name\":\"ab\",\"text\":\"abcd\"}", &p, &t),
			 ERR_INVALID);
	body_set_max_text(8000);
}

static void
pairs_fill_the_same_struct(void **state)
{
	const struct body_pair pairs[] = {
		{ "title", "Anna" },	 { "count", "7" },
		{ "flag", "1" },	 { "kind", "private" },
		{ "ids", ID "," ID },	 { "scopes", "" },
		{ "data", "{\"x\":1}" }, { "at", "1970-01-01T00:00:01Z" },
	};
	struct problem p = {};
	struct thing t;

	assert_int_equal(body_read_pairs(&thing, *state, pairs, COUNT(pairs), &p, &t),
			 OK);
	assert_string_equal(t.name, "Anna");
	assert_int_equal(t.count, 7);
	assert_true(t.flag);
	assert_int_equal(t.kind, 2);
	assert_int_equal(t.ids.count, 2);
	assert_int_equal(t.scopes.count, 0);
	assert_int_equal(json_int_of(json_get(t.data, "x")), 1);
	assert_int_equal(t.at, 1000);
}

static const struct {
	struct body_pair pair;
	const char *code;
} bad_pairs[] = {
	{ { "count", "" }, "type" },	   { { "count", "x" }, "type" },
	{ { "count", "07" }, "type" },	   { { "count", "100" }, "too_large" },
	{ { "flag", "yes" }, "type" },	   { { "ids", "" }, "too_few" },
	{ { "ids", ID ",," }, "format" },  { { "data", "[]" }, "type" },
	{ { "data", "{" }, "type" },	   { { "odd", "1" }, "unknown" },
	{ { "name", "ab" }, "duplicate" },
};

static void
pairs_obey_the_same_rules(void **state)
{
	for (size_t i = 0; i < COUNT(bad_pairs); i++) {
		const struct body_pair pairs[] = { { "name", "ab" }, bad_pairs[i].pair };
		struct problem p = {};
		struct thing t;

		CASE(body_read_pairs(&thing, *state, pairs, 2, &p, &t) == ERR_INVALID,
		     bad_pairs[i].pair.value);
		CASE(p.error_count == 1, bad_pairs[i].pair.value);
		CASE(strcmp(p.errors[0].code, bad_pairs[i].code) == 0,
		     bad_pairs[i].pair.value);
	}
}

static void
a_table_knows_its_names(void **state)
{
	(void)state;
	assert_true(body_knows(&thing, "name"));
	assert_true(body_knows(&thing, "label"));
	assert_false(body_knows(&thing, "type"));
	assert_false(body_knows(&thing, ""));
}

static void
the_schema_says_the_same_rules(void **state)
{
	struct json *schema = body_schema(*state, &thing), *properties, *name, *kind;

	properties = json_get(schema, "properties");
	assert_int_equal(json_count(properties), 11);
	assert_string_equal(json_print(*state, json_get(schema, "required"), NULL),
			    "[\"name\"]");
	name = json_get(properties, "name");
	assert_string_equal(json_print(*state, name, NULL),
			    "{\"type\":\"string\",\"minLength\":2,\"maxLength\":5,"
			    "\"description\":\"Also accepted as: title,label.\"}");
	kind = json_get(properties, "kind");
	assert_string_equal(json_print(*state, kind, NULL),
			    "{\"type\":[\"string\",\"null\"],"
			    "\"enum\":[\"public\",\"group\",\"direct\",null]}");
	assert_string_equal(
		json_print(*state, json_get(properties, "count"), NULL),
		"{\"type\":[\"integer\",\"null\"],\"minimum\":2,\"maximum\":10,"
		"\"description\":\"How many.\"}");
	assert_string_equal(
		json_print(*state, json_get(properties, "ids"), NULL),
		"{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\","
		"\"format\":\"uuid\"},\"minItems\":1,\"maxItems\":3}");
	assert_int_equal(json_int_of(json_get(json_get(properties, "text"), "maxLength")),
			 8000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_object_fills_the_struct),
		T(each_rule_has_its_word_and_names_the_field),
		T(every_bad_field_is_named_at_once),
		T(an_unknown_name_is_told_shortened),
		T(an_array_is_no_body),
		T(given_cleared_and_absent_are_told_apart),
		T(other_words_of_an_enum_mean_ours),
		T(the_length_of_texts_is_a_setting),
		T(pairs_fill_the_same_struct),
		T(pairs_obey_the_same_rules),
		T(a_table_knows_its_names),
		T(the_schema_says_the_same_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
