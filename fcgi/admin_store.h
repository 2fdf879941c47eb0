/* admin_store.h -- SQL for administrators of the instance: people and invitations
 * (auth.fcgi), rooms and counts (rooms.fcgi). access.c checks who may use it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* ---- people -------------------------------------------------------------- */

struct admin_user {
	struct user user; /* as they see themselves */
	const char *key;  /* login_key: the position in the list */
	int64_t disabled_at, session_count;
};

/* By login. key: part of a login, a name or an e-mail address, without case; NULL:
 * everybody. after: a login_key. One row more than limit means that there are more. */
enum err admin_users_list(struct db *db, struct arena *a, const char *key,
			  const char *after, int64_t limit, int *out_count,
			  struct admin_user **out);
/* ERR_NOT_FOUND. The same below. */
enum err admin_user_get(struct db *db, struct arena *a, const char *user_id,
			struct admin_user *out);
/* The person whose login has this key becomes an administrator. */
enum err admin_make(struct db *db, struct arena *a, const char *key,
		    const char **out_login);
/* Changes by one administrator to another person. ERR_FORBIDDEN if by_id is no longer an
 * administrator: if two try to disable each other, one comes first, so one is left.
 * is_admin, disabled: "true", "false"; NULL keeps. Disabling signs the person out at
 * once. */
enum err admin_user_set(struct db *db, struct arena *a, const char *user_id,
			const char *by_id, const char *is_admin, const char *disabled,
			struct admin_user *out);
enum err admin_user_remove(struct db *db, struct arena *a, const char *user_id,
			   const char *by_id, bool erase_messages);

extern const struct stmt *const admin_users_statements[];

/* ---- invitations --------------------------------------------------------- */

struct admin_invite {
	const char *code, *created_by;
	int64_t max_uses, uses, created_at, expires_at; /* 0: none */
};

enum err admin_invite_make(struct db *db, struct arena *a, const struct admin_invite *i,
			   struct admin_invite *out);
/* The latest first; after: its created_at and code, or NULL. */
enum err admin_invites_list(struct db *db, struct arena *a,
			    const struct admin_invite *after, int64_t limit,
			    int *out_count, struct admin_invite **out);
enum err admin_invite_get(struct db *db, struct arena *a, const char *code,
			  struct admin_invite *out);
enum err admin_invite_end(struct db *db, struct arena *a, const char *code);

extern const struct stmt *const admin_invites_statements[];

/* ---- rooms and numbers --------------------------------------------------- */

struct admin_room {
	int64_t no;
	const char *id, *kind, *name, *owner_id;
	int64_t member_count, message_count, created_at, active_at;
};

/* The latest first; key: part of the name without case, or NULL; before: a room's number,
 * 0 to start. */
enum err admin_rooms_list(struct db *db, struct arena *a, const char *key, int64_t before,
			  int64_t limit, int *out_count, struct admin_room **out);
/* out_seq: for the wake-up. */
enum err admin_room_remove(struct db *db, struct arena *a, const char *room_id,
			   int64_t *out_seq);

struct admin_stats {
	int64_t users, disabled, admins, sessions, public_rooms, groups, directs,
		messages, files, file_bytes;
};
enum err admin_stats_read(struct db *db, struct arena *a, struct admin_stats *out);

extern const struct stmt *const admin_rooms_statements[];
