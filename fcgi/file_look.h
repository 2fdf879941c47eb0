/* file_look.h -- what foyer-image finds out about a file.
 *
 * A crafted image may make its decoder crash, hang, or worse. So the decoder runs in a
 * process of its own, started for this file, that has four descriptors and nothing else
 * (image/main.c). We go on whatever happens to it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/digest.h"

struct look {
	bool known; /* it has found anything */
	int64_t width, height, duration_ms;
	/* A small form; NULL: none. */
	const char *thumb_path;
	int thumb_fd;
	/* The file without the place where it was made; NULL: the original needs no
	 * change. */
	const char *path;
	int fd;
	int64_t size;
	char sha256[2 * SHA256_BYTES + 1];
};

/* fd: the file, of type mime. Temporary files belong to the arena, and are removed with
 * it. */
void file_look(struct arena *a, const struct config *c, const char *mime, int fd,
	       struct look *out);
