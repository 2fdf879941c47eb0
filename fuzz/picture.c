/* picture.c -- the parsers of foyer-image that are our own: where a picture was taken,
 * how long a sound is. The first byte chooses the type as which the rest is read. */
#include <setjmp.h>

#include "fuzz/fuzz.h"
#include "image/parts.h"

static jmp_buf gave_up;

void
give_up(void)
{
	longjmp(gave_up, 1);
}

/* Memory of the present picture; foyer-image itself would exit and free it that way. */
static struct arena *memory;

void *
get_memory(size_t count, size_t size)
{
	if (size && count > (64u << 20) / size)
		give_up();
	return arena_alloc(memory, count * size + 1);
}

static const char *const types[] = { "image/jpeg", "image/png",	 "image/webp",
				     "image/gif",  "audio/mpeg", "audio/wav",
				     "audio/ogg",  "audio/flac", "audio/mp4",
				     "audio/opus", "video/mp4",	 "video/webm" };

static void
read_as(const char *mime, const uint8_t *data, size_t len)
{
	const struct bytes file = { data, len };
	const struct metadata m = metadata_of(mime, file);
	struct metadata exif = {};

	CLAIM(m.orientation >= 0 && m.orientation <= 8);
	CLAIM(sound_duration_ms(mime, file) >= -1);
	exif_read(file, &exif);
	xmp_has_place(file);
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	memory = arena_new();
	if (len > 0 && setjmp(gave_up) == 0) {
		read_as(types[data[0] % (sizeof(types) / sizeof(*types))], data + 1,
			len - 1);
		blank_places(arena_memdup(memory, data + 1, len - 1), len - 1);
	}
	arena_free(memory);
	return 0;
}
