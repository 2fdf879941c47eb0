#include <magic.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/file_type.h"
#include "shared/log.h"
#include "shared/text.h"

enum { BEGINNING = 65536, MIME_MAX = 127 };

/* One name for each type that has several. */
static const char *const same[][2] = {
	{ "audio/x-wav", "audio/wav" },	   { "audio/x-m4a", "audio/mp4" },
	{ "video/x-m4v", "video/mp4" },	   { "application/ogg", "audio/ogg" },
	{ "audio/vnd.wave", "audio/wav" }, { "image/x-ms-bmp", "image/bmp" },
};

/* Opened once a process; it maps its tables. */
static magic_t
cookie(void)
{
	static magic_t made;
	static bool failed;

	if (made || failed)
		return made;
	made = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS);
	if (made && magic_load(made, NULL) == 0)
		return made;
	log_event(LOG_ERROR, "magic",
		  LOG_S("error", made ? magic_error(made) : "no memory"));
	magic_close(made);
	made = NULL;
	failed = true;
	return NULL;
}

static bool
holds(const char *data, size_t len, const char *word)
{
	return memmem(data, len, word, strlen(word));
}

/* Browsers record voice into containers for video. */
static const char *
sound_alone(const char *mime, const char *data, size_t len)
{
	const char *end = data + len, *at = data;
	bool sounds = false;

	if (strcmp(mime, "video/webm") == 0) {
		sounds = holds(data, len, "A_OPUS") || holds(data, len, "A_VORBIS");
		return sounds && !holds(data, len, "V_VP") && !holds(data, len, "V_AV1")
			       ? "audio/webm"
			       : mime;
	}
	if (strcmp(mime, "video/mp4") != 0)
		return mime;
	while ((at = memmem(at, (size_t)(end - at), "hdlr", 4)) && end - at >= 16) {
		if (memcmp(at + 12, "vide", 4) == 0)
			return mime;
		sounds |= memcmp(at + 12, "soun", 4) == 0;
		at += 4;
	}
	return sounds ? "audio/mp4" : mime;
}

const char *
file_type_of(struct arena *a, int fd)
{
	char *beginning = arena_alloc(a, BEGINNING);
	ssize_t len = pread(fd, beginning, BEGINNING, 0);
	magic_t magic = cookie();
	const char *mime =
		magic && len > 0 ? magic_buffer(magic, beginning, (size_t)len) : NULL;

	if (!mime || strlen(mime) < 3 || strlen(mime) > MIME_MAX || !strchr(mime, '/'))
		return "application/octet-stream";
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (strcmp(mime, same[i][0]) == 0)
			mime = same[i][1];
	return arena_strdup(a, sound_alone(mime, beginning, (size_t)len));
}

bool
file_type_is_inline(const char *mime)
{
	return text_is_listed("image/png,image/jpeg,image/gif,image/webp,image/avif,"
			      "audio/mpeg,audio/ogg,audio/opus,audio/wav,audio/mp4,"
			      "video/mp4,video/webm,audio/webm",
			      mime);
}

bool
file_type_is_image(const char *mime)
{
	return text_starts(mime, "image/");
}

bool
file_type_is_looked_at(const char *mime)
{
	return file_type_is_image(mime) ||
	       text_is_listed("audio/mpeg,audio/ogg,audio/wav,audio/mp4,audio/flac,"
			      "audio/webm,video/webm,video/mp4,video/quicktime",
			      mime);
}
