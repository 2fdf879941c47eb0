/* guest.h -- door.h's own: those who knocked and are not let in yet.
 *
 * A guest's request is read and judged; whoever wants a connection and is welcome waits
 * until it is their turn (admission.h), the first first. Who is answered stays until the
 * other side hangs up.
 *
 * Owns: their sockets. Lifetime: until they are let in or sent home. */
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
	bool is_metrics; /* of /metrics and /health alone */
	struct loop_watch *watch;
	struct loop_timer *pause;
	struct link reading, waiting, leaving; /* guests */
	int waiting_count;
};

void guest_new(struct door *d, int fd, const struct sockaddr_storage *peer);
/* Let in those whose turn it is. */
void guests_admit(struct door *d);
/* Whose deadline was then has to go. */
void guests_send_home(struct link *list, int64_t before_s);
