/* send_batch.h -- many send()s in one system call: the door to io_uring.
 *
 * A message to a room is a small write to each of its listeners, and for such a write
 * entering and leaving the kernel is a good part of the cost. Here the writes enter
 * together, and are done when the call returns: nothing is in flight between two calls.
 *
 * Linux 5.6 and later, unless the host forbids it, as containers often do.
 *
 * Owns: its ring. The data stays the caller's, and must not change until it is sent.
 * Source: io_uring(7), io_uring_prep_send(3). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SEND_BATCH_MAX = 128 };

struct send_batch;

/* NULL: not available on this host. */
struct send_batch *send_batch_new(void);
void send_batch_free(struct send_batch *s); /* NULL is fine */

/* False, for good, on a host without it or after the kernel refused; NULL is fine. */
bool send_batch_works(const struct send_batch *s);
/* At most SEND_BATCH_MAX, one per descriptor. */
void send_batch_add(struct send_batch *s, int fd, const void *data, size_t len);
/* Sends them without waiting for readers. Returns, in the same order, the bytes taken
 * of each, or less than 0. Valid until the next add. */
const int *send_batch_run(struct send_batch *s);
