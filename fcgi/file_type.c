#include <magic.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/file_type.h"
#include "shared/log.h"
#include "shared/text.h"

enum { BEGINNING = 65536, MIME_MAX = 127 };

/* One name each for what has several. */
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
			return same[i][1];
	return arena_strdup(a, mime);
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
file_type_is_looked_at(const char *mime)
{
	return text_is_listed("image/png,image/jpeg,image/gif,image/webp,image/avif,"
			      "audio/mpeg,audio/ogg,audio/wav,audio/mp4,audio/flac,"
			      "video/mp4,video/quicktime",
			      mime);
}
