/* table.h -- a hash table from text to objects that contain their own node.
 *
 * Keys come from strangers, so the hash is keyed. A key belongs to the object and must
 * not change while the object is in the table.
 *
 * Owns: its buckets, never the objects. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/siphash.h"

struct table_node {
	struct table_node *next;
	const char *key;
	uint64_t hash;
};

struct table {
	struct siphash_key secret;
	struct table_node **buckets;
	size_t bucket_count, count;
};

void table_init(struct table *t);
void table_done(struct table *t);

struct table_node *table_find(const struct table *t, const char *key); /* or NULL */
void table_add(struct table *t, struct table_node *n, const char *key);
void table_remove(struct table *t, struct table_node *n);

/* fn may remove the node that it is given, and no other. */
void table_each(struct table *t, void (*fn)(struct table_node *n, void *arg), void *arg);
