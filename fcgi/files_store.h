/* files_store.h -- uploads in the database. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"

struct file {
	const char *id, *name;
	const char *sha256; /* hex */
	const char *mime;
	int64_t size, width, height, duration_ms; /* 0: not known; duration -1 */
	bool has_thumb;
	int64_t created_at; /* ms; of file_find and avatar_find */
};

/* An Idempotency-Key, NULL: none, and the fingerprint of the request. */
struct file_key {
	const char *key;
	int64_t fingerprint;
};

/* What this key made, while that exists; otherwise ERR_NOT_FOUND. ERR_CONFLICT: the key
 * was used for another request. */
enum err file_of_key(struct db *db, struct arena *a, const char *user_id,
		     const struct file_key *key, struct file *out);

/* A new upload of `facts` (all but the id) by this person, or what the key made before,
 * as in file_of_key(). ERR_TOO_LARGE if it exceeds the quota (0: none), also if several
 * come at once; ERR_UNAUTHENTICATED if the person is gone. */
enum err file_insert(struct db *db, struct arena *a, const char *user_id,
		     const struct file *facts, int64_t quota, const struct file_key *key,
		     struct file *out);

/* Would it fit now? Checked before a large file is moved to its place. */
enum err file_fits(struct db *db, struct arena *a, const char *user_id, int64_t size,
		   int64_t quota);

/* Deletes an upload that no message carries. */
enum err file_forget(struct db *db, struct arena *a, const char *file_id);

struct file_reader {
	const char *user_id;
	/* of a signed URL: must still be alive; NULL: access.c has checked the caller */
	const char *session_id;
	const char *room_only; /* the room that an API token is bound to; NULL: none */
};

/* A file that they may read. ERR_NOT_FOUND otherwise. */
enum err file_find(struct db *db, struct arena *a, const char *file_id,
		   const struct file_reader *reader, struct file *out);

/* An avatar, for anybody. Only sha256 and mime are set. */
enum err avatar_find(struct db *db, struct arena *a, const char *avatar_id,
		     struct file *out);

/* ---- the sweep ----------------------------------------------------------- */

/* Deletes uploads that no message has carried for a day, and avatars that nobody has used
 * for a day. *out_more: there may be more. */
enum err files_forget(struct db *db, struct arena *a, bool *out_more);

/* Deletes contents to which nothing refers; returns the hex names of those whose files
 * may be removed now. Nothing may be stored meanwhile (file_lock). */
enum err blobs_forget(struct db *db, struct arena *a, const char *const **out_names,
		      int *out_count);

/* Which of these names does the database not know? */
enum err blobs_unknown(struct db *db, struct arena *a, const char *const *names,
		       int count, const char *const **out_names, int *out_count);

extern const struct stmt *const files_statements[];
