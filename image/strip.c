/* strip.c -- removes the place where a picture was made.
 *
 * Nothing is decoded: segments or chunks are copied, or left out. If a place is found,
 * all of Exif, XMP and IPTC is removed, since makers also hide it in fields of their own;
 * the orientation is written anew. Exif that we cannot read counts as containing a place:
 * others may be able to read it. */
#include <string.h>
#include <unistd.h>

#include "image/image.h"
#include "image/parts.h"

/* Where to write; fd -1: nowhere, so that looking and copying share one walk. */
struct out {
	int fd;
	int orientation;
	bool turned; /* the orientation was written */
	struct metadata found;
};

static void
put(struct out *o, const void *data, size_t len)
{
	const char *p = data;

	while (o->fd >= 0 && len > 0) {
		ssize_t n = write(o->fd, p, len);

		if (n <= 0)
			give_up();
		p += n;
		len -= (size_t)n;
	}
}

static bool
has(struct bytes b, const void *what, size_t len)
{
	return memmem(b.data, b.len, what, len) != NULL;
}

static bool
begins(struct bytes b, const char *what, size_t len)
{
	return b.len >= len && memcmp(b.data, what, len) == 0;
}

static struct bytes
part_of(struct bytes b, size_t at, size_t len)
{
	return (struct bytes){ b.data + at, len };
}

static struct bytes
from(struct bytes b, size_t at)
{
	return part_of(b, at, b.len - at);
}

static void
look_at_exif(struct out *o, struct bytes tiff)
{
	if (!exif_read(tiff, &o->found))
		o->found.has_place = true;
}

/* ---- JPEG ------------------------------------------------------------------ */

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, APP2 = 0xe2, APP13 = 0xed };

/* City, place, state, country, in IPTC's records. */
static bool
iptc_has_place(struct bytes b)
{
	static const uint8_t records[] = { 0x1a, 0x1b, 0x5a, 0x5c, 0x5f, 0x65 };

	for (size_t i = 0; i < sizeof(records); i++)
		if (has(b, (const uint8_t[]){ 0x1c, 2, records[i] }, 3))
			return true;
	return false;
}

static void
put_jpeg_orientation(struct out *o)
{
	uint8_t segment[4 + 6 + EXIF_SMALL_SIZE] = { 0xff, APP1, 0,   8 + EXIF_SMALL_SIZE,
						     'E',  'x',	 'i', 'f' };

	if (o->turned || o->orientation == 1)
		return;
	exif_small(o->orientation, segment + 10);
	put(o, segment, sizeof(segment));
	o->turned = true;
}

/* Is it a segment that may contain the place, and does it? */
static bool
jpeg_is_metadata(struct out *o, int marker, struct bytes body)
{
	if (marker == APP1 && begins(body, "Exif\0", 6)) {
		look_at_exif(o, from(body, 6));
	} else if (marker == APP1) {
		o->found.has_place |= xmp_has_place(body);
	} else if (marker == APP13) {
		o->found.has_place |= iptc_has_place(body);
	} else if (marker == APP2 && begins(body, "MPF", 4)) {
		/* further pictures after this one, with Exif of their own */
	} else {
		return false;
	}
	return true;
}

/* From the scan's header to the next marker that is not part of its data. */
static size_t
scan_end(struct bytes b, size_t at)
{
	while (at + 1 < b.len) {
		const uint8_t *p = memchr(b.data + at, 0xff, b.len - at - 1);

		if (!p)
			return b.len;
		at = (size_t)(p - b.data);
		if (p[1] != 0 && p[1] != 0xff && (p[1] < 0xd0 || p[1] > 0xd7))
			return at;
		at += p[1] == 0xff ? 1 : 2;
	}
	return b.len;
}

static void
walk_jpeg(struct out *o, struct bytes b)
{
	size_t at = 2;

	put(o, b.data, at < b.len ? at : b.len);
	while (at + 4 <= b.len && b.data[at] == 0xff && b.data[at + 1] != EOI) {
		int marker = b.data[at + 1];
		size_t len = ((size_t)b.data[at + 2] << 8 | b.data[at + 3]) + 2;
		size_t end = at + len;

		if (len < 4 || end > b.len)
			break;
		if (marker == SOS)
			end = scan_end(b, end);
		if (!jpeg_is_metadata(o, marker, part_of(b, at + 4, len - 4))) {
			if (marker != 0xe0) /* JFIF comes first */
				put_jpeg_orientation(o);
			put(o, b.data + at, end - at);
		}
		at = end;
	}
	if (at + 2 <= b.len && b.data[at] == 0xff && b.data[at + 1] == EOI) {
		put(o, b.data + at, 2);
		at += 2;
		/* Anything may follow the picture: further pictures, or moving ones
		 * (whose place is called \251xyz). */
		o->found.has_place |= has(from(b, at), "Exif\0", 6) ||
				      has(from(b, at), "\251xyz", 4) ||
				      xmp_has_place(from(b, at));
	} else {
		put(o, b.data + at, b.len - at);
	}
}

/* ---- PNG ------------------------------------------------------------------- */

static uint32_t
crc_of(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	while (len-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void
put_big(uint8_t *out, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

static uint32_t
get_big(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
put_png_orientation(struct out *o)
{
	uint8_t chunk[8 + EXIF_SMALL_SIZE + 4] = { 0,	0,   0,	  EXIF_SMALL_SIZE,
						   'e', 'X', 'I', 'f' };

	if (o->turned || o->orientation == 1)
		return;
	exif_small(o->orientation, chunk + 8);
	put_big(chunk + 8 + EXIF_SMALL_SIZE, crc_of(chunk + 4, 4 + EXIF_SMALL_SIZE));
	put(o, chunk, sizeof(chunk));
	o->turned = true;
}

/* Compressed metadata cannot be checked, and counts as containing a place. */
static bool
png_is_metadata(struct out *o, struct bytes type, struct bytes body)
{
	static const char xmp[] = "XML:com.adobe.xmp", raw[] = "Raw profile type ";

	if (begins(type, "eXIf", 4)) {
		look_at_exif(o, body);
	} else if (begins(type, "iTXt", 4) && begins(body, xmp, sizeof(xmp))) {
		bool packed = body.len > sizeof(xmp) && body.data[sizeof(xmp)];

		o->found.has_place |= packed || xmp_has_place(body);
	} else if (begins(body, raw, sizeof(raw) - 1) &&
		   (begins(type, "tEXt", 4) || begins(type, "zTXt", 4) ||
		    begins(type, "iTXt", 4))) {
		o->found.has_place = true;
	} else {
		return false;
	}
	return true;
}

static void
walk_png(struct out *o, struct bytes b)
{
	size_t at = 8;

	put(o, b.data, at < b.len ? at : b.len);
	while (at + 12 <= b.len) {
		size_t len = get_big(b.data + at);
		struct bytes type = part_of(b, at + 4, 4);

		if (len > b.len - at - 12)
			break;
		if (!png_is_metadata(o, type, part_of(b, at + 8, len))) {
			if (begins(type, "IDAT", 4))
				put_png_orientation(o);
			put(o, b.data + at, len + 12);
		}
		at += len + 12;
		if (begins(type, "IEND", 4))
			return;
	}
	put(o, b.data + (at < b.len ? at : b.len), at < b.len ? b.len - at : 0);
}

/* ---- WebP ------------------------------------------------------------------ */

static void
put_little(uint8_t *out, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (8 * i));
}

/* Calls itself if it needs two passes: the header gives the total length. */
static size_t
walk_webp(struct out *o, struct bytes b, bool write)
{
	enum { HAS_XMP = 4, HAS_EXIF = 8 };
	size_t total = 4;
	struct out nowhere = { .fd = -1, .found = o->found };
	struct out *to = write ? o : &nowhere;

	for (size_t at = 12; at + 8 <= b.len;) {
		const uint8_t *p = b.data + at;
		size_t len = p[4] | (size_t)p[5] << 8 | (size_t)p[6] << 16 |
			     (size_t)p[7] << 24;
		size_t end = at + 8 + len + (len & 1);
		struct bytes body;

		if (len > b.len - at - 8)
			break;
		if (end > b.len)
			end = b.len;
		body = part_of(b, at + 8, len);
		if (memcmp(p, "EXIF", 4) == 0) {
			size_t skip = begins(body, "Exif\0", 6) ? 6 : 0;

			look_at_exif(o, from(body, skip));
		} else if (memcmp(p, "XMP ", 4) == 0) {
			o->found.has_place |= xmp_has_place(body);
		} else if (memcmp(p, "VP8X", 4) == 0 && len >= 10) {
			uint8_t flags = p[8] & (uint8_t) ~(HAS_XMP | HAS_EXIF);

			flags |= o->orientation > 1 ? HAS_EXIF : 0;
			put(to, p, 8);
			put(to, &flags, 1);
			put(to, p + 9, end - at - 9);
			total += end - at;
		} else {
			put(to, p, end - at);
			total += end - at;
		}
		at = end;
	}
	if (o->orientation > 1) {
		uint8_t chunk[8 + EXIF_SMALL_SIZE] = { 'E', 'X', 'I', 'F',
						       EXIF_SMALL_SIZE };

		exif_small(o->orientation, chunk + 8);
		put(to, chunk, sizeof(chunk));
		total += sizeof(chunk);
	}
	return total;
}

static void
copy_webp(struct out *o, struct bytes b)
{
	uint8_t header[12] = "RIFF\0\0\0\0WEBP";

	put_little(header + 4, (uint32_t)walk_webp(o, b, false));
	put(o, header, sizeof(header));
	walk_webp(o, b, true);
}

/* ---- AVIF, HEIC, TIFF, GIF and others ---------------------------------------- */

/* Their parts refer to each other by offsets, so nothing may move: the place is blanked
 * in place. */
static void
walk_others(struct out *o, struct bytes b)
{
	uint8_t *copy = get_memory(b.len, 1);

	memcpy(copy, b.data, b.len);
	o->found.has_place |= blank_places(copy, b.len);
	put(o, copy, b.len);
}

/* ---- all of them ----------------------------------------------------------- */

static void
walk(const char *mime, struct out *o, struct bytes file)
{
	if (strcmp(mime, "image/jpeg") == 0)
		walk_jpeg(o, file);
	else if (strcmp(mime, "image/png") == 0)
		walk_png(o, file);
	else if (strcmp(mime, "image/webp") == 0 && file.len >= 12)
		copy_webp(o, file);
	else
		walk_others(o, file);
}

struct metadata
metadata_of(const char *mime, struct bytes file)
{
	struct out o = { .fd = -1, .orientation = 1, .found = { .orientation = 1 } };

	walk(mime, &o, file);
	return o.found;
}

void
write_without_place(const char *mime, struct bytes file, int orientation)
{
	struct out o = { .fd = IMAGE_COPY,
			 .orientation = orientation,
			 .found = { .orientation = 1 } };

	walk(mime, &o, file);
}
