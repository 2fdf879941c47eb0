/* main.c -- foyer-image: examines one untrusted file; see image.h.
 *
 * Goals: whatever the file does to a decoder happens here, in a process that holds no
 * secret, reaches no network, and ends. Non-goals: speed for many files, and formats that
 * are rare in chats. */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdlib.h>

#include "image/image.h"
#include "image/parts.h"

#ifdef __SANITIZE_ADDRESS__
/* Leak checking needs system calls that confine() forbids; the process's end frees all
 * memory. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static struct image_facts facts = { .duration_ms = -1 };
static int orientation = 1;

void
give_up(void)
{
	_exit(0);
}

void *
get_memory(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		give_up();
	return p;
}

static void
tell(void)
{
	if (write(IMAGE_RESULT, &facts, sizeof(facts)) != sizeof(facts))
		give_up();
}

static struct bytes
map_source(void)
{
	struct stat st;
	void *data;

	if (fstat(IMAGE_SOURCE, &st) != 0 || st.st_size <= 0)
		give_up();
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, IMAGE_SOURCE, 0);
	if (data == MAP_FAILED)
		give_up();
	return (struct bytes){ data, (size_t)st.st_size };
}

/* Orientations from 5 on swap width and height. */
static void
on_size(struct canvas *c)
{
	bool lies = orientation >= 5;

	facts.width = (int32_t)(lies ? c->full_height : c->full_width);
	facts.height = (int32_t)(lies ? c->full_width : c->full_height);
	tell();
}

static void
look_at_image(const char *mime, struct bytes file)
{
	static const struct {
		const char *mime;
		void (*decode)(struct bytes file, struct canvas *c);
	} decoders[] = {
		{ "image/jpeg", decode_jpeg },
		{ "image/png", decode_png },
		{ "image/gif", decode_gif },
		{ "image/webp", decode_webp },
	};
	struct canvas canvas = { .on_size = on_size };
	struct metadata m = metadata_of(mime, file);

	orientation = m.orientation;
	if (m.has_place) {
		write_without_place(mime, file, orientation);
		facts.has_copy = 1;
	}
	tell();
	for (size_t i = 0; i < sizeof(decoders) / sizeof(*decoders); i++)
		if (strcmp(mime, decoders[i].mime) == 0) {
			decoders[i].decode(file, &canvas);
			canvas_write(&canvas, orientation);
			facts.has_thumb = 1;
			tell();
		}
}

int
main(int argc, char **argv)
{
	const char *mime = argc == 2 ? argv[1] : "";

	confine();
	if (strncmp(mime, "image/", 6) == 0) {
		look_at_image(mime, map_source());
	} else {
		facts.duration_ms = sound_duration_ms(mime, map_source());
		tell();
	}
	_exit(0);
}
