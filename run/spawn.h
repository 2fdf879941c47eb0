/* spawn.h -- starts a program as a child that does not outlive us. */
#pragma once

#include <sys/types.h>

/* Starts argv[0] (a path) with /dev/null as stdin, stdout and stderr appended to
 * `output` (NULL: our stderr), and `listen_fd` (-1: none) as descriptor 3 by the
 * LISTEN_FDS convention. The kernel kills it when we die. Returns -1 if fork fails.
 * A program that cannot be executed reports that on its stderr and exits with 127. */
pid_t spawn(char **argv, const char *output, int listen_fd);
