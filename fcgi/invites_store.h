/* invites_store.h -- SQL of the invites of rooms. Only admins create and revoke them. For
 * joining by one see shared/members.h. */
#pragma once

#include "fcgi/rooms_store.h"

enum { INVITES_MOST = 100 }; /* valid ones, a room */

struct invite {
	const char *code;
	int64_t max_uses; /* 0: any number */
	int64_t uses, created_at, expires_at;
	const char *created_by; /* NULL: an account that is gone */
};

enum invite_result {
	INVITE_OK,
	INVITE_NO_ROOM, /* or it is hidden from the caller */
	INVITE_FORBIDDEN,
	INVITE_NONE,	 /* no invite has that code */
	INVITE_TOO_MANY, /* there are INVITES_MOST of them */
};

enum err invite_insert(struct db *db, struct arena *a, const char *room_id,
		       const char *by_id, const struct invite *draft,
		       enum invite_result *out_result, struct invite *out);
/* One that the list would show. */
enum err invite_get(struct db *db, struct arena *a, const char *room_id,
		    const char *by_id, const char *code, enum invite_result *out_result,
		    struct invite *out);
enum err invite_delete(struct db *db, struct arena *a, const char *room_id,
		       const char *by_id, const char *code,
		       enum invite_result *out_result);

/* The newest first, used-up ones too, after `after` (its created_at and code; code NULL:
 * from the beginning). One row more than limit means that there are more. */
enum err invites_list(struct db *db, struct arena *a, const char *room_id,
		      const char *by_id, const struct invite *after, int64_t limit,
		      enum invite_result *out_result, int *out_count,
		      struct invite **out);

/* What somebody who holds the code may know before they join. */
struct invite_preview {
	struct room room; /* id, kind, name, description, avatar, member_count */
	bool is_member, is_banned;
	int64_t expires_at;
};
/* ERR_NOT_FOUND: unknown, revoked, expired, or used up and the viewer is not a member. */
enum err invite_look(struct db *db, struct arena *a, const char *code, const char *viewer,
		     struct invite_preview *out);

/* Deletes some of those that have expired; out_count: how many. */
enum err invites_sweep(struct db *db, struct arena *a, int64_t most, int64_t *out_count);

extern const struct stmt *const invites_statements[];
