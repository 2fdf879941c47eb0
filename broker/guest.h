/* guest.h -- private to door.h: clients that have connected and are not let in yet.
 *
 * A guest's request is read and checked; a guest with a valid request waits for its
 * turn (admission.h), first come, first served. A guest that has been answered stays
 * until the other side hangs up.
 *
 * Owns: their sockets. Lifetime: until they are let in or sent away. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/list.h"

struct broker;
struct sockaddr_storage;

struct door {
	struct broker *broker;
	int fd, max_conns, guest_count;
	bool is_metrics; /* serves only /metrics and /health */
	struct loop_watch *watch;
	struct loop_timer *pause;
	struct link reading, waiting, leaving; /* guests */
	int waiting_count;
};

void guest_new(struct door *d, int fd, const struct sockaddr_storage *peer);
/* Let in the guests whose turn it is. */
void guests_admit(struct door *d);
/* Disconnect guests whose deadline was before_s or earlier. */
void guests_send_home(struct link *list, int64_t before_s);
