/* spawn.h -- a program as a child that does not outlive us. */
#pragma once

#include <sys/types.h>

/* Starts argv[0] (a path) with nothing to read, stdout and stderr appended to
 * `output` (NULL: our stderr), and `listen_fd` (-1: none) as descriptor 3 in the
 * LISTEN_FDS manner. The kernel kills it when we die. -1: no process; a program
 * that cannot be executed says so where it would have written, and ends with 127. */
pid_t spawn(char **argv, const char *output, int listen_fd);
