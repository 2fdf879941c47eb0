/* arena.h -- memory that belongs to a piece of work.
 *
 * A request has one arena, and so has a turn of the broker's loop. All memory for that
 * work comes from it and is never freed by hand, so an early return is always right.
 * Foreign handles join it through arena_defer().
 *
 * Owns:     its blocks, and the deferred calls.
 * Lifetime: everything handed out lives until arena_reset() or arena_free().
 * Errors:   none; running out of memory ends the process (see die.h). */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */

/* Run the deferred calls, newest first, then forget everything handed out.
 * A few ordinary blocks, 128 KiB, are kept for the next piece of work. */
void arena_reset(struct arena *a);

/* Aligned for any type, zeroed. arena_alloc(a, 0) is a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* The same, but not zeroed: for a buffer that is filled at once. */
void *arena_bytes(struct arena *a, size_t size);
void *arena_calloc(struct arena *a, size_t count, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_calloc((a), (n), sizeof(type)))

void *arena_memdup(struct arena *a, const void *p, size_t len); /* + a NUL */
char *arena_strdup(struct arena *a, const char *s);		/* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t len);

char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((nonnull(2)));

/* Call fn(handle) when the work is done. */
void arena_defer(struct arena *a, void (*fn)(void *), void *handle);

/* Bytes in blocks now; for tests and metrics. */
size_t arena_size(const struct arena *a);

void auto_arena(struct arena **a);
