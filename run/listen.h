/* listen.h -- a listening TCP socket, from an address in words. */
#pragma once

/* "127.0.0.1:8081" or "[::1]:8081": numbers only, no names. Not blocking, closed
 * on exec. -1, after saying why on stderr. */
int listen_open(const char *address);
