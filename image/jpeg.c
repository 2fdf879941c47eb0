#include <stdio.h>
#include <jpeglib.h>

#include "image/image.h"
#include "image/parts.h"

static void
on_error(j_common_ptr info)
{
	(void)info;
	give_up();
}

static void
on_message(j_common_ptr info, int level)
{
	(void)info;
	(void)level;
}

/* Some programs for printing store CMYK, and inverted. */
static void
ink_to_light(uint8_t *row, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++, row += 4) {
		for (int i = 0; i < 3; i++)
			row[i] = (uint8_t)(row[i] * row[3] / 255);
		row[3] = 255;
	}
}

/* The library can shrink by eighths while it decodes, which is both fast and small. */
static unsigned
eighths_of(uint32_t longer)
{
	unsigned n = 8;

	while (n > 1 && longer * (n - 1) / 8 >= IMAGE_THUMB_PIXELS * 2)
		n--;
	return n;
}

void
decode_jpeg(struct bytes file, struct canvas *c)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	uint8_t *row;
	bool ink;

	jpeg.err = jpeg_std_error(&errors);
	errors.error_exit = on_error;
	errors.emit_message = on_message;
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, file.data, file.len);
	if (jpeg_read_header(&jpeg, TRUE) != JPEG_HEADER_OK)
		give_up();
	canvas_size(c, jpeg.image_width, jpeg.image_height);
	ink = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
	jpeg.out_color_space = ink ? JCS_CMYK : JCS_EXT_RGBA;
	jpeg.scale_num =
		eighths_of(jpeg.image_width > jpeg.image_height ? jpeg.image_width
								: jpeg.image_height);
	jpeg.scale_denom = 8;
	if (!jpeg_start_decompress(&jpeg))
		give_up();
	canvas_begin(c, jpeg.output_width, jpeg.output_height);
	row = get_memory(jpeg.output_width, 4);
	while (jpeg.output_scanline < jpeg.output_height) {
		if (jpeg_read_scanlines(&jpeg, &row, 1) != 1)
			give_up();
		if (ink)
			ink_to_light(row, jpeg.output_width);
		canvas_row(c, row);
	}
}
