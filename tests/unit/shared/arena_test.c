#include <unistd.h>

#include "shared/auto.h"
#include "tests/unit/test.h"

static void
what_is_handed_out_is_zero_and_aligned(void **state)
{
	for (size_t size = 0; size < 100; size++) {
		unsigned char *p = arena_alloc(*state, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void
used_memory_is_zero_again_after_a_reset(void **state)
{
	memset(arena_alloc(*state, 1000), 0xff, 1000);
	arena_reset(*state);
	unsigned char *p = arena_alloc(*state, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
}

static void
a_reset_keeps_a_few_ordinary_blocks(void **state)
{
	struct arena *a = *state;
	size_t one, kept;

	arena_alloc(a, 1);
	one = arena_size(a);
	arena_reset(a);
	assert_int_equal(arena_size(a), one);
	for (int i = 0; i < 1000; i++)
		arena_alloc(a, 1000);
	arena_alloc(a, 1 << 20);
	assert_true(arena_size(a) > 50 * one + (1 << 20));
	arena_reset(a);
	kept = arena_size(a);
	assert_int_equal(kept, 8 * one);
	for (int i = 0; i < 100; i++)
		arena_alloc(a, 1000);
	assert_int_equal(arena_size(a), kept);
}

static void
a_large_piece_does_not_end_the_block_being_filled(void **state)
{
	struct arena *a = *state;
	char *first = arena_alloc(a, 16), *next;

	arena_alloc(a, 1 << 20);
	next = arena_alloc(a, 16);
	assert_ptr_equal(next, first + 16);
}

static char order[8];

static void
note(void *handle)
{
	strncat(order, handle, 1);
}

static void
deferred_calls_run_once_newest_first(void **state)
{
	order[0] = '\0';
	arena_defer(*state, note, "a");
	arena_defer(*state, note, "b");
	arena_reset(*state);
	assert_string_equal(order, "ba");
	arena_reset(*state);
	assert_string_equal(order, "ba");
}

static void
the_end_of_an_arena_runs_deferred_calls(void **state)
{
	(void)state;
	order[0] = '\0';
	{
		AUTO(arena) struct arena *a = arena_new();

		arena_defer(a, note, "z");
	}
	assert_string_equal(order, "z");
	arena_free(NULL);
}

static void
strings_are_copied(void **state)
{
	struct arena *a = *state;

	assert_string_equal(arena_strdup(a, "abc"), "abc");
	assert_null(arena_strdup(a, NULL));
	assert_string_equal(arena_strndup(a, "abc", 2), "ab");
	assert_string_equal(arena_strndup(a, "abc", 9), "abc");
	assert_string_equal(arena_memdup(a, "abc", 3), "abc");
	assert_string_equal(arena_memdup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
}

static void
taking_leaves_nothing_behind(void **state)
{
	struct arena *a = *state, *b = TAKE(a);
	int fd = 5, taken = TAKE_FD(fd);

	assert_null(a);
	assert_ptr_equal(b, *state);
	assert_int_equal(fd, -1);
	assert_int_equal(taken, 5);
}

static void
handles_end_with_their_function(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	{
		AUTO(fd) int reader = ends[0], none = -1;
		AUTO(file) FILE *writer = fdopen(ends[1], "w");
		AUTO(dir) DIR *nobody = NULL;

		(void)none;
		(void)nobody;
		assert_int_equal(fputc('x', writer), 'x');
		assert_int_equal(fflush(writer), 0);
		assert_int_equal(read(reader, &byte, 1), 1);
	}
	assert_int_equal(close(ends[0]), -1);
	assert_int_equal(close(ends[1]), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_handed_out_is_zero_and_aligned),
		T(used_memory_is_zero_again_after_a_reset),
		T(a_reset_keeps_a_few_ordinary_blocks),
		T(a_large_piece_does_not_end_the_block_being_filled),
		T(deferred_calls_run_once_newest_first),
		T(the_end_of_an_arena_runs_deferred_calls),
		T(strings_are_copied),
		T(taking_leaves_nothing_behind),
		T(handles_end_with_their_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
