/* messages.c -- posting, and reading one message. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/direct.h"
#include "fcgi/message_answer.h"
#include "fcgi/messages_store.h"
#include "fcgi/names.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"
#include "fcgi/upload.h"
#include "shared/compose.h"
#include "shared/text.h"

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
			     "Must be the same as Idempotency-Key.");
	return in->client_id ? in->client_id : key;
}

/* A key may only be used again with the same bytes under the same name. */
static const char *
carried(struct req *rq)
{
	const struct upload *up = rq->upload;

	return up ? arena_printf(rq->arena, "%s %s", up->sha256, up->name) : NULL;
}

static struct draft *
check_message(struct req *rq)
{
	struct draft *draft = ARENA_NEW(rq->arena, struct draft);
	struct message_body in = *(const struct message_body *)rq->body;
	struct problem more = {};

	in.client_id = client_key(rq, &in);
	in.carried = carried(rq);
	if (compose(rq->arena, &in, db_instance(rq->app->db)->id_key, &more, draft) != OK)
		content_note_all(rq, &more);
	draft->sender_id = rq->user_id;
	draft->room_only = rq->room_only != NULL;
	rq->checked = draft;
	return draft;
}

static void
check_post(struct req *rq)
{
	check_message(rq)->room_id = rq->arg[0];
}

/* ---- a file that comes with it ------------------------------------------- */

/* No file has it. */
static const char no_file[] = "00000000-0000-0000-0000-000000000000";

static enum message_kind
kind_of(const char *mime)
{
	if (text_starts(mime, "image/"))
		return MESSAGE_IMAGE;
	if (text_starts(mime, "audio/"))
		return MESSAGE_AUDIO;
	return text_starts(mime, "video/") ? MESSAGE_VIDEO : MESSAGE_FILE;
}

/* Store the uploaded file, unless the message will not be posted anyway. */
static enum err
keep_file(struct req *rq, bool makes_room, struct draft *d)
{
	const struct file_key none = {}; /* the message's key is enough */
	struct file file;
	bool wanted;

	d->file_id = no_file;
	TRY(message_wants_file(rq->app->db, rq->arena, d, makes_room, &wanted));
	if (!wanted)
		return OK;
	TRY(upload_store(rq, rq->upload, &none, &file));
	d->file_id = file.id;
	if (d->kind == MESSAGE_TEXT)
		d->kind = kind_of(file.mime);
	return OK;
}

/* The message was not posted after all, or another request has just posted the same: the
 * upload is deleted at once. */
static enum err
drop_file(struct req *rq, const struct draft *d, struct appended *r)
{
	if (r->result == APPEND_NO_FILE) /* it was not needed before, and now would be */
		r->result = APPEND_BUSY;
	if (d->file_id == no_file)
		return OK;
	return file_forget(rq->app->db, rq->arena, d->file_id);
}

/* ---- posting ------------------------------------------------------------- */

/* direct_with: see message_insert(). */
static enum err
post(struct req *rq, struct draft *d, const char *direct_with, struct reply *out)
{
	struct app *app = rq->app;
	struct appended appended;
	struct event message = {};
	struct uuid id;

	if (d->carried)
		TRY(keep_file(rq, direct_with != NULL, d));
	TRY(message_insert(app->db, rq->arena, d, direct_with, &appended, &message));
	if (d->carried && appended.result != APPEND_OK)
		TRY(drop_file(rq, d, &appended));
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
	struct draft draft = *(const struct draft *)rq->checked;

	return post(rq, &draft, NULL, out);
}

/* ---- POST /messages ------------------------------------------------------ */

static const struct body where_query =
	BODY(struct message_body,
	     FIELD_ID(struct message_body, room_id, OPTIONAL, .also = "room,chat_id",
		      .about = "For a plain text or a form, which cannot contain it."),
	     FIELD_TEXT(struct message_body, to, OPTIONAL, 1, 64,
			.about = "The login of a person, instead of room_id."));

/* The login of the person, from the body or the query (a text or a form may have no other
 * place for it). */
static const char *
person_wanted(struct req *rq)
{
	const struct message_body *in = rq->body, *where = rq->query;

	return content_either(rq, "to", in->to, where->to);
}

static void
check_post_anywhere(struct req *rq)
{
	const struct message_body *in = rq->body, *where = rq->query;
	const char *to = person_wanted(rq);
	struct draft *d = check_message(rq);

	d->room_id = content_either(rq, "room_id", in->room_id.text, where->room_id.text);
	if (d->room_id && to)
		content_note(rq, "to", "duplicate", "Give room_id or to, not both.");
	if (!d->room_id && !to && !content_is_noted(rq, "to"))
		content_note(rq, "room_id", "required",
			     "Either room_id or `to` must be given.");
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
	struct draft draft = *(const struct draft *)rq->checked;
	const char *other = NULL;
	struct uuid direct;

	if (!draft.room_id) {
		TRY(find_person(rq, person_wanted(rq), &other));
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
	  ROUTE_TEXT | ROUTE_KEYED | ROUTE_UPLOAD, .body = &message_body,
	  .check = check_post, HANDLER(post_message), .tag = "messages",
	  .summary = "Post a message",
	  .about = "Send JSON, plain text, or a form; a form body that does not begin "
		   "with a known field is the text itself. `@login` in the text "
		   "mentions a member. The kinds image, file, audio and video need "
		   "data.file_id, a file that you uploaded or may read. Or send the "
		   "file with the message, as multipart/form-data with the part "
		   "`file` beside the fields: `curl -F file=@photo.jpg -F text=hi`. "
		   "Then kind defaults to the type of the content, and a request that "
		   "repeats client_id must contain the same file under the same name. "
		   "403 cannot_write: in a direct room whose other member does not "
		   "accept messages from you.",
	  .status = 201, .gives = "Message", FAILS(403) },
	{ POST, "/messages", AUTH_POST, LIMIT_MESSAGES, 1,
	  ROUTE_TEXT | ROUTE_KEYED | ROUTE_UPLOAD, .query = &where_query,
	  .body = &message_to_body, .check = check_post_anywhere,
	  HANDLER(post_message_anywhere), .tag = "messages",
	  .summary = "Post a message to a room or to a person",
	  .about = "With `to` it goes to the direct room with that person, which is "
		   "created if necessary. Accepts the same bodies as POST "
		   "/rooms/{id}/messages, including a form with a file.",
	  .status = 201, .gives = "Message", FAILS(403, 404) },
	{ GET, "/messages/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_message), .tag = "messages", .summary = "Get a message",
	  .status = 200, .gives = "Message" },
	{},
};
