#include "fcgi/form.h"
#include "tests/unit/test.h"

struct note {
	struct body_head head;
	const char *text;
	struct uuid room_id;
};

static const struct body note = BODY(
	struct note, FIELD_TEXT(struct note, text, OPTIONAL, 1, 100, .also = "content"),
	FIELD_ID(struct note, room_id, OPTIONAL, .also = "room,chat_id"));

static const struct {
	const char *body;
	bool is_form;
} rule[] = {
	{ "text=hello", true },
	{ "text=", true },
	{ "content=hello&x=1", true },
	{ "te%78t=hello", true },
	{ "room=x&text=y", true },
	{ "chat_id=x", true },
	{ "load=93% & rising", false },
	{ "text", false },
	{ "text&room=x", false },
	{ "texts=1", false },
	{ "=x", false },
	{ "", false },
	{ "&text=x", false },
	{ "Text=x", false },
	{ "te%zzxt=x", false },
	{ "room,chat_id=x", false },
	{ "hello world", false },
};

static void
a_form_begins_with_a_known_field(void **state)
{
	for (size_t i = 0; i < COUNT(rule); i++)
		CASE(form_is_meant(*state, &note, rule[i].body, strlen(rule[i].body)) ==
			     rule[i].is_form,
		     rule[i].body);
}

static void
pairs_are_decoded_in_their_order(void **state)
{
	static const char text[] = "a=1+2&b=%D0%96%26&c&&=d&e=f=g";
	struct body_pair pairs[8];
	size_t count;

	assert_int_equal(form_parse(*state, text, strlen(text), 8, pairs, &count), OK);
	assert_int_equal(count, 5);
	assert_string_equal(pairs[0].value, "1 2");
	assert_string_equal(pairs[1].value, "Ж&");
	assert_string_equal(pairs[2].value, "");
	assert_string_equal(pairs[3].name, "");
	assert_string_equal(pairs[4].value, "f=g");
}

static void
broken_forms_are_malformed(void **state)
{
	static const char *const broken[] = { "a=%",   "a=%zz",	 "%=1",	     "a=%00",
					      "a=%ff", "a=\xff", "a=1&b=%d0" };
	struct body_pair pairs[8];
	size_t count;

	for (size_t i = 0; i < COUNT(broken); i++)
		CASE(form_parse(*state, broken[i], strlen(broken[i]), 8, pairs, &count) ==
			     ERR_MALFORMED,
		     broken[i]);
}

static void
too_many_pairs_are_malformed(void **state)
{
	struct body_pair pairs[2];
	size_t count;

	assert_int_equal(form_parse(*state, "a&b", 3, 2, pairs, &count), OK);
	assert_int_equal(form_parse(*state, "a&b&c", 5, 2, pairs, &count), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_form_begins_with_a_known_field),
		T(pairs_are_decoded_in_their_order),
		T(broken_forms_are_malformed),
		T(too_many_pairs_are_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
