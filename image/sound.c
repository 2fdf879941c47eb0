/* sound.c -- how long sound and video last: the door to TagLib, and by hand what that
 * knows by the ending of a name only, which what we are given does not have. */
#include <string.h>
#include <taglib/tag_c.h>

#include "image/parts.h"

static uint64_t
little(const uint8_t *p, int len)
{
	uint64_t n = 0;

	while (len-- > 0)
		n = n << 8 | p[len];
	return n;
}

/* Chunks: how many bytes a second there are, and how many bytes. */
static int64_t
wav_duration_ms(struct bytes b)
{
	uint64_t per_second = 0;

	for (size_t at = 12; at + 8 <= b.len;) {
		const uint8_t *p = b.data + at;
		uint64_t len = little(p + 4, 4);

		if (memcmp(p, "fmt ", 4) == 0 && len >= 16 && b.len - at >= 24)
			per_second = little(p + 16, 4);
		if (memcmp(p, "data", 4) == 0) {
			if (len > b.len - at - 8)
				len = b.len - at - 8;
			return per_second ? (int64_t)(len * 1000 / per_second) : -1;
		}
		at += 8 + len + (len & 1);
	}
	return -1;
}

/* The last page tells the last sample, of 48,000 a second; some before the first are
 * not played. */
static int64_t
opus_duration_ms(struct bytes b)
{
	const uint8_t *head = memmem(b.data, b.len < 512 ? b.len : 512, "OpusHead", 8);
	uint64_t samples, skipped;
	size_t at = b.len;

	if (!head || b.len < 512)
		return -1;
	while (at > 14 && memcmp(b.data + at - 14, "OggS", 4) != 0)
		at--;
	if (at <= 14)
		return -1;
	samples = little(b.data + at - 14 + 6, 8);
	skipped = little(head + 10, 2);
	return samples > skipped && samples < UINT64_MAX / 2000
		       ? (int64_t)((samples - skipped) / 48)
		       : -1;
}

static int64_t
taglib_duration_ms(TagLib_File_Type type)
{
	TagLib_File *file = taglib_file_new_type("/proc/self/fd/0", type);
	const TagLib_AudioProperties *sound = file && taglib_file_is_valid(file)
						      ? taglib_file_audioproperties(file)
						      : NULL;
	int64_t seconds = sound ? taglib_audioproperties_length(sound) : 0;

	return seconds > 0 ? seconds * 1000 : -1;
}

int64_t
sound_duration_ms(const char *mime, struct bytes file)
{
	if (strcmp(mime, "audio/wav") == 0)
		return wav_duration_ms(file);
	if (strcmp(mime, "audio/mpeg") == 0)
		return taglib_duration_ms(TagLib_File_MPEG);
	if (strcmp(mime, "audio/flac") == 0)
		return taglib_duration_ms(TagLib_File_FLAC);
	if (strcmp(mime, "audio/ogg") == 0) {
		int64_t opus_ms = opus_duration_ms(file);

		return opus_ms >= 0 ? opus_ms : taglib_duration_ms(TagLib_File_OggVorbis);
	}
	return taglib_duration_ms(TagLib_File_MP4);
}
