/* users.c -- one's own profile, settings and status. */
#include "fcgi/content.h"
#include "fcgi/email_change.h"
#include "fcgi/names.h"
#include "fcgi/tables.h"
#include "fcgi/users_store.h"
#include "shared/api_token.h"
#include "shared/schema_model.h"
#include "shared/status.h"
#include "shared/wake.h"

static enum err
get_me(struct req *rq, struct reply *out)
{
	struct user me;

	TRY(user_own(rq->app->db, rq->arena, rq->user_id, &me));
	reply_json_tagged(rq, out, json_me(rq->arena, &me));
	return OK;
}

/* ---- PUT /users/me ------------------------------------------------------- */

static const char *const everyone[] = { "everyone", "contacts", "nobody", NULL };

struct settings_body {
	struct body_head head;
	int show_last_seen, who_can_write, who_can_add;
	bool send_receipts;
};

static const struct body settings_body =
	BODY(struct settings_body,
	     FIELD_ENUM(struct settings_body, show_last_seen, OPTIONAL, everyone),
	     FIELD_BOOL(struct settings_body, send_receipts, OPTIONAL),
	     FIELD_ENUM(struct settings_body, who_can_write, OPTIONAL, everyone),
	     FIELD_ENUM(struct settings_body, who_can_add, OPTIONAL, everyone));

struct me_body {
	struct body_head head;
	const char *first_name, *last_name, *bio, *email, *password;
	struct uuid avatar;
	struct json *settings;
};

static const struct body me_body = BODY(
	struct me_body, FIELD_NAME(struct me_body, first_name, OPTIONAL, 1, 64),
	FIELD_NAME(struct me_body, last_name, OPTIONAL, 1, 64),
	FIELD_TEXT(struct me_body, bio, OPTIONAL, 1, 1000),
	FIELD_ID(struct me_body, avatar, OPTIONAL,
		 .about = "The id of a file: an image that you uploaded or may read; "
			  "null: none."),
	FIELD_TEXT(struct me_body, email, OPTIONAL, 3, 254,
		   .about = "Needs the password. If addresses are confirmed, the "
			    "former one stays until the mailed link is opened."),
	FIELD_TEXT(struct me_body, password, OPTIONAL, 1, 1024,
		   .about = "Needed to change the e-mail address."),
	FIELD_JSON(struct me_body, settings, OPTIONAL,
		   .about = "show_last_seen, who_can_write, who_can_add (everyone, "
			    "contacts, nobody), send_receipts (true, false)"));

/* Was it named, even as null? Null resets it to the default, which is the first of its
 * words. */
static bool
is_named(const struct settings_body *in, const char *name)
{
	return body_bit_(&settings_body, in->head.given | in->head.cleared, name);
}

static const char *
print_settings(struct req *rq, const struct settings_body *in, bool all)
{
	const struct {
		const char *name;
		int word;
	} words[] = {
		{ "show_last_seen", in->show_last_seen },
		{ "who_can_write", in->who_can_write },
		{ "who_can_add", in->who_can_add },
	};
	struct json *o = json_object_in(rq->arena);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (all || is_named(in, words[i].name))
			json_put_text(o, words[i].name, everyone[words[i].word]);
	if (body_given(&settings_body, in, send_receipts))
		json_put_bool(o, "send_receipts", in->send_receipts);
	else if (all || is_named(in, "send_receipts"))
		json_put_bool(o, "send_receipts", true);
	return json_print(rq->arena, o, NULL);
}

static const char *
check_settings(struct req *rq, const struct me_body *in)
{
	struct problem *p = &rq->problem;
	struct settings_body settings = {};
	size_t before = p->error_count;

	if (body_cleared(&me_body, in, settings))
		return print_settings(rq, &settings, true);
	if (!in->settings)
		return NULL;
	if (body_read_json(&settings_body, rq->arena, in->settings, NULL, p, &settings) !=
	    OK)
		for (size_t i = before; i < p->error_count; i++)
			p->errors[i].field = arena_printf(rq->arena, "settings.%s",
							  p->errors[i].field);
	return print_settings(rq, &settings, false);
}

#define TEXT_CHANGE(b, in, m)                                                   \
	{                                                                       \
		body_given((b), (in), m) || body_cleared((b), (in), m), (in)->m \
	}

struct me_change {
	struct user_change user;
	struct name email; /* .text NULL: unchanged */
};

static void
check_me(struct req *rq)
{
	const struct me_body *in = rq->body;
	struct me_change *c = ARENA_NEW(rq->arena, struct me_change);

	if (body_cleared(&me_body, in, email))
		content_note(rq, "email", "required", "Must not be null.");
	email_change_check(rq, in->email, in->password, &c->email);
	c->user = (struct user_change){
		.user_id = rq->user_id,
		.first_name = TEXT_CHANGE(&me_body, in, first_name),
		.last_name = TEXT_CHANGE(&me_body, in, last_name),
		.bio = TEXT_CHANGE(&me_body, in, bio),
		.avatar = { body_given(&me_body, in, avatar) ||
				    body_cleared(&me_body, in, avatar),
			    *in->avatar.text ? in->avatar.text : NULL },
		.first_key = names_words_key(rq->arena, in->first_name),
		.last_key = names_words_key(rq->arena, in->last_name),
		.settings = check_settings(rq, in),
	};
	rq->checked = c;
}

/* The address first: if the password is wrong, nothing is changed. */
static enum err
update_me(struct req *rq, struct reply *out)
{
	const struct me_body *in = rq->body;
	const struct me_change *c = rq->checked;
	bool avatar_fits;
	struct user me;

	if (c->email.text)
		TRY(email_change(rq, &c->email, in->password));
	TRY(user_update(rq->app->db, rq->arena, &c->user, &avatar_fits, &me));
	if (!avatar_fits) {
		problem_field(&rq->problem, "avatar", "unknown",
			      "There is no such image, or you may not use it.");
		return ERR_INVALID;
	}
	wake_person(rq->app->wake, rq->app->db, rq->arena, rq->user_id);
	reply_json(rq, out, 200, json_me(rq->arena, &me));
	return OK;
}

/* ---- PUT /users/status --------------------------------------------------- */

static enum err
set_status(struct req *rq, struct reply *out)
{
	const struct status_body *in = rq->body;
	const struct text_change text = { status_gives_text(in), in->text };
	struct user me;

	TRY(user_set_status(rq->app->db, rq->arena, rq->user_id,
			    user_status_names[in->status], &text, &me));
	wake_person(rq->app->wake, rq->app->db, rq->arena, rq->user_id);
	reply_json(rq, out, 200,
		   rq->scopes & TOKEN_READ ? json_me(rq->arena, &me)
					   : json_user(rq->arena, &me));
	return OK;
}

/* ---- GET /users/{id} ----------------------------------------------------- */

static enum err
get_user(struct req *rq, struct reply *out)
{
	struct user user;

	TRY(user_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &user));
	reply_json_tagged(rq, out, json_user(rq->arena, &user));
	return OK;
}

/* Served by auth.fcgi, the only program that can check a password. */
const struct route me_routes[] = {
	{ GET, "/users/me", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED | ROUTE_BOUND,
	  HANDLER(get_me), .tag = "users", .summary = "Get your own account",
	  .status = 200, .gives = "Me" },
	{ PUT, "/users/me", AUTH_SESSION, LIMIT_REQUESTS, 1, .body = &me_body,
	  .check = check_me, HANDLER(update_me), .tag = "users",
	  .summary = "Change your profile and settings",
	  .about = "Absent fields stay unchanged; null clears a field and resets a "
		   "setting to its default. Changing the e-mail address needs the "
		   "password: 403 wrong_password, 409 email_taken. If addresses are "
		   "confirmed, a link is mailed to the new one, and the former one "
		   "stays until the link is opened.",
	  .status = 200, .gives = "Me", FAILS(403, 409) },
	{ GET, "/users/profile", AUTH_READ, LIMIT_REQUESTS, 1,
	  ROUTE_TAGGED | ROUTE_ALIAS | ROUTE_BOUND, HANDLER_AS(get_me, "get_profile"),
	  .tag = "users", .summary = "The same as /users/me", .status = 200,
	  .gives = "Me" },
	{ PUT, "/users/profile", AUTH_SESSION, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  .body = &me_body, .check = check_me, HANDLER_AS(update_me, "update_profile"),
	  .tag = "users", .summary = "The same as PUT /users/me", .status = 200,
	  .gives = "Me", FAILS(403, 409) },
	{},
};

const struct route users_routes[] = {
	{ PUT, "/users/status", AUTH_POST, LIMIT_REQUESTS, 1, .body = &status_body,
	  HANDLER(set_status), .tag = "users", .summary = "Set your status",
	  .about = "Visible to people who share a room with you that is not public, "
		   "and to the people in your list; never to anybody whom you block or "
		   "who blocks you. For an API token without the scope read, the "
		   "answer leaves out private fields.",
	  .status = 200, .gives = "MeOrUser" },
	{ GET, "/users/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_user), .tag = "users", .summary = "Get somebody's profile",
	  .about = "status and last_seen_at are null unless you share a room that is "
		   "not public or they have you in their list, and neither of you "
		   "blocks the other. last_seen_at is also null if their "
		   "show_last_seen hides it from you.",
	  .status = 200, .gives = "User" },
	{},
};
