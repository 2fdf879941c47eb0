/* file_place.h -- where contents lie: below files_dir, by the hex of their SHA-256.
 *
 *	ab/cdef...        the content, without an ending, 0600 in folders of 0700
 *	ab/cdef...-thumb  its small form
 *	tmp/...           what is being received
 *	lock              held shared while something is stored, alone while it is removed
 *
 * Nothing here asks the database. A name appears in its place whole or not at all. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/err.h"

enum file_part { FILE_CONTENT, FILE_SMALL };

/* "ab/cdef..." */
const char *file_place(struct arena *a, const char *sha256, enum file_part part);

/* A new file in tmp, for reading and writing. */
enum err file_temporary(struct arena *a, const char *dir, const char **out_path,
			int *out_fd);

/* Hold the lock until the descriptor is closed. */
enum err file_lock(struct arena *a, const char *dir, bool alone, int *out_fd);

/* Make what fd wrote to path (in tmp) last, and put it in its place; what is there is
 * the same. The caller holds the lock. */
enum err file_keep(struct arena *a, const char *dir, const char *path, int fd,
		   const char *sha256, enum file_part part);

/* Both parts of a content go. The caller holds the lock alone. */
void file_remove(struct arena *a, const char *dir, const char *sha256);
