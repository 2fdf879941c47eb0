/* listen.h -- the socket that the broker listens on.
 *
 * The one it was started with, if there is one (file descriptor 3, LISTEN_FDS and
 * LISTEN_PID, as systemd and foyer-supervise pass it): then connections wait while a
 * broker is started anew, instead of failing. Else one of our own, with SO_REUSEPORT, so
 * that several brokers share a port. */
#pragma once

#include "shared/err.h"

/* address: numbers, "127.0.0.1:8081" or "[::1]:8081". */
enum err listen_open(const char *address, int *out);
/* Always one of our own. */
enum err listen_open_own(const char *address, int *out);
