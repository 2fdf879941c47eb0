/* entry.h -- where a FastCGI worker waits: for a request, for a signal, or for the time
 * to look around.
 *
 * Signals are blocked, and read from a descriptor while we wait: so none can cut a
 * request short, and none is missed between looking and sleeping, which accept() alone
 * cannot promise.
 *
 * Owns: two descriptors, for as long as the process lives. */
#pragma once

#include <signal.h>
#include <stdbool.h>

struct entry {
	int listening, epoll, signals;
	bool stop;   /* SIGTERM and the like: no more requests */
	bool reload; /* SIGHUP; whoever has seen to it sets it back */
};

/* signals: blocked already. The listening socket may be shared with other processes. */
struct entry entry_open(int listen_fd, const sigset_t *signals);

/* Has somebody connected? Another process may take them before us. */
bool entry_wait(struct entry *e, int timeout_ms);
