/* sound.c -- the duration of sound and video, as their containers state it.
 *
 * Nothing is decoded. Every offset is checked against the data. If the duration cannot be
 * found, the result is -1, and the client may supply it. */
#include <string.h>

#include "image/parts.h"

enum { UNKNOWN = -1, LONGEST_MS = INT32_MAX }; /* 24 days */

static uint64_t
little(const uint8_t *p, int len)
{
	uint64_t n = 0;

	while (len-- > 0)
		n = n << 8 | p[len];
	return n;
}

static uint64_t
big(const uint8_t *p, int len)
{
	uint64_t n = 0;

	for (int i = 0; i < len; i++)
		n = n << 8 | p[i];
	return n;
}

/* Converts units, of which there are per_second a second; a duration that is too long is
 * no result. */
static int64_t
in_ms(uint64_t units, uint64_t per_second)
{
	if (per_second == 0 || units / per_second > LONGEST_MS / 1000)
		return UNKNOWN;
	return (int64_t)(units * 1000 / per_second);
}

/* ---- WAV ------------------------------------------------------------------- */

/* The chunks give the bytes a second and the number of bytes. */
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
			return in_ms(len, per_second);
		}
		at += 8 + len + (len & 1);
	}
	return UNKNOWN;
}

/* ---- FLAC ------------------------------------------------------------------ */

/* The first block: 20 bits of rate, 8 of other data, 36 of samples. */
static int64_t
flac_duration_ms(struct bytes b)
{
	uint64_t facts;

	if (b.len < 26 || memcmp(b.data, "fLaC", 4) != 0)
		return UNKNOWN;
	facts = big(b.data + 18, 8);
	return facts & 0xfffffffff ? in_ms(facts & 0xfffffffff, facts >> 44) : UNKNOWN;
}

/* ---- Ogg ------------------------------------------------------------------- */

/* The last page gives the last sample; in Opus, some samples at the start are not
 * played. */
static int64_t
ogg_duration_ms(struct bytes b)
{
	size_t beginning = b.len < 512 ? b.len : 512, at = b.len;
	const uint8_t *opus = memmem(b.data, beginning, "OpusHead", 8);
	const uint8_t *vorbis = memmem(b.data, beginning, "\1vorbis", 7);
	const uint8_t *end = b.data + b.len;
	uint64_t rate = 0, skipped = 0, samples;

	if (opus && end - opus >= 12) {
		rate = 48000;
		skipped = little(opus + 10, 2);
	} else if (vorbis && end - vorbis >= 16) {
		rate = little(vorbis + 12, 4);
	}
	while (at > 14 && memcmp(b.data + at - 14, "OggS", 4) != 0)
		at--;
	if (at <= 14)
		return UNKNOWN;
	samples = little(b.data + at - 14 + 6, 8);
	return samples > skipped ? in_ms(samples - skipped, rate) : UNKNOWN;
}

/* ---- MP3 ------------------------------------------------------------------- */

struct frame {
	size_t len;
	unsigned rate, samples;
};

/* MPEG 1, 2 and 2.5, layer III. */
static bool
read_frame(const uint8_t *p, struct frame *out)
{
	static const uint16_t kbits[2][15] = {
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
	};
	static const uint16_t rates[3] = { 44100, 48000, 32000 };
	unsigned version = p[1] >> 3 & 3, bits = p[2] >> 4, rate = p[2] >> 2 & 3;
	bool one = version == 3;

	if (p[0] != 0xff || p[1] >> 5 != 7 || version == 1 || (p[1] >> 1 & 3) != 1 ||
	    bits == 0 || bits == 15 || rate == 3)
		return false;
	out->rate = rates[rate] >> (one ? 0 : version == 2 ? 1 : 2);
	out->samples = one ? 1152 : 576;
	out->len =
		out->samples / 8 * kbits[one][bits] * 1000u / out->rate + (p[2] >> 1 & 1);
	return true;
}

/* Frame by frame, which is right for every bit rate; anything between frames is
 * skipped. */
static int64_t
mp3_duration_ms(struct bytes b)
{
	uint64_t samples = 0;
	unsigned rate = 0;
	size_t at = 0;

	if (b.len > 10 && memcmp(b.data, "ID3", 3) == 0)
		at = 10 + (size_t)((b.data[6] & 127) << 21 | (b.data[7] & 127) << 14 |
				   (b.data[8] & 127) << 7 | (b.data[9] & 127));
	while (at < b.len && b.len - at > 4) {
		struct frame f;

		if (!read_frame(b.data + at, &f) || (rate && f.rate != rate)) {
			at++;
			continue;
		}
		rate = f.rate;
		samples += f.samples;
		at += f.len;
	}
	return rate ? in_ms(samples, rate) : UNKNOWN;
}

/* ---- MP4 ------------------------------------------------------------------- */

/* The content of the first box of this type; len 0: there is none. */
static struct bytes
box(struct bytes b, const char *type)
{
	for (size_t at = 0; at < b.len && b.len - at >= 8;) {
		uint64_t len = big(b.data + at, 4), head = 8;

		if (len == 1 && b.len - at >= 16) {
			len = big(b.data + at + 8, 8);
			head = 16;
		} else if (len == 0) {
			len = b.len - at;
		}
		if (len < head || len > b.len - at)
			break;
		if (memcmp(b.data + at + 4, type, 4) == 0)
			return (struct bytes){ b.data + at + head, len - head };
		at += len;
	}
	return (struct bytes){};
}

static int64_t
mp4_duration_ms(struct bytes b)
{
	struct bytes moov = box(b, "moov"), head = box(moov, "mvhd");
	struct bytes fragments = box(box(moov, "mvex"), "mehd");
	uint64_t scale, units;
	bool wide = head.len >= 32 && head.data[0] == 1;

	if (head.len < 20)
		return UNKNOWN;
	scale = big(head.data + (wide ? 20 : 12), 4);
	units = wide ? big(head.data + 24, 8) : big(head.data + 16, 4);
	if (units == 0 && fragments.len >= 8)
		units = fragments.data[0] == 1 && fragments.len >= 12
				? big(fragments.data + 4, 8)
				: big(fragments.data + 4, 4);
	return units > 0 && units != UINT32_MAX ? in_ms(units, scale) : UNKNOWN;
}

/* ---- WebM ------------------------------------------------------------------ */

enum { SEGMENT = 0x18538067, INFO = 0x1549a966 };
enum { TIME_SCALE = 0x2ad7b1, DURATION = 0x4489 };

/* A number whose first byte gives its length; keep: including the length bit. */
static size_t
ebml_number(struct bytes b, bool keep, uint64_t *out)
{
	size_t len = 1;

	if (b.len == 0 || b.data[0] == 0)
		return 0;
	while (!(b.data[0] >> (8 - len) & 1))
		len++;
	if (len > b.len)
		return 0;
	*out = big(b.data, (int)len);
	if (!keep)
		*out &= ~(UINT64_C(1) << (7 * len));
	return len;
}

/* The content of the first element with this id. */
static struct bytes
element(struct bytes b, uint64_t wanted)
{
	while (b.len > 0) {
		uint64_t id, len;
		size_t id_len = ebml_number(b, true, &id), len_len;

		if (id_len == 0)
			break;
		b = (struct bytes){ b.data + id_len, b.len - id_len };
		len_len = ebml_number(b, false, &len);
		if (len_len == 0)
			break;
		b = (struct bytes){ b.data + len_len, b.len - len_len };
		if (len > b.len) /* unknown length: written as a stream */
			len = b.len;
		if (id == wanted)
			return (struct bytes){ b.data, len };
		b = (struct bytes){ b.data + len, b.len - len };
	}
	return (struct bytes){};
}

static double
ebml_real(struct bytes b)
{
	uint32_t narrow;
	uint64_t wide;
	double out;
	float f;

	if (b.len == 4) {
		narrow = (uint32_t)big(b.data, 4);
		memcpy(&f, &narrow, sizeof(f));
		return f;
	}
	if (b.len != 8)
		return 0;
	wide = big(b.data, 8);
	memcpy(&out, &wide, sizeof(out));
	return out;
}

static int64_t
webm_duration_ms(struct bytes b)
{
	struct bytes info = element(element(b, SEGMENT), INFO);
	struct bytes scale = element(info, TIME_SCALE);
	double ms = ebml_real(element(info, DURATION)), ns = 1000000;

	if (scale.len > 0 && scale.len <= 8)
		ns = (double)big(scale.data, (int)scale.len);
	ms = ms * ns / 1000000;
	return ms > 0 && ms < LONGEST_MS ? (int64_t)ms : UNKNOWN;
}

/* ---- all of them ----------------------------------------------------------- */

int64_t
sound_duration_ms(const char *mime, struct bytes file)
{
	static const struct {
		const char *mime;
		int64_t (*duration_ms)(struct bytes);
	} kinds[] = {
		{ "audio/wav", wav_duration_ms },   { "audio/mpeg", mp3_duration_ms },
		{ "audio/flac", flac_duration_ms }, { "audio/ogg", ogg_duration_ms },
		{ "audio/webm", webm_duration_ms }, { "video/webm", webm_duration_ms },
		{ "audio/mp4", mp4_duration_ms },   { "video/mp4", mp4_duration_ms },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(mime, kinds[i].mime) == 0)
			return kinds[i].duration_ms(file);
	return strcmp(mime, "video/quicktime") == 0 ? mp4_duration_ms(file) : UNKNOWN;
}
