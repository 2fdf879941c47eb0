/* pending.h -- private to acceptor.h: connections that are accepted and not admitted yet.
 *
 * The request is read and checked; a connection with a valid request waits for its turn
 * (admission.h), first come, first served. One that has been answered stays until the
 * other side hangs up.
 *
 * Owns: their sockets. Lifetime: until they are admitted or closed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;
struct sockaddr_storage;

struct acceptor {
	struct broker *broker;
	int fd, max_conns, pending_count;
	bool is_metrics; /* serves only /metrics and /health */
	struct loop_watch *watch;
	struct loop_timer *pause;
	struct link reading, waiting, leaving; /* struct pending */
	int waiting_count;
};

void pending_new(struct acceptor *a, int fd, const struct sockaddr_storage *peer);
/* Admit the connections whose turn it is. */
void pending_admit(struct acceptor *a);
/* Close those whose deadline was before_s or earlier. */
void pending_expire(struct link *list, int64_t before_s);
