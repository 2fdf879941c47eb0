/* recovery.c -- forgotten passwords, and links that confirm an address. Neither the
 * answers nor their timing show whether an address belongs to an account: an unknown one
 * costs as much as a known one. */
#include "fcgi/accounts.h"
#include "fcgi/letters.h"
#include "fcgi/names.h"
#include "fcgi/password.h"
#include "fcgi/recovery_store.h"
#include "fcgi/sweep.h"
#include "fcgi/tables.h"

/* ---- POST /auth/password/forgot ------------------------------------------ */

struct forgot_body {
	struct body_head head;
	const char *email;
};

static const struct body forgot_body =
	BODY(struct forgot_body, FIELD_TEXT(struct forgot_body, email, REQUIRED, 3, 254));

static void
check_forgot(struct req *rq)
{
	const struct forgot_body *in = rq->body;
	struct name *email = ARENA_NEW(rq->arena, struct name);

	if (in->email)
		names_read_email(rq->arena, in->email, &rq->problem, email);
	rq->checked = email;
}

static enum err
forgot_password(struct req *rq, struct reply *out)
{
	const struct name *email = rq->checked;
	const char *secret = secret_new(rq->arena);
	struct addressee known;
	struct letter letter;

	TRY(letters_begin(rq));
	TRY(reset_ask(rq->app->db, rq->arena, secret_hash(rq->arena, secret), email->text,
		      email->key, RESET_S, &known));
	letter = (struct letter){
		.to = known.user_id ? known.email : email->text,
		.to_key = email->key,
		.login = known.user_id ? known.login : "nobody",
		.secret = secret,
	};
	TRY(letter_reset(rq, &letter, !known.user_id));
	out->status = 202;
	return OK;
}

/* ---- POST /auth/password/reset ------------------------------------------- */

struct reset_body {
	struct body_head head;
	const char *token, *new_password;
};

static const struct body reset_body = BODY(
	struct reset_body,
	FIELD_TEXT(struct reset_body, token, REQUIRED, 1, 256,
		   .about = "The part after #reset= in the link."),
	FIELD_TEXT(
		struct reset_body, new_password, REQUIRED, 8, 1024,
		.about =
			"At least 8 characters, at most 1,024 bytes, not a common one."));

static void
check_reset(struct req *rq)
{
	const struct reset_body *in = rq->body;
	const char *password;

	if (in->new_password)
		names_read_password(rq->arena, "new_password", in->new_password, NULL,
				    NULL, &rq->problem, &password);
}

static enum err
bad_link(struct req *rq, enum err err)
{
	if (err != ERR_NOT_FOUND)
		return err;
	return problem_fail(&rq->problem, err, NULL,
			    "This link was used or has expired: ask for another one.");
}

/* A password that breaks a rule does not use up the link. */
static enum err
reset_password(struct req *rq, struct reply *out)
{
	const struct reset_body *in = rq->body;
	struct app *app = rq->app;
	const char *hash = secret_hash(rq->arena, in->token), *password, *phc;
	struct addressee whose;
	enum err err = reset_find(app->db, rq->arena, hash, &whose);

	TRY(bad_link(rq, err));
	if (!names_read_password(rq->arena, "new_password", in->new_password, whose.login,
				 whose.email, &rq->problem, &password))
		return ERR_INVALID;
	TRY(password_hash(&app->config, rq->arena, password, &rq->problem, &phc));
	err = reset_use(app->db, rq->arena, hash, whose.user_id, phc);
	TRY(bad_link(rq, err));
	reply_no_content(out);
	return OK;
}

/* ---- POST /auth/email/confirm -------------------------------------------- */

struct confirm_body {
	struct body_head head;
	const char *token;
};

static const struct body confirm_body =
	BODY(struct confirm_body,
	     FIELD_TEXT(struct confirm_body, token, REQUIRED, 1, 256,
			.about = "The part after #confirm= in the link."));

static enum err
email_taken(struct req *rq)
{
	return problem_fail(&rq->problem, ERR_CONFLICT, "email_taken",
			    "Somebody else has taken this e-mail address meanwhile.");
}

static enum err
confirm_account(struct req *rq, const char *hash)
{
	bool login;
	struct seat seat;
	struct lobby_name lobby = accounts_lobby(rq);
	enum err err = pending_confirm(rq->app->db, rq->arena, hash, &lobby, &seat);

	if (err == OK)
		accounts_tell_lobby(rq, &seat);
	if (err != ERR_CONFLICT)
		return bad_link(rq, err);
	TRY(pending_taken(rq->app->db, rq->arena, hash, &login));
	if (!login)
		return email_taken(rq);
	return problem_fail(&rq->problem, ERR_CONFLICT, "login_taken",
			    "Somebody else has taken this login meanwhile: register "
			    "again.");
}

static enum err
confirm_email(struct req *rq, struct reply *out)
{
	const struct confirm_body *in = rq->body;
	const char *hash = secret_hash(rq->arena, in->token);
	enum err err = email_confirm(rq->app->db, rq->arena, hash);

	if (err == ERR_NOT_FOUND)
		err = confirm_account(rq, hash);
	else if (err == ERR_CONFLICT)
		err = email_taken(rq);
	TRY(err);
	reply_no_content(out);
	return OK;
}

enum err
recovery_sweep_run(struct app *app, struct arena *a, bool *out_more)
{
	return recovery_sweep(app->db, a, out_more);
}

const struct route recovery_routes[] = {
	{ POST, "/auth/password/forgot", AUTH_NONE, LIMIT_REQUESTS, 5,
	  .body = &forgot_body, .check = check_forgot, HANDLER(forgot_password),
	  .tag = "accounts", .summary = "Ask for a link for a new password",
	  .about = "Always 202, whether or not an account has this address; the link "
		   "is mailed to it. 403 mail_off: this server sends no mail (`mail` "
		   "is not among the features in /status).",
	  .status = 202, FAILS(403) },
	{ POST, "/auth/password/reset", AUTH_NONE, LIMIT_REQUESTS, 5, .body = &reset_body,
	  .check = check_reset, HANDLER(reset_password), .tag = "accounts",
	  .summary = "Set a new password, by the link",
	  .about = "A link works once, within 30 minutes. Ends all sessions. 404 if "
		   "the link is no longer valid.",
	  .status = 204, FAILS(404) },
	{ POST, "/auth/email/confirm", AUTH_NONE, LIMIT_REQUESTS, 5,
	  .body = &confirm_body, HANDLER(confirm_email), .tag = "accounts",
	  .summary = "Confirm an e-mail address, by the link",
	  .about = "Creates the account that waits for confirmation, or changes the "
		   "address of an existing one. 404 if the link is no longer valid; "
		   "409 login_taken or email_taken if somebody else was faster.",
	  .status = 204, FAILS(404, 409) },
	{},
};
