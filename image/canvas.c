/* canvas.c -- the door to libwebp, with webp.c. Rows are averaged as they arrive, by an
 * integer factor, so that memory depends on the size of the small picture and not on the
 * large one; libwebp's own scaler does the last step. */
#include <string.h>
#include <unistd.h>
#include <webp/encode.h>

#include "image/image.h"
#include "image/parts.h"

enum { OVERSIZE = 2, QUALITY = 75 };

void
canvas_size(struct canvas *c, uint32_t width, uint32_t height)
{
	if (width == 0 || height == 0 || width > IMAGE_SIDE_MAX ||
	    height > IMAGE_SIDE_MAX)
		give_up();
	c->full_width = width;
	c->full_height = height;
	c->on_size(c);
	if ((uint64_t)width * height > IMAGE_DECODED_MAX)
		give_up();
}

void
canvas_begin(struct canvas *c, uint32_t width, uint32_t height)
{
	uint32_t longer = width > height ? width : height;

	c->width = width;
	c->height = height;
	c->factor = longer / (IMAGE_THUMB_PIXELS * OVERSIZE);
	if (c->factor < 1)
		c->factor = 1;
	c->small_width = (width + c->factor - 1) / c->factor;
	c->small_height = (height + c->factor - 1) / c->factor;
	c->sums = get_memory((size_t)c->small_width * 4, sizeof(*c->sums));
	c->small = get_memory((size_t)c->small_width * c->small_height, 4);
}

/* Colours are weighted by their opacity. */
static void
add_row(struct canvas *c, const uint8_t *rgba)
{
	for (uint32_t x = 0; x < c->width; x++, rgba += 4) {
		uint32_t *sum = c->sums + (size_t)(x / c->factor) * 4;

		for (int i = 0; i < 3; i++)
			sum[i] += rgba[i] * rgba[3] / 255u;
		sum[3] += rgba[3];
	}
}

static void
finish_row(struct canvas *c, uint32_t rows)
{
	uint8_t *out = c->small + (size_t)((c->row - 1) / c->factor) * c->small_width * 4;

	for (uint32_t x = 0; x < c->small_width; x++, out += 4) {
		uint32_t *sum = c->sums + (size_t)x * 4;
		uint32_t left = c->width - x * c->factor;
		uint32_t pixels = (left < c->factor ? left : c->factor) * rows;

		for (int i = 0; i < 3 && sum[3]; i++) {
			uint64_t value = (uint64_t)sum[i] * 255 / sum[3];

			out[i] = (uint8_t)(value < 255 ? value : 255);
		}
		out[3] = (uint8_t)(sum[3] / pixels);
	}
	memset(c->sums, 0, (size_t)c->small_width * 4 * sizeof(*c->sums));
}

void
canvas_row(struct canvas *c, const uint8_t *rgba)
{
	uint32_t rows;

	if (c->row == c->height)
		return;
	add_row(c, rgba);
	c->row++;
	rows = (c->row - 1) % c->factor + 1;
	if (rows == c->factor || c->row == c->height)
		finish_row(c, rows);
}

/* ---- turning and writing --------------------------------------------------- */

/* Exif's orientations 1..8: which stored pixel is shown at x, y of the turned picture (w
 * by h). */
static void
source_of(int orientation, uint32_t w, uint32_t h, uint32_t x, uint32_t y, uint32_t *sx,
	  uint32_t *sy)
{
	bool lies = orientation >= 5;
	bool mirror = orientation == 2 || orientation == 3 || orientation == 7 ||
		      orientation == 8;
	bool upside = orientation == 3 || orientation == 4 || orientation == 6 ||
		      orientation == 7;

	*sx = lies ? y : x;
	*sy = lies ? x : y;
	if (mirror)
		*sx = (lies ? h : w) - 1 - *sx;
	if (upside)
		*sy = (lies ? w : h) - 1 - *sy;
}

static uint8_t *
turned(const struct canvas *c, int orientation, uint32_t *out_w, uint32_t *out_h)
{
	uint32_t w = orientation >= 5 ? c->small_height : c->small_width;
	uint32_t h = orientation >= 5 ? c->small_width : c->small_height;
	uint8_t *out = get_memory((size_t)w * h, 4);

	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++) {
			uint32_t sx, sy;

			source_of(orientation, w, h, x, y, &sx, &sy);
			memcpy(out + ((size_t)y * w + x) * 4,
			       c->small + ((size_t)sy * c->small_width + sx) * 4, 4);
		}
	*out_w = w;
	*out_h = h;
	return out;
}

static int
write_piece(const uint8_t *data, size_t len, const WebPPicture *picture)
{
	(void)picture;
	while (len > 0) {
		ssize_t n = write(IMAGE_THUMB, data, len);

		if (n <= 0)
			return 0;
		data += n;
		len -= (size_t)n;
	}
	return 1;
}

void
canvas_write(struct canvas *c, int orientation)
{
	WebPConfig config;
	WebPPicture picture;
	uint32_t w, h;
	uint8_t *rgba = turned(c, orientation, &w, &h);

	if (c->row != c->height ||
	    !WebPConfigPreset(&config, WEBP_PRESET_PICTURE, QUALITY) ||
	    !WebPPictureInit(&picture))
		give_up();
	config.method = 3;
	picture.use_argb = 1;
	picture.width = (int)w;
	picture.height = (int)h;
	picture.writer = write_piece;
	if (!WebPPictureImportRGBA(&picture, rgba, (int)w * 4))
		give_up();
	if (w > IMAGE_THUMB_PIXELS || h > IMAGE_THUMB_PIXELS) {
		uint32_t longer = w > h ? w : h;
		uint32_t to_w = (w * IMAGE_THUMB_PIXELS + longer / 2) / longer;
		uint32_t to_h = (h * IMAGE_THUMB_PIXELS + longer / 2) / longer;

		if (!WebPPictureRescale(&picture, (int)(to_w ? to_w : 1),
					(int)(to_h ? to_h : 1)))
			give_up();
	}
	if (!WebPEncode(&config, &picture))
		give_up();
}
