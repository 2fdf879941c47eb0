/* file_place.h -- where contents are stored: below files_dir, by the hex of their
 * SHA-256.
 *
 *	ab/cdef...        the content, without an extension, 0600 in folders of 0700
 *	ab/cdef...-thumb  its small form
 *	tmp/...           uploads in progress
 *	lock              held shared while something is stored, exclusively to remove
 *
 * Nothing here uses the database. A file appears in its place whole or not at all. */
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

/* Holds the lock until the descriptor is closed. alone: exclusively. */
enum err file_lock(struct arena *a, const char *dir, bool alone, int *out_fd);

/* Makes what fd wrote to path (in tmp) durable, and moves it to its place; a file that is
 * already there has the same content. The caller holds the lock. */
enum err file_keep(struct arena *a, const char *dir, const char *path, int fd,
		   const char *sha256, enum file_part part);

/* Removes both parts of a content. The caller holds the lock exclusively. */
void file_remove(struct arena *a, const char *dir, const char *sha256);
