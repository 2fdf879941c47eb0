/* accounts_store.h -- SQL of accounts and sessions. Runs under the only role that can
 * read password hashes. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

struct account {
	struct user user;
	const char *password_hash;
	bool is_disabled;
	bool address_is_known; /* they signed in from there before */
};

/* A sign-in. The hashes come from secret_hash(). */
struct session_draft {
	const char *id, *refresh_hash;
	int64_t refresh_s, session_s;
	const char *address, *address_counted, *user_agent; /* user_agent may be NULL */
};

struct account_draft {
	const char *login, *login_key, *email, *email_key, *password_hash;
	const char *first_name, *last_name; /* NULL: none */
	const char *first_key, *last_key;   /* names_words_key() of them */
	const char *invite;		    /* NULL: none is needed */
	struct lobby_name {
		const char *text,
			*key; /* of the room that new accounts join; NULL: none */
	} lobby;
};

/* The lobby that a new account has joined, and the seq of that event; room_id NULL:
 * none. */
struct seat {
	const char *room_id;
	int64_t seq;
};

/* Counts one use of the invitation in parameter `code`, exactly: its row is locked. Does
 * nothing without a code. The person is then created if INVITE_IS_GOOD. */
#define INVITE_USED(code)                                                        \
	"invited AS (UPDATE registration_invites SET uses = uses + 1"            \
	" WHERE code = " code "::text AND (max_uses IS NULL OR uses < max_uses)" \
	" AND (expires_at IS NULL OR expires_at > now()) RETURNING code)"
#define INVITE_IS_GOOD(code) "(" code "::text IS NULL OR EXISTS (SELECT FROM invited))"

/* The end of a statement that creates an account. The row `private` of accounts is
 * inserted first, so that nobody who locks the lobby waits for a login that is taken. The
 * columns LOBBY_SEAT follow; seat_from() reads them. */
#define INTO_LOBBY(name, key)                                                     \
	" LEFT JOIN LATERAL join_lobby(private.user_id, " name ", " key ") lobby" \
	" ON true"
#define LOBBY_SEAT "lobby.room_id, lobby.last_seq"
struct seat seat_from(const struct rows *r, int first_col);

/* The reasons not to create an account. */
struct obstacles {
	bool login_taken, email_taken, invite_is_bad;
};
enum err account_obstacles(struct db *db, struct arena *a, const struct account_draft *d,
			   struct obstacles *out);

/* Account and first session. ERR_CONFLICT: one of the keys was taken meanwhile;
 * ERR_NOT_FOUND: the invitation was used up meanwhile. */
enum err account_insert(struct db *db, struct arena *a, const struct account_draft *d,
			const struct session_draft *s, struct user *out,
			struct seat *out_seat);

/* By login or by e-mail; the other is NULL. ERR_NOT_FOUND. */
enum err account_find(struct db *db, struct arena *a, const char *login_key,
		      const char *email_key, const char *address_counted,
		      struct account *out);

/* The account of a live session. ERR_NOT_FOUND. */
enum err account_of_session(struct db *db, struct arena *a, const char *session_id,
			    const char *user_id, const char *address_counted,
			    struct account *out);

/* Replaces old_hash by new_hash, ends all sessions but this one, and invalidates mailed
 * links. ERR_NOT_FOUND if the password was changed, or this session ended, meanwhile. */
enum err account_set_password(struct db *db, struct arena *a, const char *session_id,
			      const char *user_id, const char *old_hash,
			      const char *new_hash);

/* A session for somebody who knew the password that hashes to old_hash, which new_hash
 * replaces unless it is NULL. ERR_NOT_FOUND if the password was changed meanwhile. */
enum err session_insert(struct db *db, struct arena *a, const char *user_id,
			const char *old_hash, const char *new_hash,
			const struct session_draft *s);

/* Use of a refresh token. ERR_NOT_FOUND if it is not valid, see session_refuse(). */
struct refreshed {
	struct user user;
	const char *session_id;
	int64_t refresh_expires_in_s;
};
enum err session_refresh(struct db *db, struct arena *a, const char *old_hash,
			 const char *new_hash, int64_t refresh_s, int64_t grace_s,
			 struct refreshed *out);

/* Why is it not valid? If it had been replaced before, its session ends. */
enum refusal { REFRESH_UNKNOWN, REFRESH_REUSED, REFRESH_EXPIRED };
enum err session_refuse(struct db *db, struct arena *a, const char *hash,
			enum refusal *out);

/* Ending a session that does not exist is no error. */
enum err session_end(struct db *db, struct arena *a, const char *session_id,
		     const char *user_id);
enum err session_end_by_refresh(struct db *db, struct arena *a, const char *hash);

/* Does the database answer? */
enum err service_ping(struct db *db, struct arena *a);

extern const struct stmt *const accounts_statements[];
