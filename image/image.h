/* image.h -- the interface between foyer-image and the program that starts it.
 *
 * foyer-image MIME: descriptor 0 is the file, 1 a pipe for the results, 3 and 4 empty
 * files for the small form and for a copy without the place. It writes one struct
 * image_facts after each step, with all that is known so far: if it is killed or crashes,
 * what it has found counts. The reader trusts none of the numbers. */
#pragma once

#include <stdint.h>

enum {
	IMAGE_SOURCE = 0,
	IMAGE_RESULT = 1,
	IMAGE_THUMB = 3,
	IMAGE_COPY = 4,
	IMAGE_FD_COUNT = 5,
};

enum {
	IMAGE_THUMB_PIXELS = 480,     /* a side, at most */
	IMAGE_DECODED_MAX = 50000000, /* pixels; above it nothing is decoded */
	IMAGE_SIDE_MAX = 1 << 20,
};

struct image_facts {
	int32_t width, height; /* as shown; 0 not known */
	int64_t duration_ms;   /* -1 not known */
	uint8_t has_thumb, has_copy, padding[6];
};
