/* Blocks of one ordinary size are filled one after another. A request that does not fit
 * well gets a block of its own, queued behind the one being filled. Under the address
 * sanitizer all memory that is not handed out is poisoned, so that reading past an end or
 * after arena_reset() is caught as it would be on the heap. */
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/die.h"

enum {
	BLOCK_BYTES = 16 * 1024 - 64, /* 16 KiB with its header and malloc's */
	LARGE_BYTES = BLOCK_BYTES / 4,
	SPARE_BLOCKS = 8,
	ALIGNMENT = _Alignof(max_align_t),
};

struct block {
	struct block *next;
	size_t cap, used;
	_Alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *handle;
};

struct arena {
	struct block *blocks; /* the first one is being filled */
	struct block *spare;  /* ordinary and empty */
	int spare_count;
	struct deferred *deferred;
};

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

static struct block *
block_new(size_t cap)
{
	struct block *b = xmalloc(sizeof(*b) + cap);

	*b = (struct block){ .cap = cap };
	ASAN_POISON_MEMORY_REGION(b->data, cap);
	return b;
}

static void
block_free(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->data, b->cap);
	free(b);
}

/* An ordinary block. */
static struct block *
block_take(struct arena *a)
{
	struct block *b = a->spare;

	if (!b)
		return block_new(BLOCK_BYTES);
	a->spare = b->next;
	a->spare_count--;
	return b;
}

static void
block_give(struct arena *a, struct block *b)
{
	if (b->cap != BLOCK_BYTES || a->spare_count == SPARE_BLOCKS) {
		block_free(b);
		return;
	}
	b->used = 0;
	ASAN_POISON_MEMORY_REGION(b->data, b->cap);
	b->next = a->spare;
	a->spare = b;
	a->spare_count++;
}

static void
run_deferred(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->handle);
	}
}

void
arena_reset(struct arena *a)
{
	run_deferred(a);
	for (struct block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		block_give(a, b);
	}
	a->blocks = NULL;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	while (a->spare)
		block_free(block_take(a));
	free(a);
}

/* A block with room for size bytes. */
static struct block *
block_for(struct arena *a, size_t size)
{
	struct block *first = a->blocks, *b;

	if (first && first->cap - first->used >= size)
		return first;
	b = size > LARGE_BYTES ? block_new(size) : block_take(a);
	if (first && size > LARGE_BYTES) {
		b->next = first->next;
		first->next = b;
	} else {
		b->next = first;
		a->blocks = b;
	}
	return b;
}

void *
arena_bytes(struct arena *a, size_t size)
{
	size_t rounded = ((size ? size : 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct block *b;
	void *p;

	if (size > SIZE_MAX / 2)
		die("arena: %zu bytes wanted", size);
	b = block_for(a, rounded);
	p = b->data + b->used;
	b->used += rounded;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_bytes(a, size), 0, size);
}

void *
arena_calloc(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		die("arena: %zu times %zu bytes wanted", count, size);
	return arena_alloc(a, total);
}

void *
arena_memdup(struct arena *a, const void *p, size_t len)
{
	char *copy = arena_bytes(a, len + 1);

	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s)) : NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	return s ? arena_memdup(a, s, strnlen(s, len)) : NULL;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int len;
	char *s;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		die("arena: bad format");
	s = arena_bytes(a, (size_t)len + 1);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	return s;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *handle)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);

	*d = (struct deferred){ .next = a->deferred, .fn = fn, .handle = handle };
	a->deferred = d;
}

size_t
arena_size(const struct arena *a)
{
	size_t total = (size_t)a->spare_count * BLOCK_BYTES;

	for (const struct block *b = a->blocks; b; b = b->next)
		total += b->cap;
	return total;
}

void
auto_arena(struct arena **a)
{
	arena_free(*a);
}
