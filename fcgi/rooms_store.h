/* rooms_store.h -- SQL of rooms and their members. Membership is checked inside
 * the statements: a stranger's query finds no row.
 *
 * What changes a room is an event of its log, made under the lock of its head
 * (roomlog.h); each change and the reading of what it made are one round trip. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/members.h"
#include "shared/model.h"
#include "shared/room_read.h"

/* ---- reading (rooms_store.c) --------------------------------------------- */

/* A place in a list: time and number, or, among what was searched, where it was found.
 * time 0 or word NULL: its beginning. */
struct room_place {
	int64_t time, no;
	bool inside;
	const char *word, *room_id;
};

struct room_list {
	int count; /* one more than limit tells that there are more */
	struct room *items;
	struct room_place *places;
};

/* Visible to members, and public rooms to everybody; else ERR_NOT_FOUND. */
enum err room_get(struct db *db, struct arena *a, const char *viewer, const char *room_id,
		  struct room *out);
struct db_call room_get_held_call(struct arena *a, const char *viewer);

/* The viewer's rooms by last activity. */
enum err rooms_mine(struct db *db, struct arena *a, const char *viewer,
		    const struct room_place *after, int64_t limit, struct room_list *out);
/* Public rooms, newest first. Nobody is shown those they are banned from. */
enum err rooms_public(struct db *db, struct arena *a, const char *viewer,
		      const struct room_place *after, int64_t limit,
		      struct room_list *out);
/* Public rooms whose name has `key` in it (names_search_key(), not empty): those with a
 * word that begins so come first, by that word. Costs the same however many there are. */
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
	ROOM_REFUSED,	   /* somebody does not let the creator near */
	ROOM_THEY_IN_MANY, /* somebody else is in too many */
	ROOM_NO_IMAGE,	   /* the file is no image that the creator may use */
	ROOM_MISMATCH
};

enum err room_insert(struct db *db, struct arena *a, const struct room_draft *d,
		     enum room_made *out_made, struct room *out);

/* The room of two; id is direct_room_id(). ROOM_NO_USER: there is no other. A room that
 * is there is refused as a new one would be. */
enum err room_direct(struct db *db, struct arena *a, const char *id, const char *one,
		     const char *other, enum room_made *out_made, struct room *out);
/* Before that: was this Idempotency-Key given with another request? */
enum err room_direct_key(struct db *db, struct arena *a, const char *user_id,
			 const char *key, int64_t key_fingerprint, const char *id,
			 bool *out_fits);
/* After that, where it was not made: its key is free. */
enum err room_free_key(struct db *db, struct arena *a, const char *user_id,
		       const char *key, const char *id);
/* first: the message that it is made for, or NULL. Answers a word: made, was_there, or
 * why there is none. */
struct db_call room_direct_call(struct arena *a, const char *id, const char *one,
				const char *other, const struct draft *first);

struct room_change {
	const char *room_id, *by_id;
	const char *name, *name_key; /* NULL: keep; so below */
	bool given_description;
	const char *description; /* NULL: none */
	bool given_avatar;
	const char *avatar; /* a file's id; NULL: none */
	bool room_only;	    /* which no other room may have: by a token of this one */
	const char *max_members, *join_by_id;
	const char *settings; /* JSON object: the members named are changed */
};

enum room_changed {
	ROOM_CHANGED,
	ROOM_SAME,
	ROOM_HIDDEN,
	ROOM_FORBIDDEN,
	ROOM_BELOW,
	ROOM_LOBBY,	/* whose max_members stay */
	ROOM_NO_AVATAR, /* the file is no image that one may use */
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

/* The banned ones are shown to admins only. after: a user's id or NULL. */
enum err members_list(struct db *db, struct arena *a, const char *viewer,
		      const char *room_id, const char *after, int64_t limit,
		      int *out_count, struct member **out);

/* ERR_NOT_FOUND: no member, or the viewer is none. */
enum err member_get(struct db *db, struct arena *a, const char *viewer,
		    const char *room_id, const char *user_id, struct member *out);

/* All of them, or the outcome says why not; then out is what they are now. */
enum err member_add(struct db *db, struct arena *a, const struct member_add *m,
		    struct member_outcome *out_outcome, int *out_count,
		    struct member **out);

/* Change, and what it is now; out is untouched unless it is a member still. */
enum err member_update(struct db *db, struct arena *a, const struct member_change *c,
		       struct member_outcome *out_outcome, struct member *out);

/* One's own; ERR_NOT_FOUND for no member. */
enum err member_set_notify(struct db *db, struct arena *a, const char *room_id,
			   const char *user_id, const char *notify, struct member *out);

/* Join, and the room as the new member sees it. */
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
