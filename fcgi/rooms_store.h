/* rooms_store.h -- SQL of rooms and their members. Membership is checked inside the
 * statements: a stranger's query finds no row.
 *
 * Every change to a room is an event in its log, appended under the lock of its head
 * (roomlog.h). A change and reading the result are one round trip. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/members.h"
#include "shared/model.h"
#include "shared/room_read.h"

/* ---- reading (rooms_store.c) --------------------------------------------- */

/* A place in a list: time and number or, in a search, the word that was found. time 0 or
 * word NULL: the beginning. */
struct room_place {
	int64_t time, no;
	bool inside;
	const char *word, *room_id;
};

struct room_list {
	int count; /* one more than limit means that there are more */
	struct room *items;
	struct room_place *places;
};

/* Visible to members, and public rooms to everybody; otherwise ERR_NOT_FOUND. */
enum err room_get(struct db *db, struct arena *a, const char *viewer, const char *room_id,
		  struct room *out);
struct db_call room_get_held_call(struct arena *a, const char *viewer);

/* The viewer's rooms by last activity. */
enum err rooms_mine(struct db *db, struct arena *a, const char *viewer,
		    const struct room_place *after, int64_t limit, struct room_list *out);
/* Public rooms, newest first, without those from which the viewer is banned. */
enum err rooms_public(struct db *db, struct arena *a, const char *viewer,
		      const struct room_place *after, int64_t limit,
		      struct room_list *out);
/* Public rooms whose name contains `key` (names_search_key(), not empty); those with a
 * word that begins with it come first, by that word. The cost does not grow with the
 * number of rooms. */
enum err rooms_search(struct db *db, struct arena *a, const char *viewer, const char *key,
		      const struct room_place *after, int64_t limit,
		      struct room_list *out);

/* ---- changing (rooms_change_store.c) ------------------------------------- */

struct room_draft {
	const char *id, *creator_id;
	enum room_kind kind;			   /* public or group */
	const char *name, *name_key, *description; /* names_words_key() */
	bool join_by_id;
	int64_t max_members, max_rooms;
	const char *const *member_ids;
	int member_count;
	const char *avatar; /* a file's id; NULL none */
	const char *key;    /* Idempotency-Key; NULL none */
	int64_t fingerprint;
};

enum room_made {
	ROOM_MADE,
	ROOM_WAS_THERE,
	ROOM_NO_USER,
	ROOM_TOO_MANY,
	ROOM_FULL,
	ROOM_REFUSED,	   /* somebody does not allow the creator to add them */
	ROOM_THEY_IN_MANY, /* somebody else is in too many */
	ROOM_NO_IMAGE,	   /* the file is not an image that the creator may use */
	ROOM_MISMATCH
};

enum err room_insert(struct db *db, struct arena *a, const struct room_draft *d,
		     enum room_made *out_made, struct room *out);

/* The direct room of two people; id is direct_room_id(). ROOM_NO_USER: the other does not
 * exist. An existing room is refused under the same conditions as a new one. */
enum err room_direct(struct db *db, struct arena *a, const char *id, const char *one,
		     const char *other, enum room_made *out_made, struct room *out);
/* Before that: was this Idempotency-Key used for another request? */
enum err room_direct_key(struct db *db, struct arena *a, const char *user_id,
			 const char *key, int64_t key_fingerprint, const char *id,
			 bool *out_fits);
/* After that, if no room was made: frees its key. */
enum err room_free_key(struct db *db, struct arena *a, const char *user_id,
		       const char *key, const char *id);
/* first: the message for which it is created, or NULL. The answer is a word: made,
 * was_there, or the reason why there is none. */
struct db_call room_direct_call(struct arena *a, const char *id, const char *one,
				const char *other, const struct draft *first);

struct room_change {
	const char *room_id, *by_id;
	const char *name, *name_key; /* NULL: keep; the same below */
	bool given_description;
	const char *description; /* NULL: none */
	bool given_avatar;
	const char *avatar; /* a file's id; NULL: none */
	bool room_only;	    /* for a token of this room: no file of another */
	const char *max_members, *join_by_id;
	const char *settings; /* JSON object with the members to change */
};

enum room_changed {
	ROOM_CHANGED,
	ROOM_SAME,
	ROOM_HIDDEN,
	ROOM_FORBIDDEN,
	ROOM_BELOW,
	ROOM_LOBBY,	/* the lobby's max_members cannot change */
	ROOM_NO_AVATAR, /* the file is not an image that they may use */
};

enum err room_update(struct db *db, struct arena *a, const struct room_change *c,
		     enum room_changed *out_changed, struct room *out);
/* out_seq: one past the room's last. */
enum err room_remove(struct db *db, struct arena *a, const char *room_id,
		     const char *by_id, enum room_changed *out_changed, int64_t *out_seq);

/* ---- members (members_store.c) ------------------------------------------- */

struct member {
	struct user user;
	enum member_role role;
	int64_t joined_at, read_seq, delivered_seq, muted_until;
	bool banned;
	const char *notify; /* the viewer's own; else NULL */
};

/* Only admins see banned members. after: a user's id or NULL. */
enum err members_list(struct db *db, struct arena *a, const char *viewer,
		      const char *room_id, const char *after, int64_t limit,
		      int *out_count, struct member **out);

/* ERR_NOT_FOUND: not a member, or the viewer is not one. */
enum err member_get(struct db *db, struct arena *a, const char *viewer,
		    const char *room_id, const char *user_id, struct member *out);

/* Whether this person is banned from the room; false if there is no such room. */
enum err member_is_banned(struct db *db, struct arena *a, const char *user_id,
			  const char *room_id, bool *out);

/* Adds all of them, or the outcome says why not; out: the memberships. */
enum err member_add(struct db *db, struct arena *a, const struct member_add *m,
		    struct member_outcome *out_outcome, int *out_count,
		    struct member **out);

/* Changes a membership; out is the result, untouched unless they are still a member. */
enum err member_update(struct db *db, struct arena *a, const struct member_change *c,
		       struct member_outcome *out_outcome, struct member *out);

/* One's own; ERR_NOT_FOUND if not a member. */
enum err member_set_notify(struct db *db, struct arena *a, const char *room_id,
			   const char *user_id, const char *notify, struct member *out);

/* Joins; out: the room as the new member sees it. */
enum err member_join(struct db *db, struct arena *a, const char *room_id,
		     const char *user_id, int64_t max_rooms,
		     struct member_outcome *out_outcome, struct room *out);
enum err member_join_invited(struct db *db, struct arena *a, const char *code,
			     const char *user_id, int64_t max_rooms,
			     struct member_outcome *out_outcome, struct room *out);
enum err member_leave(struct db *db, struct arena *a, const char *room_id,
		      const char *user_id, struct member_outcome *out_outcome);

extern const struct stmt *const rooms_statements[];
extern const struct stmt *const rooms_change_statements[];
extern const struct stmt *const members_store_statements[];
