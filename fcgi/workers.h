/* workers.h -- forks one process of a program into several.
 *
 * The first process forks the others and then only watches over them. They share its
 * listening socket, and the pages that the dynamic linker and the settings have written
 * exist once. A worker that ends is replaced after a rest. SIGTERM, SIGINT and SIGUSR1
 * end them all, after their requests; SIGHUP is passed on.
 *
 * Owns: the workers. They end when it does, however it ends. */
#pragma once

#include <stdbool.h>

/* Call it with the signals blocked, and before opening anything that processes must not
 * share. Returns in each worker: true if the others were told to reload before it was
 * started. The first process never returns: once told to end, it waits for the workers
 * and exits 0. */
bool workers_start(int count);
