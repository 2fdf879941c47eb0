/* send_batch.h -- many send()s by one system call: the door to io_uring.
 *
 * A message to a room is a small write to each of its listeners, and of such a write
 * the way into the kernel and out again is a good part. Here they go in together, and
 * are done when the call comes back: nothing is under way between two calls.
 *
 * Linux 5.6 and later, unless the host forbids it, as containers often do.
 *
 * Owns: its ring. What is to be sent stays the caller's, unchanged until it is.
 * Source: io_uring(7), io_uring_prep_send(3). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SEND_BATCH_MAX = 128 };

struct send_batch;

/* NULL: not on this host. */
struct send_batch *send_batch_new(void);
void send_batch_free(struct send_batch *s); /* NULL is fine */

/* False, for good, on this host or since the kernel refused; NULL is fine. */
bool send_batch_works(const struct send_batch *s);
/* At most SEND_BATCH_MAX, of a descriptor one. */
void send_batch_add(struct send_batch *s, int fd, const void *data, size_t len);
/* Sends them; none waits for its reader. What was taken of each, in their order: bytes,
 * or less than 0. Valid until the next is added. */
const int *send_batch_run(struct send_batch *s);
