/* A slot is one 64-bit word: 16 bits that tell apart the keys of one bucket, and 48 bits
 * of time, in ticks: the "theoretical arrival time" of GCRA, at which the whole burst is
 * available again. A time in the past carries no information, so such a slot is free and
 * nothing ever has to be swept. A key looks in the eight slots of one bucket, which is
 * one cache line. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/die.h"
#include "shared/limits.h"
#include "shared/log.h"
#include "shared/random.h"
#include "shared/siphash.h"

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "slots are shared between processes");

enum {
	BUCKETS = 1 << 16,
	BUCKET_SLOTS = 8,
	TICKS_PER_MS = 100,
	TAG_SHIFT = 48,
	OPEN_ATTEMPTS = 5,
};

static const uint64_t time_mask = ((uint64_t)1 << TAG_SHIFT) - 1;
static const int64_t epoch_ms = 1577836800000; /* 2020; 48 bits last until 2109 */

struct file_head {
	char magic[8]; /* written last */
	struct siphash_key key;
	char rest[40]; /* aligns the buckets to cache lines */
};

static const char magic[8] = "foyerlm1";

struct bucket {
	_Atomic uint64_t slots[BUCKET_SLOTS];
};

struct table {
	struct file_head head;
	struct bucket buckets[BUCKETS];
};

struct limits {
	struct table *table;
};

/* ---- the file ------------------------------------------------------------ */

static struct table *
map(int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *at = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, flags, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void
start_table(struct table *t)
{
	random_bytes(&t->head.key, sizeof(t->head.key));
	memcpy(t->head.magic, magic, sizeof(magic));
}

/* Does the path still name the file that we have locked? */
static bool
is_in_place(const char *path, const struct stat *ours)
{
	struct stat there;

	return stat(path, &there) == 0 && there.st_ino == ours->st_ino &&
	       there.st_dev == ours->st_dev;
}

/* The mapping keeps the open file and its lock, so closing alone does not unlock it. */
static void
auto_locked(int *fd)
{
	if (*fd >= 0)
		flock(*fd, LOCK_UN);
	auto_fd(fd);
}

/* Map the file, creating it if necessary. ERR_CONFLICT: try again, because the file was
 * replaced meanwhile or belongs to another version. The other version may still use the
 * file, so it is only unlinked, not changed. */
static enum err
open_file(const char *path, struct table **out)
{
	AUTO(locked) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	struct table *t;

	if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0)
		return ERR_UNAVAILABLE;
	if (!is_in_place(path, &st))
		return ERR_CONFLICT;
	/* Reserved, not sparse: a full disk is noticed here and not as a SIGBUS. */
	errno = st.st_size == 0 ? posix_fallocate(fd, 0, sizeof(struct table)) : 0;
	if (errno != 0)
		return ERR_UNAVAILABLE;
	if (st.st_size != 0 && st.st_size != sizeof(struct table)) {
		unlink(path);
		return ERR_CONFLICT;
	}
	t = map(fd);
	if (!t)
		return ERR_UNAVAILABLE;
	if (st.st_size == 0)
		start_table(t);
	if (memcmp(t->head.magic, magic, sizeof(magic)) != 0) {
		munmap(t, sizeof(*t));
		unlink(path);
		return ERR_CONFLICT;
	}
	*out = t;
	return OK;
}

enum err
limits_open(const char *path, struct limits **out)
{
	struct limits *l = xcalloc(1, sizeof(*l));
	enum err e = ERR_CONFLICT;

	for (int i = 0; i < OPEN_ATTEMPTS && e == ERR_CONFLICT; i++)
		e = open_file(path, &l->table);
	if (e != OK) {
		log_event(LOG_WARN, "limits_not_shared", LOG_S("path", path),
			  LOG_S("reason", strerror(errno)));
		l->table = map(-1);
		if (!l->table)
			die("limits: out of memory");
		start_table(l->table);
	}
	*out = l;
	return OK;
}

void
limits_close(struct limits *l)
{
	if (!l)
		return;
	munmap(l->table, sizeof(*l->table));
	free(l);
}

/* ---- a slot -------------------------------------------------------------- */

struct key {
	uint64_t tag;
	struct bucket *bucket;
	unsigned spare; /* the slot to share if the bucket is full */
};

/* The limit's name goes into the hash key, so different limits hash the same `who`
 * differently. */
static struct key
key_of(struct limits *l, const struct limit *limit, const char *who)
{
	struct siphash_key k = l->table->head.key;
	uint64_t hash;

	k.k[0] ^= siphash(&k, limit->name, strlen(limit->name));
	hash = siphash(&k, who, strlen(who));
	return (struct key){
		.tag = hash >> TAG_SHIFT ? hash >> TAG_SHIFT : 1,
		.bucket = &l->table->buckets[hash % BUCKETS],
		.spare = hash / BUCKETS % BUCKET_SLOTS,
	};
}

/* The slot for a key: its own, a free one, or another key's to share. */
struct found {
	_Atomic uint64_t *slot;
	uint64_t word, tag;
	bool own;
};

static int64_t
time_in(uint64_t word)
{
	return (int64_t)(word & time_mask);
}

static struct found
find(const struct key *k, int64_t now)
{
	struct found free_one = {}, f;

	for (int i = 0; i < BUCKET_SLOTS; i++) {
		f.slot = &k->bucket->slots[i];
		f.word = atomic_load(f.slot);
		f.tag = k->tag;
		f.own = true;
		if (f.word >> TAG_SHIFT == k->tag)
			return f;
		if (!free_one.slot && time_in(f.word) <= now)
			free_one = f;
	}
	if (free_one.slot)
		return free_one;
	f.slot = &k->bucket->slots[k->spare];
	f.word = atomic_load(f.slot);
	f.tag = f.word >> TAG_SHIFT;
	f.own = false;
	return f;
}

static bool
store(struct found *f, int64_t time)
{
	return atomic_compare_exchange_strong(f->slot, &f->word,
					      f->tag << TAG_SHIFT | (uint64_t)time);
}

/* ---- GCRA ---------------------------------------------------------------- */

static int64_t
ticks_at(int64_t ms)
{
	return ms > epoch_ms ? (ms - epoch_ms) * TICKS_PER_MS : 0;
}

static int64_t
ms_of(int64_t ticks)
{
	return (ticks + TICKS_PER_MS - 1) / TICKS_PER_MS;
}

/* The time in which this many units come back. */
static int64_t
span(const struct limit *limit, int64_t units)
{
	return units * limit->window_ms * TICKS_PER_MS / limit->per;
}

/* left is negative if the key shares another's slot that has less left than ours may. */
static struct limit_state
state_of(const struct limit *limit, int64_t left, int64_t room, int64_t price)
{
	int64_t units = left * limit->per / (limit->window_ms * TICKS_PER_MS);

	return (struct limit_state){
		.allowed = price <= left,
		.remaining = units > 0 ? units : 0,
		.reset_ms = ms_of(room - left),
		.retry_after_ms = price <= left ? 0 : ms_of(price - left),
	};
}

struct limit_state
limits_take(struct limits *l, const struct limit *limit, const char *who, int64_t cost,
	    int64_t now_ms)
{
	struct key k = key_of(l, limit, who);
	int64_t now = ticks_at(now_ms), room = span(limit, limit->burst);
	int64_t price = span(limit, cost < limit->burst ? cost : limit->burst);

	for (;;) {
		struct found f = find(&k, now);
		int64_t full_at = time_in(f.word), left;

		/* Further in the future than we ever set it: the clock was set back, or
		 * the setting was lowered. Count the whole burst as used, no more. */
		if (f.own && full_at > now + room) {
			store(&f, now + room);
			continue;
		}
		left = full_at > now ? now + room - full_at : room;
		if (price > left || cost == 0)
			return state_of(limit, left, room, cost ? price : span(limit, 1));
		if (store(&f, now + room - left + price))
			return state_of(limit, left - price, room, 0);
	}
}

void
limits_give(struct limits *l, const struct limit *limit, const char *who, int64_t cost,
	    int64_t now_ms)
{
	struct key k = key_of(l, limit, who);
	int64_t now = ticks_at(now_ms), price = span(limit, cost);

	for (;;) {
		struct found f = find(&k, now);

		if (!f.own || time_in(f.word) <= now)
			return;
		if (store(&f,
			  time_in(f.word) > now + price ? time_in(f.word) - price : now))
			return;
	}
}
