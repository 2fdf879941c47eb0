/* test.h -- cmocka with what it needs, and an arena for each test. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/err.h"

/* A test with an arena in *state. */
#define T(name) cmocka_unit_test_setup_teardown(name, test_arena_new, test_arena_free)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* In a table of cases: which row is wrong, by its text. */
#define CASE(holds, text)                                                          \
	do {                                                                       \
		if (!(holds))                                                      \
			fail_msg("case \"%s\": not true that %s", (text), #holds); \
	} while (0)

static inline int
test_arena_new(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int
test_arena_free(void **state)
{
	arena_free(*state);
	return 0;
}
