/* change_password.c -- PUT /auth/password. */
#include "fcgi/access.h"
#include "fcgi/accounts.h"
#include "fcgi/attempt.h"
#include "fcgi/names.h"
#include "fcgi/tables.h"

struct password_body {
	struct body_head head;
	const char *old_password, *new_password;
};

static const struct body password_body = BODY(
	struct password_body,
	FIELD_TEXT(struct password_body, old_password, REQUIRED, 1, 1024),
	FIELD_TEXT(
		struct password_body, new_password, REQUIRED, 8, 1024,
		.about =
			"At least 8 characters, at most 1,024 bytes, not a common one."));

/* The checks that need no account. */
static void
check_new_password(struct req *rq)
{
	const struct password_body *in = rq->body;
	const char *password;

	if (in->new_password)
		names_read_password(rq->arena, "new_password", in->new_password, NULL,
				    NULL, &rq->problem, &password);
}

enum err
accounts_wrong_password(struct req *rq, const char *detail)
{
	return problem_fail(&rq->problem, ERR_FORBIDDEN, "wrong_password", detail);
}

static enum err
wrong_password(struct req *rq)
{
	return accounts_wrong_password(rq, "The old password is wrong.");
}

static enum err
check_old_password(struct req *rq, const struct account *account)
{
	const struct password_body *in = rq->body;
	struct password_check check;
	enum err err =
		attempt_password(rq, account, account->user.id, in->old_password, &check);

	return err == ERR_UNAUTHENTICATED ? wrong_password(rq) : err;
}

static enum err
change_password(struct req *rq, struct reply *out)
{
	const struct password_body *in = rq->body;
	struct app *app = rq->app;
	const char *password, *hash;
	struct account account;
	enum err err = account_of_session(app->db, rq->arena, rq->session_id, rq->user_id,
					  rq->address_counted, &account);

	if (err == ERR_NOT_FOUND)
		return access_ended(rq);
	TRY(err);
	if (!names_read_password(rq->arena, "new_password", in->new_password,
				 account.user.login, account.user.email, &rq->problem,
				 &password))
		return ERR_INVALID;
	TRY(check_old_password(rq, &account));
	TRY(password_hash(&app->config, rq->arena, password, &rq->problem, &hash));
	err = account_set_password(app->db, rq->arena, rq->session_id, rq->user_id,
				   account.password_hash, hash);
	if (err == ERR_NOT_FOUND) /* the password was changed a moment ago */
		return wrong_password(rq);
	TRY(err);
	reply_no_content(out);
	return OK;
}

const struct route password_routes[] = {
	{ PUT, "/auth/password", AUTH_SESSION, LIMIT_REQUESTS, 5, .body = &password_body,
	  .check = check_new_password, HANDLER(change_password), .tag = "accounts",
	  .summary = "Change the password",
	  .about = "Ends all other sessions. A wrong old password (403 "
		   "wrong_password) counts as a failed sign-in.",
	  .status = 204, FAILS(403) },
	{},
};
