/* file_url.h -- addresses of files that carry their own right, for <img>, <video> and
 * downloads, which send no token.
 *
 * Signed are the file, the variant, the person, the session and the time until which
 * the address is good: an hour at least, rounded up to the hour, so that it reads the
 * same for as long and caches keep what they have. It opens what the person may read
 * when it is used, as long as the session lives: that is asked again each time
 * (fcgi/files_store.c). Any key of the folder that can sign is good for checking. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct keys;

enum file_variant { FILE_WHOLE, FILE_THUMB, FILE_VARIANT_COUNT };
extern const char *const file_variant_names[]; /* "whole", "thumb"; NULL-terminated */

/* For whom an address was made, and until when. */
struct file_grant {
	struct uuid user_id, session_id; /* the session, or the API token in its place */
	int64_t until_s;
	const char *key;       /* kid */
	const char *signature; /* base64url */
};

/* "/api/v1/files/{id}": what everybody is told, good with a token. base:
 * "<prefix>/api/v1". */
const char *file_url_plain(struct arena *a, const char *base, const char *file_id,
			   enum file_variant variant);

/* The same, signed for this person and session. Plain where no key signs. */
const char *file_url_signed(struct arena *a, const struct keys *k, const char *base,
			    const char *file_id, enum file_variant variant,
			    const char *user_id, const char *session_id, int64_t now_s);

/* Is it what we signed, and not over? ERR_NOT_FOUND otherwise. */
enum err file_url_check(struct arena *a, const struct keys *k, const char *file_id,
			enum file_variant variant, const struct file_grant *grant,
			int64_t now_s);
