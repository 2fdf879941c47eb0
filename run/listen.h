/* listen.h -- opens a listening TCP socket for an address given as text. */
#pragma once

/* "127.0.0.1:8081" or "[::1]:8081": numbers only, no names. The socket is non-blocking
 * and close-on-exec. Returns -1 after printing the error on stderr. */
int listen_open(const char *address);
