#include <gif_lib.h>
#include <string.h>

#include "image/parts.h"

static int
read_piece(GifFileType *gif, GifByteType *out, int len)
{
	struct bytes *left = gif->UserData;
	size_t n = (size_t)len < left->len ? (size_t)len : left->len;

	memcpy(out, left->data, n);
	left->data += n;
	left->len -= n;
	return (int)n;
}

/* Up to the first picture; the extension before it says which colour is transparent. */
static int
find_first(GifFileType *gif)
{
	GraphicsControlBlock control = { .TransparentColor = NO_TRANSPARENT_COLOR };
	GifRecordType type;

	while (DGifGetRecordType(gif, &type) == GIF_OK) {
		GifByteType *block;
		int code;

		if (type == IMAGE_DESC_RECORD_TYPE)
			return control.TransparentColor;
		if (type != EXTENSION_RECORD_TYPE ||
		    DGifGetExtension(gif, &code, &block) != GIF_OK)
			break;
		if (code == GRAPHICS_EXT_FUNC_CODE && block)
			DGifExtensionToGCB(block[0], block + 1, &control);
		while (block)
			if (DGifGetExtensionNext(gif, &block) != GIF_OK)
				give_up();
	}
	give_up();
}

static void
paint(uint8_t *out, const GifPixelType *row, int width, const ColorMapObject *colours,
      int none)
{
	for (int x = 0; x < width; x++, out += 4) {
		const GifColorType *colour;

		if (row[x] == none || row[x] >= colours->ColorCount)
			continue;
		colour = &colours->Colors[row[x]];
		memcpy(out, (uint8_t[]){ colour->Red, colour->Green, colour->Blue, 255 },
		       4);
	}
}

/* Interlaced lines come in four passes; the picture is not much larger than its file. */
static void
read_lines(GifFileType *gif, uint8_t *all, int none)
{
	static const int first[] = { 0, 4, 2, 1 }, step[] = { 8, 8, 4, 2 };
	const GifImageDesc *at = &gif->Image;
	const ColorMapObject *colours = at->ColorMap ? at->ColorMap : gif->SColorMap;
	GifPixelType *row = get_memory((size_t)at->Width, sizeof(*row));

	if (!colours)
		give_up();
	for (int turn = 0; turn < (at->Interlace ? 4 : 1); turn++)
		for (int y = at->Interlace ? first[turn] : 0; y < at->Height;
		     y += at->Interlace ? step[turn] : 1) {
			if (DGifGetLine(gif, row, at->Width) != GIF_OK)
				give_up();
			paint(all + ((size_t)(at->Top + y) * (size_t)gif->SWidth +
				     (size_t)at->Left) *
					      4,
			      row, at->Width, colours, none);
		}
}

void
decode_gif(struct bytes file, struct canvas *c)
{
	GifFileType *gif = DGifOpen(&file, read_piece, NULL);
	const GifImageDesc *at;
	uint8_t *all;
	int none;

	if (!gif || gif->SWidth <= 0 || gif->SHeight <= 0)
		give_up();
	canvas_size(c, (uint32_t)gif->SWidth, (uint32_t)gif->SHeight);
	none = find_first(gif);
	if (DGifGetImageDesc(gif) != GIF_OK)
		give_up();
	at = &gif->Image;
	if (at->Left < 0 || at->Top < 0 || at->Width <= 0 || at->Height <= 0 ||
	    at->Left + at->Width > gif->SWidth || at->Top + at->Height > gif->SHeight)
		give_up();
	canvas_begin(c, (uint32_t)gif->SWidth, (uint32_t)gif->SHeight);
	all = get_memory((size_t)gif->SWidth * (size_t)gif->SHeight, 4);
	read_lines(gif, all, none);
	for (int y = 0; y < gif->SHeight; y++)
		canvas_row(c, all + (size_t)y * (size_t)gif->SWidth * 4);
}
