#include "fcgi/accounts_store.h"

#include "fcgi/recovery_store.h"
#include "shared/user_columns.h"

#define ACCOUNT_COLUMNS OWN_COLUMNS("u", "a")

/* ---- accounts ------------------------------------------------------------ */

static const struct stmt obstacles = {
	"account_obstacles",
	"SELECT EXISTS (SELECT FROM users WHERE login_key = $1),"
	" EXISTS (SELECT FROM accounts WHERE email_key = $2),"
	" $3::text IS NOT NULL AND NOT EXISTS (SELECT FROM registration_invites"
	"  WHERE code = $3 AND (max_uses IS NULL OR uses < max_uses)"
	"  AND (expires_at IS NULL OR expires_at > now()))",
};

enum err
account_obstacles(struct db *db, struct arena *a, const struct account_draft *d,
		  struct obstacles *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&obstacles, d->login_key, d->email_key, d->invite),
		     &rows));
	*out = (struct obstacles){
		.login_taken = rows_bool(&rows, 0, 0),
		.email_taken = rows_bool(&rows, 0, 1),
		.invite_is_bad = rows_bool(&rows, 0, 2),
	};
	return OK;
}

/* A session for the row of `who`: $1 its id, $2 hash of the refresh token, $3 and $4 the
 * lives of that token and of the session, $5 address, $6 the same in the form that is
 * counted, $7 user agent. */
#define INSERT_SESSION                                                                \
	"opened AS ("                                                                 \
	" INSERT INTO sessions (id, user_id, refresh_hash, refresh_expires_at,"       \
	"  expires_at, address, user_agent)"                                          \
	" SELECT $1::uuid, who.id, decode($2, 'hex'),"                                \
	"  now() + least($3::bigint, $4::bigint) * interval '1 second',"              \
	"  now() + $4::bigint * interval '1 second', $5, $7 FROM who"                 \
	"), remembered AS ("                                                          \
	" INSERT INTO signin_addresses (user_id, address) SELECT who.id, $6 FROM who" \
	" ON CONFLICT (user_id, address) DO UPDATE SET last_at = now())"

#define SESSION_PARAMS(a, s)                                                     \
	(s)->id, (s)->refresh_hash, db_int((a), (s)->refresh_s),                 \
		db_int((a), (s)->session_s), (s)->address, (s)->address_counted, \
		(s)->user_agent

#define USE_INVITE INVITE_USED("$17")
#define MAY_COME INVITE_IS_GOOD("$17")
#define ONESELF OWN_COLUMNS("u", "private")
#define LOBBY INTO_LOBBY("$18", "$19")

static const struct stmt insert_account = {
	"account_insert",
	"WITH " USE_INVITE ", who AS ("
	" INSERT INTO users (login, login_key, first_name, last_name, first_key, last_key)"
	" SELECT $8, $9, $10, $11, $15, $16 WHERE " MAY_COME " RETURNING *"
	"), private AS ("
	" INSERT INTO accounts (user_id, email, email_key, password_hash)"
	" SELECT who.id, $12, $13, $14 FROM who RETURNING *"
	"), " INSERT_SESSION " SELECT " ONESELF ", " LOBBY_SEAT
	" FROM private JOIN who u ON u.id = private.user_id" LOBBY,
};

struct seat
seat_from(const struct rows *r, int first_col)
{
	return (struct seat){ rows_text(r, 0, first_col), rows_int(r, 0, first_col + 1) };
}

enum err
account_insert(struct db *db, struct arena *a, const struct account_draft *d,
	       const struct session_draft *s, struct user *out, struct seat *out_seat)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&insert_account, SESSION_PARAMS(a, s), d->login,
			      d->login_key, d->first_name, d->last_name, d->email,
			      d->email_key, d->password_hash, d->first_key, d->last_key,
			      d->invite, d->lobby.text, d->lobby.key),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = own_from(&rows, 0);
	*out_seat = seat_from(&rows, OWN_COLUMN_COUNT);
	return OK;
}

/* LATERAL with LIMIT is one probe; EXISTS might be planned as a hash of everybody who
 * ever came from that address, $3. */
#define ACCOUNT_SECRETS \
	"a.password_hash, u.disabled_at IS NOT NULL, before.known IS NOT NULL"
#define ADDRESS_BEFORE                                                    \
	"LEFT JOIN LATERAL (SELECT true AS known FROM signin_addresses s" \
	"  WHERE s.user_id = u.id AND s.address = $3 LIMIT 1) before ON true"

static struct account
account_from(const struct rows *r)
{
	return (struct account){
		.user = own_from(r, 0),
		.password_hash = rows_text(r, 0, OWN_COLUMN_COUNT),
		.is_disabled = rows_bool(r, 0, OWN_COLUMN_COUNT + 1),
		.address_is_known = rows_bool(r, 0, OWN_COLUMN_COUNT + 2),
	};
}

static const struct stmt find_account = {
	"account_find",
	"SELECT " ACCOUNT_COLUMNS ", " ACCOUNT_SECRETS
	" FROM (SELECT id FROM users WHERE login_key = $1"
	"  UNION ALL SELECT user_id FROM accounts WHERE email_key = $2) named"
	" JOIN users u ON u.id = named.id JOIN accounts a ON a.user_id = u.id"
	" " ADDRESS_BEFORE,
};

enum err
account_find(struct db *db, struct arena *a, const char *login_key, const char *email_key,
	     const char *address_counted, struct account *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&find_account, login_key, email_key, address_counted),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = account_from(&rows);
	return OK;
}

static const struct stmt account_by_session = {
	"account_of_session",
	"SELECT " ACCOUNT_COLUMNS ", " ACCOUNT_SECRETS " FROM sessions live"
	" JOIN users u ON u.id = live.user_id JOIN accounts a ON a.user_id = u.id"
	" " ADDRESS_BEFORE " WHERE live.id = $1 AND live.user_id = $2"
	" AND live.expires_at > now() AND u.disabled_at IS NULL",
};

enum err
account_of_session(struct db *db, struct arena *a, const char *session_id,
		   const char *user_id, const char *address_counted, struct account *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&account_by_session, session_id, user_id, address_counted),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = account_from(&rows);
	return OK;
}

static const struct stmt change_password = {
	"password_change",
	"UPDATE accounts SET password_hash = $3, password_at = now()"
	" WHERE user_id = $1 AND password_hash = $2"
	" AND EXISTS (SELECT FROM sessions WHERE id = $4 AND user_id = $1)"
	" RETURNING user_id",
};

/* A statement of its own, so that it sees sessions opened with the former password while
 * the one before waited for the row. */
static const struct stmt end_others = {
	"sessions_end_others",
	"DELETE FROM sessions s USING accounts a"
	" WHERE a.user_id = $1 AND a.password_hash = $2 AND s.user_id = a.user_id"
	" AND s.id <> $3",
};

enum err
account_set_password(struct db *db, struct arena *a, const char *session_id,
		     const char *user_id, const char *old_hash, const char *new_hash)
{
	const struct db_call calls[] = {
		DB_CALL(&change_password, user_id, old_hash, new_hash, session_id),
		DB_CALL(&end_others, user_id, new_hash, session_id),
		links_forget_call(a, user_id, new_hash),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	return rows[0].count == 1 ? OK : ERR_NOT_FOUND;
}

/* ---- sessions ------------------------------------------------------------ */

static const struct stmt insert_session = {
	"session_insert",
	"WITH who AS ("
	" SELECT a.user_id AS id FROM accounts a JOIN users u ON u.id = a.user_id"
	" WHERE a.user_id = $8 AND a.password_hash = $9 AND u.disabled_at IS NULL"
	" FOR SHARE"
	"), rehashed AS ("
	" UPDATE accounts a SET password_hash = $10 FROM who"
	" WHERE a.user_id = who.id AND $10::text IS NOT NULL"
	"), " INSERT_SESSION " SELECT id FROM who",
};

enum err
session_insert(struct db *db, struct arena *a, const char *user_id, const char *old_hash,
	       const char *new_hash, const struct session_draft *s)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&insert_session, SESSION_PARAMS(a, s), user_id, old_hash,
			      new_hash),
		     &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

/* Accepts the current token or, within the grace, the one before it, so that a lost reply
 * signs nobody out. Either way the shown token becomes the previous one; the token that
 * this displaces is spent for good, and tokens spent long ago are deleted. $1 shown, $2
 * new, $3 life, $4 grace. */
static const struct stmt refresh = {
	"session_refresh",
	"WITH shown AS ("
	" SELECT id, refresh_hash, previous_hash,"
	"  refresh_hash = decode($1, 'hex') AS is_current"
	" FROM sessions WHERE expires_at > now()"
	" AND ((refresh_hash = decode($1, 'hex') AND refresh_expires_at > now())"
	"  OR (previous_hash = decode($1, 'hex')"
	"   AND rotated_at > now() - $4::bigint * interval '1 second'))"
	" FOR UPDATE"
	"), spent AS ("
	" INSERT INTO spent_refresh_tokens (token_hash, session_id)"
	" SELECT CASE WHEN is_current THEN previous_hash ELSE refresh_hash END, id"
	" FROM shown WHERE NOT is_current OR previous_hash IS NOT NULL"
	"), swept AS ("
	" DELETE FROM spent_refresh_tokens old USING shown"
	" WHERE old.session_id = shown.id"
	" AND old.spent_at < now() - $3::bigint * interval '1 second'"
	"), rotated AS ("
	" UPDATE sessions s SET refresh_hash = decode($2, 'hex'),"
	"  previous_hash = decode($1, 'hex'), last_used_at = now(),"
	"  rotated_at = CASE WHEN shown.is_current THEN now() ELSE s.rotated_at END,"
	"  refresh_expires_at ="
	"   least(now() + $3::bigint * interval '1 second', s.expires_at)"
	" FROM shown WHERE s.id = shown.id"
	" RETURNING s.id, s.user_id, s.refresh_expires_at"
	") SELECT " ACCOUNT_COLUMNS ", r.id,"
	"  round(date_part('epoch', r.refresh_expires_at - now()))::bigint"
	" FROM rotated r JOIN users u ON u.id = r.user_id AND u.disabled_at IS NULL"
	" JOIN accounts a ON a.user_id = u.id",
};

enum err
session_refresh(struct db *db, struct arena *a, const char *old_hash,
		const char *new_hash, int64_t refresh_s, int64_t grace_s,
		struct refreshed *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&refresh, old_hash, new_hash, db_int(a, refresh_s),
			      db_int(a, grace_s)),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = (struct refreshed){
		.user = own_from(&rows, 0),
		.session_id = rows_text(&rows, 0, OWN_COLUMN_COUNT),
		.refresh_expires_in_s = rows_int(&rows, 0, OWN_COLUMN_COUNT + 1),
	};
	return OK;
}

static const struct stmt refuse = {
	"session_refuse",
	"WITH reused AS ("
	" DELETE FROM sessions WHERE previous_hash = decode($1, 'hex') OR id ="
	"  (SELECT session_id FROM spent_refresh_tokens"
	"   WHERE token_hash = decode($1, 'hex')) RETURNING id"
	") SELECT EXISTS (SELECT FROM reused),"
	" EXISTS (SELECT FROM sessions WHERE refresh_hash = decode($1, 'hex'))",
};

enum err
session_refuse(struct db *db, struct arena *a, const char *hash, enum refusal *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&refuse, hash), &rows));
	*out = rows_bool(&rows, 0, 0)	? REFRESH_REUSED
	       : rows_bool(&rows, 0, 1) ? REFRESH_EXPIRED
					: REFRESH_UNKNOWN;
	return OK;
}

static const struct stmt end_session = {
	"session_end",
	"DELETE FROM sessions WHERE id = $1 AND user_id = $2",
};

enum err
session_end(struct db *db, struct arena *a, const char *session_id, const char *user_id)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&end_session, session_id, user_id), &rows);
}

static const struct stmt end_by_refresh = {
	"session_end_by_refresh",
	"DELETE FROM sessions WHERE refresh_hash = decode($1, 'hex')"
	" OR previous_hash = decode($1, 'hex')",
};

enum err
session_end_by_refresh(struct db *db, struct arena *a, const char *hash)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&end_by_refresh, hash), &rows);
}

static const struct stmt ping = { "service_ping", "SELECT 1" };

enum err
service_ping(struct db *db, struct arena *a)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&ping), &rows);
}

const struct stmt *const accounts_statements[] = {
	&account_by_session,
	&change_password,
	&end_others,
	&obstacles,
	&insert_account,
	&find_account,
	&insert_session,
	&refresh,
	&refuse,
	&end_session,
	&end_by_refresh,
	&ping,
	NULL,
};
