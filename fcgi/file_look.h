/* file_look.h -- what foyer-image says of a file.
 *
 * A decoder that meets a crafted image may crash, hang, or worse. So it runs in a
 * process of its own, started for this file, that has four descriptors and nothing
 * else (image/main.c). Whatever becomes of it, we go on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/digest.h"

struct look {
	bool known; /* it has told anything */
	int64_t width, height, duration_ms;
	/* A small form; NULL none. */
	const char *thumb_path;
	int thumb_fd;
	/* The file without what tells where it was made; NULL: it is good as it is. */
	const char *path;
	int fd;
	int64_t size;
	char sha256[2 * SHA256_BYTES + 1];
};

/* fd: the file, which is a mime. Temporary files belong to the arena, and go with it. */
void file_look(struct arena *a, const struct config *c, const char *mime, int fd,
	       struct look *out);
