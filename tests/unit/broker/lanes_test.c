#include "broker/lanes.h"
#include "shared/die.h"
#include "tests/unit/test.h"

#define ROOM "10000000-0000-4000-8000-00000000000"

static struct post *
post(const char *room, const char *text)
{
	const struct draft d = {
		.room_id = room, .sender_id = "ann", .client_id = "k", .text = text
	};

	return post_new(&d, "ref");
}

static void
drop(struct post *p, void *arg)
{
	int *count = arg;

	(*count)++;
	post_free(p);
}

/* Takes a batch; returns its texts in one string. */
static const char *
take(struct arena *a, struct lanes *ls, int64_t now_ms, struct post **out, int *count)
{
	const char *texts = "";

	bool is_impatient;

	*count = lanes_take(ls, now_ms, out, &is_impatient);
	for (int i = 0; i < *count; i++)
		texts = arena_printf(a, "%s%s", texts, out[i]->draft.text);
	return texts;
}

static void
free_all(struct post **posts, int count)
{
	for (int i = 0; i < count; i++)
		post_free(posts[i]);
}

static void
the_order_of_a_room_is_kept(void **state)
{
	struct post *out[ROOMLOG_BATCH_MAX];
	struct lanes ls;
	int count, dropped = 0;

	lanes_init(&ls);
	for (int i = 0; i < 5; i++)
		lanes_put(&ls, post(ROOM "1", arena_printf(*state, "%d", i)));
	assert_int_equal(ls.posts, 5);
	assert_string_equal(take(*state, &ls, 0, out, &count), "01234");
	assert_int_equal(ls.posts, 0);
	assert_int_equal(ls.bytes, 0);
	lanes_put(&ls, post(ROOM "1", "5"));
	lanes_return(&ls, out, count);
	assert_string_equal(take(*state, &ls, 0, out, &count), "012345");
	free_all(out, count);
	lanes_done(&ls, drop, &dropped);
	assert_int_equal(dropped, 0);
}

static void
a_busy_room_leaves_the_others_their_turn(void **state)
{
	struct post *out[ROOMLOG_BATCH_MAX];
	struct lanes ls;
	int count, dropped = 0, seen = -1;
	bool is_impatient;

	lanes_init(&ls);
	for (int i = 0; i < 3 * ROOMLOG_BATCH_MAX; i++)
		lanes_put(&ls, post(ROOM "1", "a"));
	lanes_put(&ls, post(ROOM "2", "b"));
	count = lanes_take(&ls, 0, out, &is_impatient);
	assert_int_equal(count, ROOMLOG_BATCH_MAX);
	for (int i = 0; i < count; i++)
		if (out[i]->draft.text[0] == 'b')
			seen = i;
	assert_true(seen >= 0);
	free_all(out, count);
	lanes_done(&ls, drop, &dropped);
	assert_int_equal(dropped, 2 * ROOMLOG_BATCH_MAX + 1);
	(void)state;
}

static void
a_locked_room_rests_and_the_others_go_on(void **state)
{
	struct post *out[ROOMLOG_BATCH_MAX];
	struct lanes ls;
	int count, dropped = 0;
	bool is_impatient;

	lanes_init(&ls);
	lanes_put(&ls, post(ROOM "1", "a"));
	lanes_put(&ls, post(ROOM "2", "b"));
	lanes_take(&ls, 1000, out, &is_impatient);
	lanes_return(&ls, &out[0], 1);
	post_free(out[1]);
	lanes_rest(&ls, ROOM "1", 1000);
	lanes_put(&ls, post(ROOM "1", "A"));
	lanes_put(&ls, post(ROOM "2", "B"));
	assert_int_equal(lanes_next_ms(&ls), 1000 + LANE_REST_MS);
	assert_string_equal(take(*state, &ls, 1001, out, &count), "B");
	free_all(out, count);
	assert_string_equal(take(*state, &ls, 1001, out, &count), "");
	assert_string_equal(take(*state, &ls, 1000 + LANE_REST_MS, out, &count), "aA");
	free_all(out, count);
	assert_int_equal(lanes_next_ms(&ls), -1);
	lanes_done(&ls, drop, &dropped);
}

static void
a_room_that_rested_too_often_is_taken_alone(void **state)
{
	struct post *out[ROOMLOG_BATCH_MAX];
	struct lanes ls;
	int64_t now_ms = 1000;
	int count, dropped = 0;
	bool is_impatient;

	lanes_init(&ls);
	lanes_put(&ls, post(ROOM "1", "a"));
	lanes_put(&ls, post(ROOM "1", "b"));
	for (int i = 0; i < LANE_RESTS_MAX; i++) {
		count = lanes_take(&ls, now_ms, out, &is_impatient);
		assert_int_equal(count, 2);
		assert_false(is_impatient);
		lanes_return(&ls, out, count);
		for (int n = 0; n < count; n++) /* counts only once */
			lanes_rest(&ls, ROOM "1", now_ms);
		now_ms += LANE_REST_MS;
	}
	lanes_put(&ls, post(ROOM "2", "c"));
	count = lanes_take(&ls, now_ms, out, &is_impatient);
	assert_true(is_impatient);
	assert_int_equal(count, 2);
	/* the batch was not committed */
	lanes_return(&ls, out, count);
	lanes_calm(&ls, ROOM "1");
	lanes_rest(&ls, ROOM "1", now_ms);
	count = lanes_take(&ls, now_ms, out, &is_impatient);
	assert_false(is_impatient);
	assert_string_equal(out[0]->draft.text, "c");
	free_all(out, count);
	lanes_done(&ls, drop, &dropped);
	assert_int_equal(dropped, 2);
	(void)state;
}

/* Commits as the writer does: which posts are refused by themselves, and in how many
 * tries. */
static int
commit_all(struct lanes *ls, struct arena *a, const char **out_committed,
	   const char **out_refused)
{
	struct post *out[ROOMLOG_BATCH_MAX];
	int count, rounds = 0;
	bool is_impatient;

	*out_committed = *out_refused = "";
	while ((count = lanes_take(ls, 0, out, &is_impatient)) > 0) {
		bool is_bad = false;

		assert_true(++rounds < 10000);
		for (int i = 0; i < count; i++)
			is_bad = is_bad || out[i]->draft.text[0] == '!';
		if (is_bad) {
			lanes_refused(ls, count);
			if (count > 1) {
				lanes_return(ls, out, count);
				continue;
			}
			*out_refused =
				arena_printf(a, "%s%s", *out_refused, out[0]->draft.text);
		} else {
			lanes_succeeded(ls);
			for (int i = 0; i < count; i++)
				*out_committed = arena_printf(a, "%s%s ", *out_committed,
							      out[i]->draft.text);
		}
		free_all(out, count);
	}
	return rounds;
}

static void
one_bad_post_fails_alone_and_soon(void **state)
{
	struct lanes ls;
	int dropped = 0;

	for (int bad = 0; bad < 100; bad++) {
		struct arena *a = arena_new();
		const char *committed, *refused, *want = "";

		lanes_init(&ls);
		for (int i = 0; i < 100; i++) {
			const char *text = arena_printf(a, i == bad ? "!%d" : "%d", i);

			lanes_put(&ls, post(ROOM "1", text));
			if (i != bad)
				want = arena_printf(a, "%s%d ", want, i);
		}
		assert_true(commit_all(&ls, a, &committed, &refused) < 40);
		assert_string_equal(committed, want);
		assert_string_equal(refused, arena_printf(a, "!%d", bad));
		assert_int_equal(ls.limit, ROOMLOG_BATCH_MAX);
		lanes_done(&ls, drop, &dropped);
		arena_free(a);
	}
	assert_int_equal(dropped, 0);
	(void)state;
}

static void
bad_posts_in_several_rooms_fail_and_no_other(void **state)
{
	struct lanes ls;
	const char *committed, *refused;
	int dropped = 0, good = 0;

	lanes_init(&ls);
	for (int i = 0; i < 600; i++)
		lanes_put(&ls, post(arena_printf(*state, ROOM "%d", i % 7),
				    i % 97 == 5 ? "!" : "x"));
	commit_all(&ls, *state, &committed, &refused);
	for (const char *p = committed; *p; p++)
		good += *p == 'x';
	assert_int_equal(good, 593);
	assert_string_equal(refused, "!!!!!!!");
	lanes_done(&ls, drop, &dropped);
}

static void
what_waits_too_long_is_given_up(void **state)
{
	struct lanes ls;
	int dropped = 0;

	(void)state;
	lanes_init(&ls);
	for (int i = 0; i < 10; i++) {
		struct post *p = post(i % 2 ? ROOM "1" : ROOM "2", "x");

		p->since_ms = i;
		lanes_put(&ls, p);
	}
	lanes_expire(&ls, 7, drop, &dropped);
	assert_int_equal(dropped, 7);
	assert_int_equal(ls.posts, 3);
	lanes_done(&ls, drop, &dropped);
	assert_int_equal(dropped, 10);
	assert_int_equal(ls.bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_order_of_a_room_is_kept),
		T(a_busy_room_leaves_the_others_their_turn),
		T(a_locked_room_rests_and_the_others_go_on),
		T(a_room_that_rested_too_often_is_taken_alone),
		T(one_bad_post_fails_alone_and_soon),
		T(bad_posts_in_several_rooms_fail_and_no_other),
		T(what_waits_too_long_is_given_up),
	};

	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
