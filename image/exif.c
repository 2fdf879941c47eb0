/* exif.c -- the parts of TIFF and XMP that say how a picture is turned and whether it
 * contains the place where it was made. Every offset is checked against the data. */
#include <string.h>

#include "image/parts.h"

enum {
	TAG_ORIENTATION = 0x0112,
	TAG_GPS = 0x8825,
	ENTRY = 12,
	ENTRIES_MAX = 512,
};

static uint32_t
number(const uint8_t *p, int len, bool big)
{
	uint32_t n = 0;

	for (int i = 0; i < len; i++)
		n = n << 8 | p[big ? i : len - 1 - i];
	return n;
}

/* The entries of the first directory. */
static uint32_t
first_folder(struct bytes t, bool *out_big, size_t *out_at)
{
	uint32_t at, count;
	bool big;

	if (t.len < 8 ||
	    (memcmp(t.data, "II*\0", 4) != 0 && memcmp(t.data, "MM\0*", 4) != 0))
		return 0;
	big = t.data[0] == 'M';
	at = number(t.data + 4, 4, big);
	if (at < 8 || at > t.len - 2)
		return 0;
	count = number(t.data + at, 2, big);
	if (count > ENTRIES_MAX || t.len - at - 2 < (size_t)count * ENTRY)
		return 0;
	*out_big = big;
	*out_at = at + 2;
	return count;
}

bool
exif_read(struct bytes tiff, struct metadata *out)
{
	bool big;
	size_t at;
	uint32_t count = first_folder(tiff, &big, &at);

	for (uint32_t i = 0; i < count; i++, at += ENTRY) {
		const uint8_t *entry = tiff.data + at;
		uint32_t tag = number(entry, 2, big), value = number(entry + 8, 2, big);

		if (tag == TAG_GPS)
			out->has_place = true;
		if (tag == TAG_ORIENTATION && value >= 1 && value <= 8)
			out->orientation = (int)value;
	}
	return count > 0;
}

/* Sizes of TIFF's types, by number. */
static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8 };

/* Blanks the directory with the place, and what its entries point to. */
static void
blank_folder(uint8_t *data, size_t len, size_t at, bool big)
{
	uint32_t count = at >= 8 && at <= len - 2 ? number(data + at, 2, big) : 0;

	if (count == 0 || count > ENTRIES_MAX || len - at - 2 < (size_t)count * ENTRY)
		return;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *entry = data + at + 2 + i * ENTRY;
		uint32_t type = number(entry + 2, 2, big);
		size_t size = (type < sizeof(sizes) ? sizes[type] : 0) *
			      (size_t)number(entry + 4, 4, big);
		size_t where = number(entry + 8, 4, big);

		if (size > 4 && where < len && size <= len - where)
			memset(data + where, 0, size);
	}
	memset(data + at, 0, 2 + (size_t)count * ENTRY);
}

static void
blank_exif(uint8_t *data, size_t len)
{
	bool big;
	size_t at;
	uint32_t count = first_folder((struct bytes){ data, len }, &big, &at);

	for (uint32_t i = 0; i < count; i++, at += ENTRY) {
		if (number(data + at, 2, big) != TAG_GPS)
			continue;
		blank_folder(data, len, number(data + at + 8, 4, big), big);
		memset(data + at + 2, 0, ENTRY - 2);
	}
}

/* The length of the XMP that begins here; 0: there is none. */
static size_t
xmp_length(struct bytes b)
{
	static const char first[] = "<x:xmpmeta", last[] = "</x:xmpmeta>";
	const uint8_t *end;

	if (b.len < sizeof(first) || memcmp(b.data, first, sizeof(first) - 1) != 0)
		return 0;
	end = memmem(b.data, b.len, last, sizeof(last) - 1);
	return end ? (size_t)(end - b.data) : b.len;
}

bool
xmp_has_place(struct bytes b)
{
	return memmem(b.data, b.len, "GPS", 3) || memmem(b.data, b.len, "ocation", 7) ||
	       memmem(b.data, b.len, "City", 4);
}

bool
blank_places(uint8_t *data, size_t len)
{
	bool found = false;
	size_t xmp = 0;

	for (size_t at = 0; at + 8 <= len; at += xmp ? xmp : 1) {
		struct bytes rest = { data + at, len - at };
		struct metadata m = { .orientation = 1 };

		xmp = xmp_length(rest);
		if (xmp && xmp_has_place((struct bytes){ rest.data, xmp })) {
			memset(data + at, ' ', xmp);
			found = true;
		}
		if ((data[at] == 'I' || data[at] == 'M') && exif_read(rest, &m) &&
		    m.has_place) {
			blank_exif(data + at, len - at);
			found = true;
		}
	}
	return found;
}

void
exif_small(int orientation, uint8_t out[EXIF_SMALL_SIZE])
{
	static const uint8_t text[EXIF_SMALL_SIZE] = {
		'M', 'M',  0, '*', 0, 0, 0, 8, /* the directory is at 8 */
		0,   1,			       /* with one entry */
		1,   0x12, 0, 3,   0, 0, 0, 1, /* orientation: one short */
	};

	memcpy(out, text, EXIF_SMALL_SIZE);
	out[19] = (uint8_t)orientation;
}
