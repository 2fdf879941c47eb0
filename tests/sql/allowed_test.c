/* Who may approach whom: every combination of two contact lists and a setting. */
#include <stdlib.h>

#include "shared/allowed.h"
#include "tests/sql/ground.h"

#define ANN "'%1$s'::uuid"
#define BOB "'%2$s'::uuid"

static const char *ann, *bob;

static int
two_people(void **state)
{
	(void)state;
	ann = new_user();
	bob = new_user();
	return 0;
}

static void
keep(const char *one, const char *other, const char *blocked)
{
	sql("INSERT INTO contacts (user_id, contact_id, blocked) VALUES ('%s', '%s', %s)",
	    one, other, blocked);
}

static void
forget(void)
{
	sql("DELETE FROM contacts WHERE user_id IN ('%1$s', '%2$s')", ann, bob);
}

static void
set(const char *who, const char *name, const char *value)
{
	sql("UPDATE users SET settings = settings || '{\"%s\": %s}' WHERE id = '%s'",
	    name, value, who);
}

static bool
is_true(const char *answer)
{
	assert_non_null(answer);
	return *answer == 't';
}

static bool
may_write(void)
{
	return is_true(sql("SELECT " ALLOWED_WRITE(ANN, BOB), ann, bob));
}

static bool
may_add(void)
{
	return is_true(sql("SELECT " ALLOWED_ADD(ANN, BOB), ann, bob));
}

static bool
is_blocked(void)
{
	return is_true(sql("SELECT " ALLOWED_BLOCKED(ANN, BOB), ann, bob));
}

static bool
hears_receipts(void)
{
	return is_true(sql("SELECT " ALLOWED_RECEIPTS(BOB, ANN), ann, bob));
}

/* A list's entry about the other person: none, a contact, a block. */
static const char *const listed[] = { NULL, "false", "true" };
static const char *const words[] = { "\"everyone\"", "\"contacts\"", "\"nobody\"" };

static void
a_block_of_either_stops_both_and_settings_ask_the_one_who_is_approached(void **state)
{
	(void)state;
	for (int i = 0; i < 27; i++) {
		const char *by_ann = listed[i % 3], *by_bob = listed[i / 3 % 3];
		bool blocked = i % 3 == 2 || i / 3 % 3 == 2;
		bool allowed = !blocked && (i / 9 == 0 || (i / 9 == 1 && by_bob));

		forget();
		if (by_ann)
			keep(ann, bob, by_ann);
		if (by_bob)
			keep(bob, ann, by_bob);
		set(bob, "who_can_write", words[i / 9]);
		set(bob, "who_can_add", "\"nobody\"");
		assert_int_equal(may_write(), allowed);
		assert_false(may_add());
		set(bob, "who_can_add", words[i / 9]);
		set(bob, "who_can_write", "\"nobody\"");
		assert_int_equal(may_add(), allowed);
		assert_false(may_write());
		assert_int_equal(is_blocked(), blocked);
		assert_int_equal(hears_receipts(), !blocked);
	}
}

static void
ones_own_settings_bind_nobody_but_others(void **state)
{
	(void)state;
	set(ann, "who_can_write", "\"nobody\"");
	assert_true(may_write());
	bob = ann;
	assert_true(may_write());
}

static void
receipts_are_kept_back_by_the_reader_alone(void **state)
{
	(void)state;
	set(ann, "send_receipts", "false");
	assert_true(hears_receipts());
	set(bob, "send_receipts", "false");
	assert_false(hears_receipts());
}

static void
nobody_reaches_nobody(void **state)
{
	(void)state;
	bob = "00000000-0000-0000-0000-000000000000";
	assert_false(may_write());
	assert_false(may_add());
	assert_false(is_blocked());
	assert_false(hears_receipts());
}

static void
the_programs_that_ask_may(void **state)
{
	(void)state;
	assert_null(sql_fails(
		"foyer_api", "SELECT " ALLOWED_WRITE(ANN, BOB) ", " ALLOWED_ADD(ANN, BOB),
		ann, bob));
	assert_null(sql_fails(
		"foyer_broker",
		"SELECT " ALLOWED_WRITE(ANN, BOB) ", " ALLOWED_RECEIPTS(ANN, BOB), ann,
		bob));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, two_people, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_block_of_either_stops_both_and_settings_ask_the_one_who_is_approached),
		TEST(ones_own_settings_bind_nobody_but_others),
		TEST(receipts_are_kept_back_by_the_reader_alone),
		TEST(nobody_reaches_nobody),
		TEST(the_programs_that_ask_may),
	};

	return cmocka_run_group_tests_name("allowed", tests, ground_setup,
					   ground_teardown);
}
