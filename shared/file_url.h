/* file_url.h -- URLs of files that carry their own authorisation, for <img>, <video> and
 * downloads, which send no token.
 *
 * The signature covers the file, the variant, the person, the session and the time until
 * which the URL is valid. That is at least an hour, rounded up to the hour, so that the
 * URL stays the same for that long and caches keep the file. It opens what the person may
 * read at the time of use, while the session lives: both are checked again each time
 * (fcgi/files_store.c). Any key in the folder that can sign can also verify. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct keys;

enum file_variant { FILE_WHOLE, FILE_THUMB, FILE_VARIANT_COUNT };
extern const char *const file_variant_names[]; /* "whole", "thumb"; NULL-terminated */

/* Whom a URL was made for, and until when. */
struct file_grant {
	struct uuid user_id, session_id; /* the session, or the API token instead */
	int64_t until_s;
	const char *key;       /* kid */
	const char *signature; /* base64url */
};

/* "/api/v1/files/{id}": the form that is the same for everybody and needs a token. base:
 * "<prefix>/api/v1". */
const char *file_url_plain(struct arena *a, const char *base, const char *file_id,
			   enum file_variant variant);

/* The same, signed for this person and session. Plain if no key signs. */
const char *file_url_signed(struct arena *a, const struct keys *k, const char *base,
			    const char *file_id, enum file_variant variant,
			    const char *user_id, const char *session_id, int64_t now_s);

/* Is the signature ours, and the URL still valid? ERR_NOT_FOUND otherwise. */
enum err file_url_check(struct arena *a, const struct keys *k, const char *file_id,
			enum file_variant variant, const struct file_grant *grant,
			int64_t now_s);
