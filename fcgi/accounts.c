/* accounts.c -- registering and signing in. */
#include <string.h>

#include "fcgi/accounts.h"
#include "fcgi/attempt.h"
#include "fcgi/content.h"
#include "fcgi/letters.h"
#include "fcgi/names.h"
#include "fcgi/pair.h"
#include "fcgi/password.h"
#include "fcgi/recovery_store.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"
#include "shared/clock.h"

enum { HOUR_MS = 3600000 };

/* ---- POST /auth/register ------------------------------------------------- */

struct register_body {
	struct body_head head;
	const char *login, *email, *password, *first_name, *last_name, *invite;
};

/* A login's length counts after NFKC, which may make it shorter. */
static const struct body register_body = BODY(
	struct register_body,
	FIELD_TEXT(struct register_body, login, REQUIRED, 2, 64, .also = "username",
		   .about = "2 to 32 letters of one script, digits, '_', '-', '.'; "
			    "unique without case."),
	FIELD_TEXT(struct register_body, email, REQUIRED, 3, 254,
		   .about = "Never shown to others."),
	FIELD_TEXT(
		struct register_body, password, REQUIRED, 8, 1024,
		.about = "At least 8 characters, at most 1,024 bytes, not a common one."),
	FIELD_NAME(struct register_body, first_name, OPTIONAL, 1, 64),
	FIELD_NAME(struct register_body, last_name, OPTIONAL, 1, 64),
	FIELD_TEXT(struct register_body, invite, OPTIONAL, 1, 64,
		   .about = "The invitation's code. Needed if registration is by "
			    "invite."));

static bool
is_by_invite(const struct req *rq)
{
	return strcmp(rq->app->config.registration, "invite") == 0;
}

static bool
is_to_confirm(const struct req *rq)
{
	return strcmp(rq->app->config.confirm_email, "on") == 0;
}

static enum err
check_registration_is_open(struct req *rq)
{
	const struct register_body *in = rq->body;
	const char *setting = rq->app->config.registration;

	if (strcmp(setting, "open") == 0 || (in->invite && is_by_invite(rq)))
		return OK;
	if (is_by_invite(rq))
		return problem_fail(&rq->problem, ERR_FORBIDDEN, "invite_required",
				    "You need an invitation to register here.");
	return problem_fail(&rq->problem, ERR_FORBIDDEN, "registration_closed",
			    "Registration is closed here.");
}

struct lobby_name
accounts_lobby(const struct req *rq)
{
	const char *name = rq->app->config.lobby;

	if (!*name)
		return (struct lobby_name){};
	return (struct lobby_name){ name, names_words_key(rq->arena, name) };
}

void
accounts_tell_lobby(struct req *rq, const struct seat *seat)
{
	if (seat->room_id)
		room_wake(rq, seat->room_id, seat->seq);
}

struct registration {
	struct account_draft draft;
	const char *password;
};

static void
check_register(struct req *rq)
{
	const struct register_body *in = rq->body;
	struct registration *r = ARENA_NEW(rq->arena, struct registration);
	struct name login = {}, email = {};

	if (in->login)
		names_read_login(rq->arena, in->login, &rq->problem, &login);
	if (in->email)
		names_read_email(rq->arena, in->email, &rq->problem, &email);
	if (in->password)
		names_read_password(rq->arena, "password", in->password, in->login,
				    in->email, &rq->problem, &r->password);
	r->draft = (struct account_draft){
		.login = login.text,
		.login_key = login.key,
		.email = email.text,
		.email_key = email.key,
		.first_name = in->first_name,
		.last_name = in->last_name,
		.first_key = names_words_key(rq->arena, in->first_name),
		.last_key = names_words_key(rq->arena, in->last_name),
		.invite = is_by_invite(rq) ? in->invite : NULL,
		.lobby = accounts_lobby(rq),
	};
	rq->checked = r;
}

static enum err
count_an_hour(struct req *rq, const char *what, int64_t most, const char *detail)
{
	const struct limit limit = {
		.name = what, .burst = most, .per = most, .window_ms = HOUR_MS
	};

	return limit_take(rq, &limit, rq->address_counted, detail);
}

enum err
accounts_refuse_taken(struct req *rq, const char *code, const char *detail)
{
	TRY(count_an_hour(rq, "taken", rq->app->config.taken_answers_per_hour,
			  "Too many logins or e-mail addresses that you tried are "
			  "taken; try again later."));
	return problem_fail(&rq->problem, ERR_CONFLICT, code, detail);
}

static enum err
bad_invite(struct req *rq)
{
	content_note(rq, "invite", "unknown",
		     "The invitation does not exist, was used, or has expired.");
	return ERR_INVALID;
}

/* If addresses are confirmed by mail, only the owner of an address learns that it is
 * taken. */
static enum err
check_obstacles(struct req *rq, const struct account_draft *d)
{
	struct obstacles in_the_way;

	TRY(account_obstacles(rq->app->db, rq->arena, d, &in_the_way));
	if (in_the_way.invite_is_bad)
		return bad_invite(rq);
	if (in_the_way.login_taken)
		return accounts_refuse_taken(rq, "login_taken", "The login is taken.");
	if (in_the_way.email_taken && !is_to_confirm(rq))
		return accounts_refuse_taken(
			rq, "email_taken",
			"There is an account with this e-mail address.");
	return OK;
}

/* The answer does not tell whether somebody has the address. */
static enum err
register_pending(struct req *rq, const struct account_draft *draft, struct reply *out)
{
	struct letter letter = { .to = draft->email,
				 .to_key = draft->email_key,
				 .login = draft->login,
				 .secret = secret_new(rq->arena) };
	struct addressee owner;
	enum err err = pending_insert(rq->app->db, rq->arena,
				      secret_hash(rq->arena, letter.secret), draft,
				      CONFIRM_S, &owner);

	if (err == ERR_NOT_FOUND)
		return bad_invite(rq);
	TRY(err);
	out->status = 202;
	if (!owner.user_id)
		return letter_confirm(rq, &letter);
	letter.to = owner.email;
	letter.login = owner.login;
	return letter_known(rq, &letter);
}

static enum err
register_now(struct req *rq, const struct account_draft *draft, struct reply *out)
{
	struct fresh fresh = pair_fresh(rq->arena);
	struct session_draft session = pair_session(rq, &fresh);
	struct seat seat;
	struct user user;
	enum err err =
		account_insert(rq->app->db, rq->arena, draft, &session, &user, &seat);

	if (err == ERR_CONFLICT) /* taken a moment ago: login or address? */
		TRY(check_obstacles(rq, draft));
	if (err == ERR_NOT_FOUND)
		return bad_invite(rq);
	TRY(err);
	accounts_tell_lobby(rq, &seat);
	return pair_reply(rq, out, 201, &user, session.id, &fresh, session.refresh_s);
}

static enum err
register_account(struct req *rq, struct reply *out)
{
	const struct registration *in = rq->checked;
	struct account_draft draft = in->draft;

	TRY(check_registration_is_open(rq));
	TRY(count_an_hour(rq, "register", rq->app->config.registrations_per_hour,
			  "Too many registrations from your address; try again later."));
	if (is_to_confirm(rq))
		TRY(letters_begin(rq));
	TRY(check_obstacles(rq, &draft));
	TRY(password_hash(&rq->app->config, rq->arena, in->password, &rq->problem,
			  &draft.password_hash));
	return is_to_confirm(rq) ? register_pending(rq, &draft, out)
				 : register_now(rq, &draft, out);
}

/* ---- POST /auth/login ---------------------------------------------------- */

struct login_body {
	struct body_head head;
	const char *login, *email, *password;
};

static const struct body login_body =
	BODY(struct login_body,
	     FIELD_TEXT(struct login_body, login, OPTIONAL, 1, 254, .also = "username",
			.about = "The login or the e-mail address."),
	     FIELD_TEXT(struct login_body, email, OPTIONAL, 1, 254),
	     FIELD_TEXT(struct login_body, password, REQUIRED, 1, 1024));

/* Whom the client means. One key is set; no login contains an @. */
struct named {
	const char *login_key, *email_key;
};

static void
check_login(struct req *rq)
{
	const struct login_body *in = rq->body;

	if (in->login && in->email)
		problem_field(&rq->problem, "email", "duplicate",
			      "Give the login or the e-mail address, not both.");
	if (!in->login && !in->email && !content_is_noted(rq, "email"))
		content_note(rq, "login", "required",
			     "The login or the e-mail address must be given.");
}

static struct named
named_of(struct req *rq)
{
	const struct login_body *in = rq->body;

	if (in->login && !strchr(in->login, '@'))
		return (struct named){ .login_key =
					       names_login_key(rq->arena, in->login) };
	return (struct named){ .email_key = names_email_key(
				       rq->arena, in->login ? in->login : in->email) };
}

static enum err
login(struct req *rq, struct reply *out)
{
	const struct login_body *in = rq->body;
	struct fresh fresh = pair_fresh(rq->arena);
	struct session_draft session = pair_session(rq, &fresh);
	struct account account = {};
	struct password_check check = {};
	const char *new_hash = NULL;
	struct named named = named_of(rq);
	enum err err;

	err = account_find(rq->app->db, rq->arena, named.login_key, named.email_key,
			   rq->address_counted, &account);
	if (err == ERR_NOT_FOUND && named.login_key)
		err = pending_find(rq->app->db, rq->arena, named.login_key,
				   &account.password_hash);
	if (err != ERR_NOT_FOUND)
		TRY(err);
	TRY(attempt_password(rq, &account,
			     named.login_key ? named.login_key : named.email_key,
			     in->password, &check));
	if (!account.user.id)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, "email_unconfirmed",
				    "First open the link in the mail that was sent to "
				    "you.");
	if (account.is_disabled)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, "account_disabled",
				    "This account is disabled.");
	if (check.is_cheap && /* without a free slot, the next sign-in does it */
	    password_hash(&rq->app->config, rq->arena,
			  names_password(rq->arena, in->password), NULL, &new_hash) != OK)
		new_hash = NULL;
	err = session_insert(rq->app->db, rq->arena, account.user.id,
			     account.password_hash, new_hash, &session);
	if (err == ERR_NOT_FOUND) /* changed since we read it */
		return attempt_wrong(rq);
	TRY(err);
	return pair_reply(rq, out, 200, &account.user, session.id, &fresh,
			  session.refresh_s);
}

const struct route accounts_routes[] = {
	{ POST, "/auth/register", AUTH_NONE, LIMIT_REQUESTS, 5, ROUTE_NOWHERE,
	  .body = &register_body, .check = check_register, HANDLER(register_account),
	  .tag = "accounts", .summary = "Create an account",
	  .about = "If e-mail addresses are confirmed (`confirm_email` in /status), "
		   "the answer is 202 without a body, whether or not the address is "
		   "known; the account exists once the link in the mail is opened, "
		   "within three days. 403: mail_off, registration_closed, "
		   "invite_required. 409: login_taken, email_taken.",
	  .status = 201, .gives = "Pair", FAILS(202, 403, 409) },
	{ POST, "/auth/login", AUTH_NONE, LIMIT_REQUESTS, 5, .body = &login_body,
	  .check = check_login, HANDLER(login), .tag = "accounts", .summary = "Sign in",
	  .about = "403 only if the password is right: account_disabled; or "
		   "email_unconfirmed, for a sign-in by login before the mailed link "
		   "was opened.",
	  .status = 200, .gives = "Pair", FAILS(401, 403) },
	{},
};
