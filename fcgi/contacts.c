/* contacts.c -- the people in one's list: contacts, and those one blocks.
 *
 * A list is visible to its owner alone: nobody is told that they are in it, as a contact
 * or blocked. The code that a block affects asks shared/allowed.h. */
#include "fcgi/contacts_store.h"
#include "fcgi/content.h"
#include "fcgi/cursor.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/token.h"
#include "shared/wake.h"

static struct json *
contact_json(struct arena *a, const struct contact *c)
{
	struct json *o = json_object_in(a);

	json_put(o, "user", json_user(a, &c->user));
	json_put_text(o, "nickname", c->nickname);
	json_put_bool(o, "blocked", c->blocked);
	json_put_time(o, "created_at", c->created_at);
	return o;
}

/* Each may now see more, or less, of the other. */
static void
tell_both(struct req *rq, const char *other_id)
{
	wake_pair(rq->app->wake, rq->app->db, rq->arena, rq->user_id, other_id);
}

/* ---- GET /contacts ------------------------------------------------------- */

struct list_query {
	struct body_head head;
	bool blocked;
	const char *cursor;
	int64_t limit;
};

static const struct body list_query =
	BODY(struct list_query,
	     FIELD_BOOL(struct list_query, blocked, OPTIONAL,
			.about = "true: only blocked people; false: only people who are "
				 "not blocked."),
	     PAGE_LIMIT_FIELD(struct list_query),
	     PAGE_CURSOR_FIELD(struct list_query, CURSOR_WORD_MAX));

static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	struct contact_place *after = ARENA_NEW(rq->arena, struct contact_place);
	struct uuid *id = ARENA_NEW(rq->arena, struct uuid);
	bool inside;

	after->user_id = id->text;
	if (in->cursor && cursor_parse_word(rq->arena, CURSOR_CONTACTS, in->cursor,
					    &inside, id, &after->word) != OK)
		page_refuse_cursor(rq);
	rq->checked = in->cursor ? after : NULL;
}

static enum err
list_contacts(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	int blocked = body_given(&list_query, in, blocked) ? in->blocked : -1;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct contact_list list;

	TRY(contacts_list(rq->app->db, rq->arena, rq->user_id, blocked, rq->checked,
			  limit, &list));
	for (int i = 0; i < list.count && i < limit; i++)
		json_push(items, contact_json(rq->arena, &list.items[i]));
	if (list.count > limit)
		next = cursor_print_word(rq->arena, CURSOR_CONTACTS, false,
					 list.places[limit - 1].user_id,
					 list.places[limit - 1].word);
	reply_json_tagged(rq, out, page_json(rq->arena, items, next));
	return OK;
}

/* ---- POST /contacts ------------------------------------------------------ */

#define NICKNAME_FIELD(T)                        \
	FIELD_NAME(T, nickname, OPTIONAL, 1, 64, \
		   .about = "Your name for them; nobody else sees it.")
#define BLOCKED_FIELD(T)                                                        \
	FIELD_BOOL(T, blocked, OPTIONAL,                                        \
		   .about = "Stops all direct contact between the two of you, " \
			    "both ways; you both stay in rooms that you share.")

struct put_body {
	struct body_head head;
	struct uuid user_id;
	const char *login, *nickname;
	bool blocked;
};

static const struct body put_body =
	BODY(struct put_body,
	     FIELD_ID(struct put_body, user_id, OPTIONAL,
		      .about = "The person; or give login instead."),
	     FIELD_TEXT(struct put_body, login, OPTIONAL, 1, 64, .also = "username"),
	     NICKNAME_FIELD(struct put_body), BLOCKED_FIELD(struct put_body));

static void
check_put(struct req *rq)
{
	const struct put_body *in = rq->body;

	if (!*in->user_id.text && !in->login && !content_is_noted(rq, "login"))
		content_note(rq, "user_id", "required",
			     "The person's user_id or login must be given.");
	if (*in->user_id.text && in->login)
		content_note(rq, "login", "unknown",
			     "Must not be given together with user_id.");
}

/* T: the body's table, in: the struct that it filled. */
#define CHANGE_OF(T, in, a)                                           \
	(struct contact_change)                                       \
	{                                                             \
		.given_nickname = body_given(&(T), in, nickname) ||   \
				  body_cleared(&(T), in, nickname),   \
		.given_blocked = body_given(&(T), in, blocked) ||     \
				 body_cleared(&(T), in, blocked),     \
		.nickname = (in)->nickname, .blocked = (in)->blocked, \
		.nickname_key = names_words_key((a), (in)->nickname), \
	}

static enum err
put_problem(struct req *rq, enum contact_put put)
{
	const struct put_body *in = rq->body;
	const char *field = in->login ? "login" : "user_id";

	switch (put) {
	case CONTACT_PUT:
	case CONTACT_WAS_THERE:
		return OK;
	case CONTACT_NO_USER:
		problem_field(&rq->problem, field, "not_found",
			      "There is no such person.");
		return ERR_INVALID;
	case CONTACT_SELF:
		problem_field(&rq->problem, field, "same", "That is you.");
		return ERR_INVALID;
	case CONTACT_TOO_MANY:
		return problem_fail(&rq->problem, ERR_CONFLICT, NULL,
				    "Your list has the maximum number of people.");
	case CONTACT_MISMATCH:
		break;
	}
	return problem_fail(&rq->problem, ERR_INVALID, "idempotency_mismatch",
			    "This Idempotency-Key was used for another contact.");
}

static enum err
create_contact(struct req *rq, struct reply *out)
{
	const struct put_body *in = rq->body;
	struct contact_draft draft = {
		.owner_id = rq->user_id,
		.user_id = *in->user_id.text ? in->user_id.text : NULL,
		.login_key = in->login ? names_login_key(rq->arena, in->login) : NULL,
		.change = CHANGE_OF(put_body, in, rq->arena),
		.fingerprint = fingerprint(&rq->raw, 1),
		.max_contacts = rq->app->config.max_contacts_per_user,
	};
	struct contact contact;
	enum contact_put put;

	TRY(request_key(rq, &draft.key));
	TRY(contact_put(rq->app->db, rq->arena, &draft, &put, &contact));
	TRY(put_problem(rq, put));
	tell_both(rq, contact.user.id);
	reply_created(rq, out, contact_json(rq->arena, &contact), "/contacts/%s",
		      contact.user.id);
	return OK;
}

/* ---- GET, PUT, DELETE /contacts/{user_id} -------------------------------- */

static enum err
get_contact(struct req *rq, struct reply *out)
{
	struct contact contact;

	TRY(contact_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &contact));
	reply_json_tagged(rq, out, contact_json(rq->arena, &contact));
	return OK;
}

struct change_body {
	struct body_head head;
	const char *nickname;
	bool blocked;
};

static const struct body change_body =
	BODY(struct change_body, NICKNAME_FIELD(struct change_body),
	     BLOCKED_FIELD(struct change_body));

static enum err
update_contact(struct req *rq, struct reply *out)
{
	const struct change_body *in = rq->body;
	struct contact_change change = CHANGE_OF(change_body, in, rq->arena);
	struct contact contact;

	TRY(contact_update(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &change,
			   &contact));
	if (change.given_blocked)
		tell_both(rq, contact.user.id);
	reply_json(rq, out, 200, contact_json(rq->arena, &contact));
	return OK;
}

static enum err
delete_contact(struct req *rq, struct reply *out)
{
	TRY(contact_remove(rq->app->db, rq->arena, rq->user_id, rq->arg[0]));
	tell_both(rq, rq->arg[0]);
	reply_no_content(out);
	return OK;
}

const struct route contacts_routes[] = {
	{ GET, "/contacts", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &list_query, .check = check_list, HANDLER(list_contacts),
	  .tag = "users", .summary = "List your contacts and the people you block",
	  .about = "Sorted by nickname, else name, else login. Includes blocked "
		   "people unless `blocked` is false. Nobody is told that they are in "
		   "your list.",
	  .status = 200, .gives = "ContactPage" },
	{ POST, "/contacts", AUTH_SESSION, LIMIT_REQUESTS, 1, ROUTE_KEYED,
	  .body = &put_body, .check = check_put, HANDLER(create_contact), .tag = "users",
	  .summary = "Add somebody to your list, or block them",
	  .about = "If they are in the list already, the given fields are changed. A "
		   "block stops direct messages, adding to rooms, calls, mentions, "
		   "presence, typing and receipts between the two, both ways; the "
		   "other person is not told.",
	  .status = 201, .gives = "Contact", FAILS(409) },
	{ GET, "/contacts/{user_id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_contact), .tag = "users", .summary = "Get somebody in your list",
	  .status = 200, .gives = "Contact", FAILS(404) },
	{ PUT, "/contacts/{user_id}", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  .body = &change_body, HANDLER(update_contact), .tag = "users",
	  .summary = "Change a nickname, block or unblock",
	  .about = "Absent fields stay unchanged; null clears. To add somebody who is "
		   "not in the list, use POST.",
	  .status = 200, .gives = "Contact", FAILS(404) },
	{ DELETE, "/contacts/{user_id}", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  HANDLER(delete_contact), .tag = "users",
	  .summary = "Remove somebody from your list, and any block", .status = 204,
	  FAILS(404) },
	{},
};
