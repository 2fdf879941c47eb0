#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/die.h"
#include "shared/log.h"

void
die(const char *fmt, ...)
{
	char detail[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	log_event(LOG_ERROR, "die", LOG_S("detail", detail));
	exit(1);
}

static void *
not_null(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

/* For size 0 the C library may return NULL; this never does. */
void *
xmalloc(size_t size)
{
	return not_null(malloc(size ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	return not_null(calloc(count ? count : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t size)
{
	return not_null(realloc(p, size ? size : 1));
}

char *
xstrdup(const char *s)
{
	return not_null(strdup(s));
}
