/* slots.h -- limits how many processes of a host do something at once.
 *
 * Each slot is a lock on one byte of a file, held by an open descriptor: a killed process
 * releases its slot automatically. */
#pragma once

#include "shared/err.h"

/* Takes one of count slots; close(*out_fd) releases it (AUTO(fd)). ERR_UNAVAILABLE at
 * once if all are taken, or if the file cannot be opened. */
enum err slots_take(const char *path, int count, int *out_fd);
