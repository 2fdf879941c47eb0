/* admin_users.c -- what administrators of the instance may do to accounts. */
#include <string.h>

#include "fcgi/accounts.h"
#include "fcgi/admin_store.h"
#include "fcgi/letters.h"
#include "fcgi/mail.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/recovery_store.h"
#include "fcgi/tables.h"
#include "shared/text.h"

static struct json *
user_json(struct req *rq, const struct admin_user *u)
{
	struct json *o = json_user(rq->arena, &u->user);

	json_put_text(o, "email", u->user.email);
	json_put_bool(o, "email_confirmed", u->user.email_confirmed);
	json_put_bool(o, "is_admin", u->user.is_admin);
	json_put_bool(o, "disabled", u->disabled_at != 0);
	json_put_time(o, "disabled_at", u->disabled_at);
	json_put_int(o, "sessions", u->session_count);
	return o;
}

/* ---- GET /admin/users ---------------------------------------------------- */

struct list_query {
	struct body_head head;
	int64_t limit;
	const char *q, *cursor;
};

enum { CURSOR_MAX = 256 };

static const struct body list_query =
	BODY(struct list_query,
	     FIELD_TEXT(struct list_query, q, OPTIONAL, 1, 254,
			.about = "Any part of the login, name or e-mail address."),
	     PAGE_LIMIT_FIELD(struct list_query),
	     PAGE_CURSOR_FIELD(struct list_query, CURSOR_MAX));

/* A cursor is the key of a login. */
static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	char *place = NULL;

	if (in->cursor &&
	    cursor_parse_text(rq->arena, CURSOR_ADMIN_USERS, in->cursor, &place) != OK)
		page_refuse_cursor(rq);
	rq->checked = place;
}

static enum err
list_users(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct admin_user *users;
	int count;

	TRY(admin_users_list(rq->app->db, rq->arena, names_words_key(rq->arena, in->q),
			     rq->checked, limit, &count, &users));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, user_json(rq, &users[i]));
	if (count > limit) {
		const char *key = users[limit - 1].key;

		next = cursor_print_text(rq->arena, CURSOR_ADMIN_USERS, key);
	}
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- GET, PUT /admin/users/{id} ------------------------------------------ */

static enum err
get_user(struct req *rq, struct reply *out)
{
	struct admin_user user;

	TRY(admin_user_get(rq->app->db, rq->arena, rq->arg[0], &user));
	reply_json(rq, out, 200, user_json(rq, &user));
	return OK;
}

struct user_body {
	struct body_head head;
	bool disabled, is_admin;
};

static const struct body user_body =
	BODY(struct user_body,
	     FIELD_BOOL(struct user_body, disabled, OPTIONAL,
			.about = "true: the person is signed out at once and cannot "
				 "sign in."),
	     FIELD_BOOL(struct user_body, is_admin, OPTIONAL));

static const char *
word_of(bool given, bool value)
{
	return !given ? NULL : value ? "true" : "false";
}

/* So an administrator always remains: the one who makes the change. */
static enum err
refuse_oneself(struct req *rq)
{
	return problem_fail(&rq->problem, ERR_CONFLICT, NULL,
			    "Administrators cannot disable, demote or remove "
			    "themselves; another administrator can.");
}

static enum err
update_user(struct req *rq, struct reply *out)
{
	const struct user_body *in = rq->body;
	bool disabled = body_given(&user_body, in, disabled),
	     is_admin = body_given(&user_body, in, is_admin);
	struct admin_user user;

	if (strcmp(rq->arg[0], rq->user_id) == 0 &&
	    ((disabled && in->disabled) || (is_admin && !in->is_admin)))
		return refuse_oneself(rq);
	TRY(admin_user_set(rq->app->db, rq->arena, rq->arg[0], rq->user_id,
			   word_of(is_admin, in->is_admin),
			   word_of(disabled, in->disabled), &user));
	reply_json(rq, out, 200, user_json(rq, &user));
	return OK;
}

/* ---- DELETE /admin/users/{id} -------------------------------------------- */

struct removal_query {
	struct body_head head;
	bool erase_messages;
};

static const struct body removal_query =
	BODY(struct removal_query,
	     FIELD_BOOL(struct removal_query, erase_messages, OPTIONAL,
			.about = "Also erase everything the person wrote, in the log "
				 "itself."));

static enum err
remove_user(struct req *rq, struct reply *out)
{
	const struct removal_query *in = rq->query;

	if (strcmp(rq->arg[0], rq->user_id) == 0)
		return refuse_oneself(rq);
	TRY(admin_user_remove(rq->app->db, rq->arena, rq->arg[0], rq->user_id,
			      in->erase_messages));
	reply_no_content(out);
	return OK;
}

/* ---- POST /admin/users/{id}/reset ---------------------------------------- */

struct reset_body {
	struct body_head head;
	bool mail;
};

static const struct body reset_body =
	BODY(struct reset_body,
	     FIELD_BOOL(struct reset_body, mail, OPTIONAL,
			.about = "true: mail the link to the person; otherwise the "
				 "answer contains it, for you to pass on."));

static enum err
mail_reset(struct req *rq, const struct addressee *whose, const char *secret)
{
	struct letter letter = { .to = whose->email,
				 .to_key = names_email_key(rq->arena, whose->email),
				 .login = whose->login,
				 .secret = secret };

	return letter_reset(rq, &letter, false);
}

static enum err
make_reset(struct req *rq, struct reply *out)
{
	const struct reset_body *in = rq->body;
	const struct config *c = &rq->app->config;
	const char *secret = secret_new(rq->arena);
	struct json *o = json_object_in(rq->arena);
	bool has_url = !in->mail && *c->public_url;
	struct addressee whose;

	if (in->mail && !mail_works(c))
		return problem_fail(&rq->problem, ERR_FORBIDDEN, "mail_off",
				    "This server sends no mail.");
	TRY(reset_make(rq->app->db, rq->arena, secret_hash(rq->arena, secret), rq->arg[0],
		       RESET_S, &whose));
	if (in->mail)
		TRY(mail_reset(rq, &whose, secret));
	json_put_bool(o, "mailed", in->mail);
	json_put_text(o, "token", in->mail ? NULL : secret);
	json_put_text(o, "url", has_url ? letters_link(rq, "reset", secret) : NULL);
	json_put_int(o, "expires_in", RESET_S);
	reply_json(rq, out, 201, o);
	return OK;
}

const struct route admin_users_routes[] = {
	{ GET, "/admin/users", AUTH_OPERATOR, LIMIT_REQUESTS, 5, .query = &list_query,
	  .check = check_list, HANDLER_AS(list_users, "admin_list_users"), .tag = "admin",
	  .summary = "List all accounts, by login", .status = 200,
	  .gives = "AdminUserPage" },
	{ GET, "/admin/users/{id}", AUTH_OPERATOR, LIMIT_REQUESTS, 1,
	  HANDLER_AS(get_user, "admin_get_user"), .tag = "admin",
	  .summary = "Get an account", .status = 200, .gives = "AdminUser" },
	{ PUT, "/admin/users/{id}", AUTH_OPERATOR, LIMIT_REQUESTS, 1, .body = &user_body,
	  HANDLER_AS(update_user, "admin_update_user"), .tag = "admin",
	  .summary = "Disable an account, or make somebody an administrator",
	  .about = "409 if you disable or demote yourself.", .status = 200,
	  .gives = "AdminUser", FAILS(409) },
	{ DELETE, "/admin/users/{id}", AUTH_OPERATOR, LIMIT_REQUESTS, 5,
	  .query = &removal_query, HANDLER_AS(remove_user, "admin_remove_user"),
	  .tag = "admin", .summary = "Remove an account",
	  .about = "Works like DELETE /users/me. 409 for your own account.",
	  .status = 204, FAILS(409) },
	{ POST, "/admin/users/{id}/reset", AUTH_OPERATOR, LIMIT_REQUESTS, 1,
	  ROUTE_NOWHERE, .body = &reset_body, HANDLER_AS(make_reset, "admin_reset_user"),
	  .tag = "admin", .summary = "Create a link for a new password",
	  .about = "The link works once, within 30 minutes. 403 mail_off: it cannot "
		   "be mailed.",
	  .status = 201, .gives = "ResetLink" },
	{},
};
