/* siphash.h -- SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables whose
 * keys come from strangers. Without the hash key nobody can provoke collisions. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);
