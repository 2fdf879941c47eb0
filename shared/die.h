/* die.h -- the only two ways in which a program gives up.
 *
 * Out of memory ends the process: a supervisor starts it again, and nothing
 * acknowledged can be lost. That is safe because everything a user can grow
 * has a limit. */
#pragma once

#include <stddef.h>

void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2))); /* logs, exit status 1 */

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
