#include "shared/uuid.h"
#include "tests/unit/test.h"

enum { PLACES = 20000 };

static const int64_t largest = ((int64_t)1 << 61) - 1;

static const struct {
	const char *text, *parsed; /* NULL: refused */
} cases[] = {
	{ "0189dc4e-7b1a-4c3e-9f00-00000000abcd",
	  "0189dc4e-7b1a-4c3e-9f00-00000000abcd" },
	{ "0189DC4E-7B1A-4C3E-9F00-00000000ABCD",
	  "0189dc4e-7b1a-4c3e-9f00-00000000abcd" },
	{ "00000000-0000-0000-0000-000000000000",
	  "00000000-0000-0000-0000-000000000000" },
	{ "ffffffff-ffff-ffff-ffff-ffffffffffff",
	  "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ "", NULL },
	{ "0189dc4e7b1a4c3e9f0000000000abcd", NULL },
	{ "0189dc4e-7b1a-4c3e-9f00-00000000abc", NULL },
	{ "0189dc4e-7b1a-4c3e-9f00-00000000abcde", NULL },
	{ "0189dc4e-7b1a-4c3e-9f00-00000000abcg", NULL },
	{ "0189dc4e-7b1a-4c3e-9f0000000000-abcd", NULL },
	{ "{0189dc4e-7b1a-4c3e-9f00-00000000abc", NULL },
	{ " 189dc4e-7b1a-4c3e-9f00-00000000abcd", NULL },
	{ "0189dc4e_7b1a_4c3e_9f00_00000000abcd", NULL },
	{ "-189dc4e-7b1a-4c3e-9f00-00000000abcd", NULL },
};

static void
the_36_characters_are_read_in_any_case_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct uuid u = { "untouched" };
		enum err e = uuid_parse(cases[i].text, &u);

		CASE((e == OK) == (cases[i].parsed != NULL), cases[i].text);
		CASE(uuid_is(cases[i].text) == (e == OK), cases[i].text);
		CASE(strcmp(u.text, e == OK ? cases[i].parsed : "untouched") == 0,
		     cases[i].text);
	}
}

static void
random_ids_are_version_4_and_differ(void **state)
{
	struct uuid a, b;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uuid_random(&a);
		uuid_random(&b);
		assert_true(uuid_is(a.text));
		assert_int_equal(a.text[14], '4');
		assert_non_null(strchr("89ab", a.text[19]));
		assert_string_not_equal(a.text, b.text);
	}
}

static void
there_and_back(uint64_t key, int64_t room_no, int64_t seq)
{
	struct uuid u;
	int64_t room_back = 0, seq_back = 0;

	uuid_of_message(key, room_no, seq, &u);
	assert_true(uuid_is(u.text));
	assert_int_equal(u.text[14], '8');
	assert_non_null(strchr("89ab", u.text[19]));
	assert_int_equal(uuid_to_message(key, u.text, &room_back, &seq_back), OK);
	assert_int_equal(room_back, room_no);
	assert_int_equal(seq_back, seq);
}

static void
a_message_id_leads_back_to_its_message(void **state)
{
	(void)state;
	for (uint64_t key = 0; key < 50; key++)
		for (int64_t room_no = 1; room_no < 20; room_no++)
			for (int64_t seq = 1; seq < 20; seq++)
				there_and_back(key * 0x123456789abcdef, room_no, seq);
	for (int bit = 0; bit < 61; bit++) {
		there_and_back(bit, (int64_t)1 << bit, largest);
		there_and_back(bit, largest, (int64_t)1 << bit);
	}
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static void
no_two_messages_share_an_id(void **state)
{
	static struct uuid ids[PLACES];

	(void)state;
	for (int i = 0; i < PLACES; i++)
		uuid_of_message(42, 1 + i % 100, 1 + i / 100, &ids[i]);
	qsort(ids, PLACES, sizeof(*ids), compare);
	for (int i = 1; i < PLACES; i++)
		assert_string_not_equal(ids[i - 1].text, ids[i].text);
}

/* Neighbours in the log have unrelated ids: of 122 bits about half differ. */
static void
ids_of_neighbours_look_unrelated(void **state)
{
	int differing = 0;

	(void)state;
	for (int64_t seq = 1; seq <= 1000; seq++) {
		struct uuid a, b;

		uuid_of_message(7, 3, seq, &a);
		uuid_of_message(7, 3, seq + 1, &b);
		for (int i = 0; i < UUID_TEXT_SIZE - 1; i++)
			differing += a.text[i] != b.text[i];
	}
	/* 30.5 of 32 digits are free, and two of those differ 15 times in 16. */
	assert_in_range(differing, 27000, 31000);
}

static void
another_key_gives_other_ids(void **state)
{
	struct uuid a, b;

	(void)state;
	uuid_of_message(1, 1, 1, &a);
	uuid_of_message(2, 1, 1, &b);
	assert_string_not_equal(a.text, b.text);
}

static void
places_out_of_range_have_no_id(void **state)
{
	static const int64_t wrong[] = { 0, -1, INT64_MIN, INT64_MAX, (int64_t)1 << 61 };
	struct uuid u;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		uuid_of_message(1, wrong[i], 1, &u);
		assert_string_equal(u.text, "");
		uuid_of_message(1, 1, wrong[i], &u);
		assert_string_equal(u.text, "");
	}
}

static void
what_is_no_message_id_is_not_found(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"0189dc4e-7b1a-4c3e-9f00-00000000abcd", /* version 4 */
		"0189dc4e-7b1a-8c3e-1f00-00000000abcd", /* another variant */
		"0189dc4e-7b1a-8c3e-df00-00000000abcd",
	};
	int64_t room_no = -7, seq = -7;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		CASE(uuid_to_message(1, texts[i], &room_no, &seq) == ERR_NOT_FOUND,
		     texts[i]);
	assert_int_equal(room_no, -7);
	assert_int_equal(seq, -7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_36_characters_are_read_in_any_case_and_nothing_else),
		T(random_ids_are_version_4_and_differ),
		T(a_message_id_leads_back_to_its_message),
		T(no_two_messages_share_an_id),
		T(ids_of_neighbours_look_unrelated),
		T(another_key_gives_other_ids),
		T(places_out_of_range_have_no_id),
		T(what_is_no_message_id_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
