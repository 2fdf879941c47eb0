/* removal.h -- removing accounts, and what is left of them.
 *
 * One transaction removes everything that says who somebody was: the person, login and
 * names, e-mail, sessions, tokens, contacts, avatar. What remains are memberships and
 * messages of an id that no longer belongs to anybody. There are many of them, each under
 * the lock of its room, so they are cleared away afterwards, a few at a time; the queue
 * removed_accounts holds what is left to do. Every step may be repeated, and the next one
 * finds its place in the database, so a process may be killed at any point.
 *
 * Leaving is an ordinary event in the room: owned rooms are handed over, empty ones
 * removed. In a direct room the other member keeps the messages. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"

/* Remove the person; ERR_NOT_FOUND if there is none. Needs the rights of auth.fcgi. */
enum err removal_account(struct db *db, struct arena *a, const char *user_id,
			 bool erase_messages);

/* The same as part of a larger transaction. by_id: the administrator who does it, else
 * NULL. No row: there is no such person, or by_id is no longer an administrator. */
struct db_call removal_account_call(struct arena *a, const char *user_id,
				    bool erase_messages, const char *by_id);

/* A membership of a removed account. */
struct remnant {
	const char *room_id, *user_id;
};
enum err removal_memberships(struct db *db, struct arena *a, int64_t limit,
			     int *out_count, struct remnant **out);

/* End one. out_seq: the room's last event, 0 if there was no event. */
enum err removal_leave(struct db *db, struct arena *a, const struct remnant *r,
		       int64_t *out_seq);

/* Whose messages to erase next, and where; ERR_NOT_FOUND: nobody's. Erasing waits while
 * the person is still in a room, since they might have written there until a moment
 * ago. */
struct erasure {
	const char *user_id;
	int64_t room_no; /* 0: not started */
	const char *key;
};
enum err removal_next(struct db *db, struct arena *a, struct erasure *out);

/* Their messages in this room with keys after this one, in the order of keys. */
struct remark {
	int64_t seq;
	const char *key;
};
enum err removal_messages(struct db *db, struct arena *a, const struct erasure *e,
			  int64_t limit, int *out_count, struct remark **out);

/* Note the progress: up to this key; or on to the next room in which they wrote, or to a
 * later room at which to look again, or to the end. */
enum err removal_walked(struct db *db, struct arena *a, const struct erasure *e,
			const char *key);
enum err removal_walk_on(struct db *db, struct arena *a, const struct erasure *e);

/* Forget the accounts of which nothing remains. Each is kept for a minute, in which a
 * membership that was just being added may still appear. */
enum err removal_done(struct db *db, struct arena *a);

/* Deletes a piece of the log of removed rooms. out_more: there may be more. */
enum err removal_rooms(struct db *db, struct arena *a, int64_t limit, bool *out_more);

extern const struct stmt *const removal_account_statements[]; /* removal_account() */
extern const struct stmt *const removal_statements[];	      /* the rest */
