/* listen.h -- the socket that the broker listens on.
 *
 * The one that it was started with, if there is one (file descriptor 3, LISTEN_FDS and
 * LISTEN_PID, as systemd and foyer-supervise pass it): then connections wait while a
 * broker restarts, instead of failing. Otherwise one of its own, with SO_REUSEPORT, so
 * that several brokers can share a port. */
#pragma once

#include "shared/err.h"

/* address: numeric, "127.0.0.1:8081" or "[::1]:8081"; setting: which one it is, for the
 * log. */
enum err listen_open(const char *setting, const char *address, int *out);
/* Always a socket of our own. */
enum err listen_open_own(const char *setting, const char *address, int *out);
