/* offset.h -- offsetof() for tables that fill a struct: a member whose type differs from
 * the table's does not compile. */
#pragma once

#include <stddef.h>

#define OFFSET_OF(T, m, type) \
	(offsetof(T, m) + 0 * sizeof(char[_Generic(((T *)0)->m, type : 1)]))
