/* remove_account.c -- DELETE /users/me. */
#include "fcgi/access.h"
#include "fcgi/attempt.h"
#include "fcgi/tables.h"
#include "shared/removal.h"

struct removal_body {
	struct body_head head;
	const char *password;
	bool erase_messages;
};

static const struct body removal_body = BODY(
	struct removal_body, FIELD_TEXT(struct removal_body, password, REQUIRED, 1, 1024),
	FIELD_BOOL(struct removal_body, erase_messages, OPTIONAL,
		   .about = "Also erase everything you wrote, in the log itself."));

/* Not 401: the token is valid, and signing in again would not help. */
static enum err
check_password(struct req *rq, const struct account *account)
{
	const struct removal_body *in = rq->body;
	struct password_check check;
	enum err err =
		attempt_password(rq, account, account->user.id, in->password, &check);

	if (err != ERR_UNAUTHENTICATED)
		return err;
	return problem_fail(&rq->problem, ERR_FORBIDDEN, "wrong_password",
			    "The password is wrong.");
}

static enum err
remove_account(struct req *rq, struct reply *out)
{
	const struct removal_body *in = rq->body;
	struct db *db = rq->app->db;
	struct account account;
	enum err err = account_of_session(db, rq->arena, rq->session_id, rq->user_id,
					  rq->address_counted, &account);

	if (err == ERR_NOT_FOUND)
		return access_ended(rq);
	TRY(err);
	TRY(check_password(rq, &account));
	err = removal_account(db, rq->arena, rq->user_id, in->erase_messages);
	if (err == ERR_NOT_FOUND) /* removed a moment ago */
		return access_ended(rq);
	TRY(err);
	reply_no_content(out);
	return OK;
}

#define WORDS                                                                      \
	"Login, names, e-mail address, avatar, sessions, tokens and contacts are " \
	"removed at once. A moment later the account leaves its rooms in the "     \
	"usual way: the other members see it, and owned rooms are handed over or " \
	"removed. Messages stay, with a sender that has no login, unless "         \
	"`erase_messages` is true; reactions stay. A wrong password (403 "         \
	"wrong_password) counts as a failed sign-in."

const struct route remove_account_routes[] = {
	{ DELETE, "/users/me", AUTH_SESSION, LIMIT_REQUESTS, 5, .body = &removal_body,
	  HANDLER(remove_account), .tag = "users", .summary = "Remove your account",
	  .about = WORDS, .status = 204, FAILS(403) },
	{ POST, "/users/me/delete", AUTH_SESSION, LIMIT_REQUESTS, 5, ROUTE_ALIAS,
	  .body = &removal_body, HANDLER_AS(remove_account, "post_remove_account"),
	  .tag = "users", .summary = "The same as DELETE /users/me",
	  .about = "For hosts that refuse DELETE, or a body in it.", .status = 204,
	  FAILS(403) },
	{ DELETE, "/users/profile", AUTH_SESSION, LIMIT_REQUESTS, 5, ROUTE_ALIAS,
	  .body = &removal_body, HANDLER_AS(remove_account, "delete_profile"),
	  .tag = "users", .summary = "The same as DELETE /users/me", .status = 204,
	  FAILS(403) },
	{},
};
