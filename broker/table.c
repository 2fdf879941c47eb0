/* table.c -- see table.h. Chained; grows by doubling, never shrinks. */
#include "broker/table.h"

#include <stdlib.h>
#include <string.h>

#include "shared/die.h"
#include "shared/random.h"

enum { FIRST_BUCKETS = 64 };

void
table_init(struct table *t)
{
	*t = (struct table){ .bucket_count = FIRST_BUCKETS };
	t->buckets = xcalloc(t->bucket_count, sizeof(*t->buckets));
	random_bytes(&t->secret, sizeof(t->secret));
}

void
table_done(struct table *t)
{
	free(t->buckets);
	*t = (struct table){};
}

static struct table_node **
bucket(const struct table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->bucket_count - 1)];
}

static void
put(struct table *t, struct table_node *n)
{
	struct table_node **b = bucket(t, n->hash);

	n->next = *b;
	*b = n;
}

static void
grow(struct table *t)
{
	struct table_node **old = t->buckets;
	size_t old_count = t->bucket_count;

	t->bucket_count *= 2;
	t->buckets = xcalloc(t->bucket_count, sizeof(*t->buckets));
	for (size_t i = 0; i < old_count; i++)
		for (struct table_node *n = old[i], *next; n; n = next) {
			next = n->next;
			put(t, n);
		}
	free(old);
}

struct table_node *
table_find(const struct table *t, const char *key)
{
	uint64_t hash = siphash(&t->secret, key, strlen(key));

	for (struct table_node *n = *bucket(t, hash); n; n = n->next)
		if (n->hash == hash && strcmp(n->key, key) == 0)
			return n;
	return NULL;
}

void
table_add(struct table *t, struct table_node *n, const char *key)
{
	if (t->count == t->bucket_count)
		grow(t);
	n->key = key;
	n->hash = siphash(&t->secret, key, strlen(key));
	put(t, n);
	t->count++;
}

void
table_remove(struct table *t, struct table_node *n)
{
	struct table_node **at = bucket(t, n->hash);

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	n->next = NULL;
	t->count--;
}

void
table_each(struct table *t, void (*fn)(struct table_node *n, void *arg), void *arg)
{
	for (size_t i = 0; i < t->bucket_count; i++)
		for (struct table_node *n = t->buckets[i], *next; n; n = next) {
			next = n->next;
			fn(n, arg);
		}
}
