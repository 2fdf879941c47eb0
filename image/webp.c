#include <string.h>
#include <webp/decode.h>

#include "image/image.h"
#include "image/parts.h"

/* The frames of an animation are in ANMF chunks: returns the first one as a picture of
 * its own. */
static struct bytes
first_frame(struct bytes file)
{
	enum { FRAME_HEADER = 16 };
	size_t at = 12;

	while (at + 8 <= file.len) {
		const uint8_t *p = file.data + at;
		size_t len = p[4] | (size_t)p[5] << 8 | (size_t)p[6] << 16 |
			     (size_t)p[7] << 24;

		if (len > file.len - at - 8)
			break;
		if (memcmp(p, "ANMF", 4) == 0 && len > FRAME_HEADER)
			return (struct bytes){ p + 8 + FRAME_HEADER, len - FRAME_HEADER };
		at += 8 + len + (len & 1);
	}
	give_up();
}

void
decode_webp(struct bytes file, struct canvas *c)
{
	WebPDecoderConfig config;
	uint32_t longer, w, h;

	if (!WebPInitDecoderConfig(&config) ||
	    WebPGetFeatures(file.data, file.len, &config.input) != VP8_STATUS_OK)
		give_up();
	w = (uint32_t)config.input.width;
	h = (uint32_t)config.input.height;
	canvas_size(c, w, h);
	if (config.input.has_animation) {
		file = first_frame(file);
		if (WebPGetFeatures(file.data, file.len, &config.input) != VP8_STATUS_OK)
			give_up();
		w = (uint32_t)config.input.width;
		h = (uint32_t)config.input.height;
	}
	longer = w > h ? w : h;
	if (longer > IMAGE_THUMB_PIXELS * 2) {
		config.options.use_scaling = 1;
		w = w * IMAGE_THUMB_PIXELS * 2 / longer;
		h = h * IMAGE_THUMB_PIXELS * 2 / longer;
		w = w ? w : 1;
		h = h ? h : 1;
		config.options.scaled_width = (int)w;
		config.options.scaled_height = (int)h;
	}
	config.output.colorspace = MODE_RGBA;
	if (WebPDecode(file.data, file.len, &config) != VP8_STATUS_OK)
		give_up();
	canvas_begin(c, w, h);
	for (uint32_t y = 0; y < h; y++)
		canvas_row(c, config.output.u.RGBA.rgba +
				      (size_t)y * (size_t)config.output.u.RGBA.stride);
}
