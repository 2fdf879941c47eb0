/* removal.h -- accounts that are removed, and what is left of them.
 *
 * In one transaction everything that says who somebody was is gone: the person, login
 * and names, e-mail, sessions, tokens, contacts, avatar. What remains are memberships
 * and messages of an id that is nobody's any more. Those are many, each under the lock
 * of its room, so they are cleared away afterwards, a few at a time; the queue
 * removed_accounts says what is still to do. Every step may be done twice, and the next
 * one finds its place in the database: being killed anywhere loses nothing.
 *
 * Leaving is an event of the room like any other: owned rooms are handed over, empty
 * ones removed. In a direct room the other one keeps what was said. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"

/* Remove the person; ERR_NOT_FOUND: there is none. Needs the rights of auth.fcgi. */
enum err removal_account(struct db *db, struct arena *a, const char *user_id,
			 bool erase_messages);

/* The same as a part of something else. by_id: an administrator who does it, else NULL;
 * without a row there is no such person, or that is no administrator any more. */
struct db_call removal_account_call(struct arena *a, const char *user_id,
				    bool erase_messages, const char *by_id);

/* Memberships of those who were removed. */
struct remnant {
	const char *room_id, *user_id;
};
enum err removal_memberships(struct db *db, struct arena *a, int64_t limit,
			     int *out_count, struct remnant **out);

/* End one. out_seq: the room's last event, 0 if nothing was told. */
enum err removal_leave(struct db *db, struct arena *a, const struct remnant *r,
		       int64_t *out_seq);

/* Whose messages are to be erased next, and where; ERR_NOT_FOUND: nobody's. Somebody
 * who still is in a room waits, since they might have written there until a moment
 * ago. */
struct erasure {
	const char *user_id;
	int64_t room_no; /* 0: not begun */
	const char *key;
};
enum err removal_next(struct db *db, struct arena *a, struct erasure *out);

/* Their messages in this room, after this key, in the order of keys. */
struct remark {
	int64_t seq;
	const char *key;
};
enum err removal_messages(struct db *db, struct arena *a, const struct erasure *e,
			  int64_t limit, int *out_count, struct remark **out);

/* Note how far it has come: to this key; to the next room where they wrote, or some
 * way on, or the end. */
enum err removal_walked(struct db *db, struct arena *a, const struct erasure *e,
			const char *key);
enum err removal_walk_on(struct db *db, struct arena *a, const struct erasure *e);

/* Forget those of whom nothing remains. Each is kept for a minute, in which somebody
 * who was just let in may still appear. */
enum err removal_done(struct db *db, struct arena *a);

/* A piece of the log of removed rooms. out_more: there may be more of it. */
enum err removal_rooms(struct db *db, struct arena *a, int64_t limit, bool *out_more);

extern const struct stmt *const removal_account_statements[]; /* removal_account() */
extern const struct stmt *const removal_statements[];	      /* the rest */
