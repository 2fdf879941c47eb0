#include "fcgi/email_change.h"

#include <string.h>

#include "fcgi/access.h"
#include "fcgi/accounts.h"
#include "fcgi/attempt.h"
#include "fcgi/content.h"
#include "fcgi/letters.h"
#include "fcgi/recovery_store.h"

void
email_change_check(struct req *rq, const char *email, const char *password,
		   struct name *out)
{
	if (!email)
		return;
	names_read_email(rq->arena, email, &rq->problem, out);
	if (!password)
		content_note(rq, "password", "required",
			     "Changing the e-mail address needs the password.");
}

static enum err
check_password(struct req *rq, const struct account *account, const char *password)
{
	struct password_check check;
	enum err err = attempt_password(rq, account, account->user.id, password, &check);

	return err == ERR_UNAUTHENTICATED
		       ? accounts_wrong_password(rq, "The password is wrong.")
		       : err;
}

static enum err
set_now(struct req *rq, const struct account *account, const struct name *email)
{
	enum err err = email_set(rq->app->db, rq->arena, rq->user_id,
				 account->password_hash, email->text, email->key);

	if (err == ERR_CONFLICT)
		return accounts_refuse_taken(
			rq, "email_taken",
			"There is an account with this e-mail address.");
	if (err == ERR_NOT_FOUND)
		return accounts_wrong_password(rq, "The password is wrong.");
	return err;
}

/* Only the owner of an address learns that it is taken. */
static enum err
ask_to_confirm(struct req *rq, const struct account *account, const struct name *email)
{
	struct letter letter = { .to = email->text,
				 .to_key = email->key,
				 .login = account->user.login,
				 .secret = secret_new(rq->arena) };
	struct addressee owner;

	TRY(letters_begin(rq));
	TRY(email_ask(rq->app->db, rq->arena, secret_hash(rq->arena, letter.secret),
		      rq->user_id, email->text, email->key, CONFIRM_S, &owner));
	if (!owner.user_id)
		return letter_confirm(rq, &letter);
	letter.to = owner.email;
	letter.login = owner.login;
	return letter_known(rq, &letter);
}

enum err
email_change(struct req *rq, const struct name *email, const char *password)
{
	bool confirms = strcmp(rq->app->config.confirm_email, "on") == 0;
	struct account account;
	enum err err = account_of_session(rq->app->db, rq->arena, rq->session_id,
					  rq->user_id, rq->address_counted, &account);

	if (err == ERR_NOT_FOUND)
		return access_ended(rq);
	TRY(err);
	TRY(check_password(rq, &account, password));
	if (strcmp(account.user.email, email->text) == 0 &&
	    (account.user.email_confirmed || !confirms))
		return OK;
	return confirms ? ask_to_confirm(rq, &account, email)
			: set_now(rq, &account, email);
}
