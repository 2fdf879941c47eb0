/* workers.h -- several processes of one program, made of one.
 *
 * The first process forks the others and then only watches over them: they share its
 * listening socket, and the pages that the dynamic linker and the settings have written
 * are there once. One that ends is replaced after a rest; SIGTERM, SIGINT and SIGUSR1
 * end them all, after their requests; SIGHUP is passed on.
 *
 * Owns: the workers. They end when it does, however it ends. */
#pragma once

#include <stdbool.h>

/* Call it with the signals blocked, and before anything is opened that processes must
 * not share. Returns in each worker, true if the others were told to reload before it was
 * made; the first process never comes back: it exits 0 when it was told to end and the
 * workers have. */
bool workers_start(int count);
