#include "fcgi/recovery_store.h"

/* $n seconds from now. */
#define IN_SECONDS(n) "now() + " n "::bigint * interval '1 second'"
#define GOOD(purpose) \
	"token_hash = decode($1, 'hex') AND purpose = " purpose " AND expires_at > now()"

static struct addressee
addressee_from(const struct rows *r)
{
	if (r->count == 0)
		return (struct addressee){};
	return (struct addressee){
		rows_text(r, 0, 0),
		rows_text(r, 0, 1),
		rows_text(r, 0, 2),
	};
}

/* ---- a new password ------------------------------------------------------ */

/* The letter goes to the address in the account, not to the one in the request: two
 * addresses may be equal without case and yet reach two people. */
static const struct stmt ask_reset = {
	"reset_ask",
	"WITH named AS (SELECT u.id, u.login, a.email FROM accounts a"
	"  JOIN users u ON u.id = a.user_id AND u.disabled_at IS NULL"
	"  WHERE a.email_key = $3"
	"), made AS (INSERT INTO mail_secrets"
	"  (token_hash, user_id, purpose, email, email_key, expires_at)"
	" VALUES (decode($1, 'hex'), (SELECT id FROM named), 'password',"
	"  coalesce((SELECT email FROM named), $2), $3, " IN_SECONDS(
		"$4") ")"
		      ") SELECT id, login, email FROM named",
};

enum err
reset_ask(struct db *db, struct arena *a, const char *hash, const char *email,
	  const char *email_key, int64_t life_s, struct addressee *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&ask_reset, hash, email, email_key, db_int(a, life_s)),
		     &rows));
	*out = addressee_from(&rows);
	return OK;
}

static const struct stmt make_reset = {
	"reset_make",
	"WITH made AS (INSERT INTO mail_secrets"
	"  (token_hash, user_id, purpose, email, email_key, expires_at)"
	" SELECT decode($1, 'hex'), user_id, 'password', email, email_key,"
	"  " IN_SECONDS(
		"$3") " FROM accounts WHERE user_id = $2 RETURNING user_id, email"
		      ") SELECT u.id, u.login, made.email FROM made JOIN users u ON u.id = made.user_id",
};

enum err
reset_make(struct db *db, struct arena *a, const char *hash, const char *user_id,
	   int64_t life_s, struct addressee *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&make_reset, hash, user_id, db_int(a, life_s)),
		     &rows));
	*out = addressee_from(&rows);
	return out->user_id ? OK : ERR_NOT_FOUND;
}

static const struct stmt find_reset = {
	"reset_find",
	"SELECT u.id, u.login, a.email FROM mail_secrets s JOIN accounts a USING (user_id)"
	" JOIN users u ON u.id = a.user_id AND u.disabled_at IS NULL WHERE " GOOD(
		"'password'"),
};

enum err
reset_find(struct db *db, struct arena *a, const char *hash, struct addressee *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&find_reset, hash), &rows));
	*out = addressee_from(&rows);
	return out->user_id ? OK : ERR_NOT_FOUND;
}

static const struct stmt use_reset = {
	"reset_use",
	"WITH used AS (DELETE FROM mail_secrets WHERE " GOOD(
		"'password'") " AND user_id = $2 RETURNING user_id"
			      ") UPDATE accounts a SET password_hash = $3, password_at = now()"
			      " FROM used WHERE a.user_id = used.user_id RETURNING a.user_id",
};

/* Statements of their own, which see what was made while the first waited for the row: no
 * session opened with the former password is left, and no other link. Nor is a link that
 * confirms another e-mail address, which somebody with the former password may have
 * requested. */
static const struct stmt end_all = {
	"sessions_end_all",
	"DELETE FROM sessions s USING accounts a"
	" WHERE a.user_id = $1 AND a.password_hash = $2 AND s.user_id = a.user_id",
};
static const struct stmt forget_links = {
	"links_forget",
	"DELETE FROM mail_secrets s USING accounts a WHERE a.user_id = $1"
	" AND a.password_hash = $2 AND s.user_id = a.user_id",
};

struct db_call
links_forget_call(struct arena *a, const char *user_id, const char *password_hash)
{
	return DB_CALL_IN(a, &forget_links, user_id, password_hash);
}

enum err
reset_use(struct db *db, struct arena *a, const char *hash, const char *user_id,
	  const char *password_hash)
{
	const struct db_call calls[] = {
		DB_CALL(&use_reset, hash, user_id, password_hash),
		DB_CALL(&end_all, user_id, password_hash),
		links_forget_call(a, user_id, password_hash),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	return rows[0].count == 1 ? OK : ERR_NOT_FOUND;
}

/* ---- another e-mail address ---------------------------------------------- */

/* Invalidates links that were sent to the former address. */
static const struct stmt set_email = {
	"email_set",
	"WITH changed AS (UPDATE accounts SET email = $3, email_key = $4,"
	"  email_confirmed = email_confirmed AND email = $3"
	" WHERE user_id = $1 AND password_hash = $2 RETURNING user_id"
	"), forgotten AS (DELETE FROM mail_secrets s USING changed c"
	"  WHERE s.user_id = c.user_id"
	") SELECT user_id FROM changed",
};

enum err
email_set(struct db *db, struct arena *a, const char *user_id, const char *password_hash,
	  const char *email, const char *email_key)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&set_email, user_id, password_hash, email, email_key),
		     &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

static const struct stmt ask_email = {
	"email_ask",
	"WITH owner AS (SELECT u.id, u.login, a.email FROM accounts a"
	"  JOIN users u ON u.id = a.user_id WHERE a.email_key = $4 AND u.id <> $2"
	"), made AS (INSERT INTO mail_secrets"
	"  (token_hash, user_id, purpose, email, email_key, expires_at)"
	" VALUES (decode($1, 'hex'), $2, 'email', $3, $4, " IN_SECONDS(
		"$5") ")"
		      ") SELECT id, login, email FROM owner",
};

enum err
email_ask(struct db *db, struct arena *a, const char *hash, const char *user_id,
	  const char *email, const char *email_key, int64_t life_s,
	  struct addressee *out_owner)
{
	struct rows rows;

	TRY(db_query(
		db, a,
		&DB_CALL(&ask_email, hash, user_id, email, email_key, db_int(a, life_s)),
		&rows));
	*out_owner = addressee_from(&rows);
	return OK;
}

static const struct stmt confirm_email = {
	"email_confirm",
	"WITH used AS (DELETE FROM mail_secrets WHERE " GOOD(
		"'email'") " RETURNING user_id, email, email_key"
			   "), changed AS (UPDATE accounts a SET email = used.email,"
			   "  email_key = used.email_key, email_confirmed = true"
			   " FROM used WHERE a.user_id = used.user_id RETURNING a.user_id"
			   "), forgotten AS (DELETE FROM mail_secrets s USING changed c"
			   "  WHERE s.user_id = c.user_id AND s.token_hash <> decode($1, 'hex')"
			   ") SELECT user_id FROM changed",
};

enum err
email_confirm(struct db *db, struct arena *a, const char *hash)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&confirm_email, hash), &rows));
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

/* ---- accounts that wait -------------------------------------------------- */

static const struct stmt insert_pending = {
	"pending_insert",
	"WITH " INVITE_USED(
		"$12") ", made AS (INSERT INTO pending_accounts"
		       "  (token_hash, login, login_key, first_name, last_name, first_key, last_key,"
		       "   email, email_key, password_hash, invite, expires_at)"
		       " SELECT decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $12,"
		       "  " IN_SECONDS("$11") " WHERE " INVITE_IS_GOOD(
			       "$12") " RETURNING email_key"
				      ") SELECT u.id, u.login, a.email FROM made"
				      " LEFT JOIN accounts a ON a.email_key = made.email_key"
				      " LEFT JOIN users u ON u.id = a.user_id",
};

enum err
pending_insert(struct db *db, struct arena *a, const char *hash,
	       const struct account_draft *d, int64_t life_s, struct addressee *out_owner)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&insert_pending, hash, d->login, d->login_key,
			      d->first_name, d->last_name, d->first_key, d->last_key,
			      d->email, d->email_key, d->password_hash, db_int(a, life_s),
			      d->invite),
		     &rows));
	*out_owner = addressee_from(&rows);
	return rows.count == 1 ? OK : ERR_NOT_FOUND;
}

static const struct stmt find_pending = {
	"pending_find",
	"SELECT password_hash FROM pending_accounts"
	" WHERE login_key = $1 AND expires_at > now() ORDER BY created_at DESC LIMIT 1",
};

enum err
pending_find(struct db *db, struct arena *a, const char *login_key,
	     const char **out_password_hash)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&find_pending, login_key), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out_password_hash = rows_text(&rows, 0, 0);
	return OK;
}

static const struct stmt confirm_pending = {
	"pending_confirm",
	"WITH used AS (DELETE FROM pending_accounts"
	" WHERE token_hash = decode($1, 'hex') AND expires_at > now() RETURNING *"
	"), who AS ("
	" INSERT INTO users (login, login_key, first_name, last_name, first_key, last_key)"
	" SELECT login, login_key, first_name, last_name, first_key, last_key FROM used"
	" RETURNING id"
	"), private AS ("
	" INSERT INTO accounts (user_id, email, email_key, email_confirmed, password_hash)"
	" SELECT who.id, used.email, used.email_key, true, used.password_hash"
	" FROM who, used RETURNING user_id"
	") SELECT " LOBBY_SEAT " FROM private" INTO_LOBBY("$2", "$3"),
};

enum err
pending_confirm(struct db *db, struct arena *a, const char *hash,
		const struct lobby_name *lobby, struct seat *out_seat)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&confirm_pending, hash, lobby->text, lobby->key),
		     &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out_seat = seat_from(&rows, 0);
	return OK;
}

static const struct stmt taken_meanwhile = {
	"pending_taken",
	"SELECT EXISTS (SELECT FROM pending_accounts p JOIN users u USING (login_key)"
	" WHERE p.token_hash = decode($1, 'hex'))",
};

enum err
pending_taken(struct db *db, struct arena *a, const char *hash, bool *out_login)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&taken_meanwhile, hash), &rows));
	*out_login = rows_bool(&rows, 0, 0);
	return OK;
}

/* ---- the sweep ----------------------------------------------------------- */

enum { SWEEP_MOST = 1000 };

static const struct stmt sweep_secrets = {
	"mail_secrets_sweep",
	"DELETE FROM mail_secrets WHERE token_hash IN (SELECT token_hash FROM mail_secrets"
	" WHERE expires_at < now() ORDER BY expires_at LIMIT $1) RETURNING token_hash",
};

/* The invitation gets back the use of an account that was never confirmed. */
static const struct stmt sweep_pending = {
	"pending_accounts_sweep",
	"WITH gone AS (DELETE FROM pending_accounts WHERE token_hash IN"
	" (SELECT token_hash FROM pending_accounts"
	"  WHERE expires_at < now() ORDER BY expires_at LIMIT $1) RETURNING invite"
	"), back AS (UPDATE registration_invites i SET uses = uses - g.count"
	" FROM (SELECT invite, count(*) FROM gone GROUP BY invite) g"
	" WHERE i.code = g.invite"
	") SELECT invite FROM gone",
};

enum err
recovery_sweep(struct db *db, struct arena *a, bool *out_more)
{
	const struct db_call calls[] = {
		DB_CALL(&sweep_secrets, db_int(a, SWEEP_MOST)),
		DB_CALL(&sweep_pending, db_int(a, SWEEP_MOST)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_more = rows[0].count == SWEEP_MOST || rows[1].count == SWEEP_MOST;
	return OK;
}

const struct stmt *const recovery_statements[] = {
	&ask_reset,	  &make_reset,	   &find_reset,	   &use_reset,
	&end_all,	  &forget_links,   &set_email,	   &ask_email,
	&confirm_email,	  &insert_pending, &find_pending,  &confirm_pending,
	&taken_meanwhile, &sweep_secrets,  &sweep_pending, NULL,
};
