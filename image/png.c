#include <png.h>
#include <string.h>

#include "image/parts.h"

enum { SIZE_AT = 16 };

struct reader {
	struct bytes left;
};

static uint32_t
big(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
read_piece(png_structp png, png_bytep out, size_t len)
{
	struct reader *r = png_get_io_ptr(png);

	if (len > r->left.len)
		give_up();
	memcpy(out, r->left.data, len);
	r->left.data += len;
	r->left.len -= len;
}

static void
on_error(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
	give_up();
}

static void
on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

/* Whatever the format, convert to 8 bits of red, green, blue and alpha. */
static int
ask_for_rgba(png_structp png, png_infop info)
{
	int passes;

	png_set_expand(png);
	png_set_scale_16(png);
	png_set_gray_to_rgb(png);
	png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
	passes = png_set_interlace_handling(png);
	png_read_update_info(png, info);
	return passes;
}

/* Interlaced rows arrive in several passes and are kept until the last. */
static void
read_interlaced(png_structp png, int passes, uint32_t width, uint32_t height,
		struct canvas *c)
{
	uint8_t *all = get_memory((size_t)width * height, 4);

	for (int pass = 0; pass < passes; pass++)
		for (uint32_t y = 0; y < height; y++)
			png_read_row(png, all + (size_t)y * width * 4, NULL);
	for (uint32_t y = 0; y < height; y++)
		canvas_row(c, all + (size_t)y * width * 4);
}

void
decode_png(struct bytes file, struct canvas *c)
{
	struct reader reader = { file };
	png_structp png =
		png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	uint32_t width, height;
	int passes;

	/* The size is at a fixed place, even if nothing follows. */
	if (!info || file.len < SIZE_AT + 8)
		give_up();
	canvas_size(c, big(file.data + SIZE_AT), big(file.data + SIZE_AT + 4));
	png_set_read_fn(png, &reader, read_piece);
	png_read_info(png, info);
	width = png_get_image_width(png, info);
	height = png_get_image_height(png, info);
	if (width != c->full_width || height != c->full_height)
		give_up();
	passes = ask_for_rgba(png, info);
	if (png_get_rowbytes(png, info) != (size_t)width * 4)
		give_up();
	canvas_begin(c, width, height);
	if (passes > 1) {
		read_interlaced(png, passes, width, height, c);
	} else {
		uint8_t *row = get_memory(width, 4);

		for (uint32_t y = 0; y < height; y++) {
			png_read_row(png, row, NULL);
			canvas_row(c, row);
		}
	}
}
