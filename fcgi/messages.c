/* messages.c -- posting, and reading one message. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/direct.h"
#include "fcgi/message_answer.h"
#include "fcgi/messages_store.h"
#include "fcgi/names.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"
#include "shared/compose.h"

/* ---- what may be posted -------------------------------------------------- */

/* Idempotency-Key and client_id are two names of one key. */
static const char *
client_key(struct req *rq, const struct message_body *in)
{
	const char *key = NULL;

	if (request_key(rq, &key) != OK)
		return NULL;
	if (key && in->client_id && strcmp(key, in->client_id) != 0)
		content_note(rq, "client_id", "duplicate",
			     "Is not the same as Idempotency-Key.");
	return in->client_id ? in->client_id : key;
}

static struct draft *
check_message(struct req *rq)
{
	struct draft *draft = ARENA_NEW(rq->arena, struct draft);
	struct message_body in = *(const struct message_body *)rq->body;
	struct problem more = {};

	in.client_id = client_key(rq, &in);
	if (compose(rq->arena, &in, db_instance(rq->app->db)->id_key, &more, draft) != OK)
		content_note_all(rq, &more);
	draft->sender_id = rq->user_id;
	rq->checked = draft;
	return draft;
}

static void
check_post(struct req *rq)
{
	check_message(rq)->room_id = rq->arg[0];
}

/* ---- posting ------------------------------------------------------------- */

/* direct_with: see message_insert(). */
static enum err
post(struct req *rq, const struct draft *d, const char *direct_with, struct reply *out)
{
	struct app *app = rq->app;
	struct appended appended;
	struct event message = {};
	struct uuid id;

	TRY(message_insert(app->db, rq->arena, d, direct_with, &appended, &message));
	TRY(append_problem(&appended, &rq->problem));
	if (appended.result == APPEND_OK)
		room_wake(rq, d->room_id, appended.seq);
	uuid_of_message(db_instance(app->db)->id_key, appended.room_no, appended.seq,
			&id);
	reply_created(rq, out, message_answer(rq, &message), "/messages/%s", id.text);
	return OK;
}

static enum err
post_message(struct req *rq, struct reply *out)
{
	return post(rq, rq->checked, NULL, out);
}

/* ---- POST /messages ------------------------------------------------------ */

static const struct body where_query =
	BODY(struct message_body,
	     FIELD_ID(struct message_body, room_id, OPTIONAL, .also = "room,chat_id",
		      .about = "For texts and forms, which have no place for it."),
	     FIELD_TEXT(struct message_body, to, OPTIONAL, 1, 64,
			.about = "Instead of room_id."));

/* The room or the person, from the body or from the query (a text or a form may
 * have no other place for it). */
static const char *
either(const char *body, const char *query)
{
	if (body && *body)
		return body;
	return query && *query ? query : NULL;
}

static void
check_post_anywhere(struct req *rq)
{
	const struct message_body *in = rq->body, *where = rq->query;
	const char *to = either(in->to, where->to);
	struct draft *d = check_message(rq);

	d->room_id = either(in->room_id.text, where->room_id.text);
	if (d->room_id && to)
		content_note(rq, "to", "duplicate", "Give room_id or to, not both.");
	if (!d->room_id && !to && !content_is_noted(rq, "to"))
		content_note(rq, "room_id", "required", "Must be given, or to.");
}

static enum err
find_person(struct req *rq, const char *login, const char **out)
{
	enum err err = user_id_of_login(rq->app->db, rq->arena,
					names_login_key(rq->arena, login), out);

	if (err == OK && strcmp(*out, rq->user_id) != 0)
		return OK;
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	problem_field(&rq->problem, "to", err == OK ? "same" : "not_found",
		      err == OK ? "That is you." : "Nobody has this login.");
	return ERR_INVALID;
}

static enum err
post_message_anywhere(struct req *rq, struct reply *out)
{
	const struct message_body *in = rq->body, *where = rq->query;
	struct draft draft = *(const struct draft *)rq->checked;
	const char *other = NULL;
	struct uuid direct;

	if (!draft.room_id) {
		TRY(find_person(rq, either(in->to, where->to), &other));
		direct_room_id(db_instance(rq->app->db)->id_key, rq->user_id, other,
			       &direct);
		draft.room_id = direct.text;
	}
	return post(rq, &draft, other, out);
}

/* ---- GET /messages/{id} -------------------------------------------------- */

static enum err
get_message(struct req *rq, struct reply *out)
{
	struct event message;
	int64_t room_no, seq;

	TRY(uuid_to_message(db_instance(rq->app->db)->id_key, rq->arg[0], &room_no,
			    &seq));
	TRY(message_get(rq->app->db, rq->arena, rq->user_id, room_no, seq, &message));
	reply_json_tagged(rq, out, message_answer(rq, &message));
	return OK;
}

const struct route messages_routes[] = {
	{ POST, "/rooms/{id}/messages", AUTH_POST, LIMIT_MESSAGES, 1,
	  ROUTE_TEXT | ROUTE_KEYED, .body = &message_body, .check = check_post,
	  HANDLER(post_message), .tag = "messages", .summary = "Post a message",
	  .about = "As JSON, as plain text, or as a form: one that begins with a known "
		   "field is a form, any other is the text itself. `@login` in the text "
		   "mentions a member. image, file, audio and video take data.file_id, a "
		   "file that one uploaded or may read. 403 cannot_write: a direct room "
		   "whose other member does not hear from you.",
	  .status = 201, .gives = "Message", FAILS(403) },
	{ POST, "/messages", AUTH_POST, LIMIT_MESSAGES, 1, ROUTE_TEXT | ROUTE_KEYED,
	  .query = &where_query, .body = &message_to_body, .check = check_post_anywhere,
	  HANDLER(post_message_anywhere), .tag = "messages",
	  .summary = "Post a message to a room or a person",
	  .about = "With `to` it goes into the direct room, which is made if need be.",
	  .status = 201, .gives = "Message", FAILS(403, 404) },
	{ GET, "/messages/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_message), .tag = "messages", .summary = "A message", .status = 200,
	  .gives = "Message" },
	{},
};
