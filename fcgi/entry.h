/* entry.h -- where a FastCGI worker waits: for a request, for a signal, or for the time
 * to sweep.
 *
 * Signals are blocked, and read from a descriptor while we wait. So none can interrupt a
 * request, and none is missed between checking and sleeping, which accept() alone cannot
 * guarantee.
 *
 * Owns: two descriptors, for as long as the process lives. */
#pragma once

#include <signal.h>
#include <stdbool.h>

struct entry {
	int listening, epoll, signals;
	bool stop;   /* SIGTERM and the like: no more requests */
	bool reload; /* SIGHUP; the code that handles it resets it */
};

/* signals: already blocked. Other processes may share the listening socket. */
struct entry entry_open(int listen_fd, const sigset_t *signals);

/* Has a client connected? Another process may accept it before us. */
bool entry_wait(struct entry *e, int timeout_ms);
