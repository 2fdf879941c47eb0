/* slots.h -- how many processes of a host may do a thing at once.
 *
 * Each slot is a lock on one byte of a file, held by an open descriptor: a
 * process that is killed gives its slot back without knowing. */
#pragma once

#include "shared/err.h"

/* Take one of count slots; close(*out_fd) gives it back (AUTO(fd)).
 * ERR_UNAVAILABLE at once when all are taken, or the file cannot be opened. */
enum err slots_take(const char *path, int count, int *out_fd);
