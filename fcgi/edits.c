/* edits.c -- changes to messages after they were posted, and marking them as read. */
#include "fcgi/content.h"
#include "fcgi/message_answer.h"
#include "fcgi/messages_store.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"

/* The message in the path, and who makes the change. */
static enum err
edit_of(struct req *rq, struct edit_of *out)
{
	*out = (struct edit_of){ .by_id = rq->user_id };
	return uuid_to_message(db_instance(rq->app->db)->id_key, rq->arg[0],
			       &out->room_no, &out->seq);
}

static enum err
settle(struct req *rq, const struct edit_outcome *outcome)
{
	TRY(edit_problem(outcome, &rq->problem));
	if (outcome->result == EDIT_OK)
		room_wake(rq, outcome->room_id, outcome->seq);
	return OK;
}

/* ---- PUT, DELETE /messages/{id} ------------------------------------------ */

struct edit_body {
	struct body_head head;
	const char *text;
};

static const struct body edit_body = BODY(
	struct edit_body, FIELD_TEXT(struct edit_body, text, OPTIONAL, 1, BODY_MAX_TEXT,
				     .also = "content", .about = EDITS_TEXT_ABOUT));

static void
check_edit(struct req *rq)
{
	const struct edit_body *in = rq->body;

	if (!in->text && !body_cleared(&edit_body, in, text))
		content_note(rq, "text", "required", "Must be given.");
}

static enum err
update_message(struct req *rq, struct reply *out)
{
	const struct edit_body *in = rq->body;
	struct edit_outcome outcome;
	struct event message;
	struct edit_of of;

	TRY(edit_of(rq, &of));
	TRY(message_edit(rq->app->db, rq->arena, &of, in->text, &outcome, &message));
	TRY(settle(rq, &outcome));
	reply_json(rq, out, 200, message_answer(rq, &message));
	return OK;
}

static enum err
remove_message(struct req *rq, struct reply *out)
{
	struct edit_outcome outcome;
	struct edit_of of;

	TRY(edit_of(rq, &of));
	TRY(message_delete(rq->app->db, rq->arena, &of, &outcome));
	TRY(settle(rq, &outcome));
	reply_no_content(out);
	return OK;
}

/* ---- /messages/{id}/reactions/{emoji} ------------------------------------ */

static void
check_emoji(struct req *rq)
{
	edits_check_emoji(rq->arg[1], &rq->problem);
}

static enum err
react(struct req *rq, bool on, struct edit_outcome *out)
{
	struct edit_of of;

	TRY(edit_of(rq, &of));
	TRY(message_react(rq->app->db, rq->arena, &of, rq->arg[1], on, out));
	return settle(rq, out);
}

static enum err
put_reaction(struct req *rq, struct reply *out)
{
	struct edit_outcome outcome;
	struct json *o = json_object_in(rq->arena);

	TRY(react(rq, true, &outcome));
	json_put_text(o, "emoji", outcome.emoji);
	json_put_int(o, "count", outcome.count);
	json_put_bool(o, "mine", true);
	reply_json(rq, out, 200, o);
	return OK;
}

static enum err
remove_reaction(struct req *rq, struct reply *out)
{
	struct edit_outcome outcome;

	TRY(react(rq, false, &outcome));
	reply_no_content(out);
	return OK;
}

/* ---- PUT /rooms/{id}/read ------------------------------------------------ */

struct read_body {
	struct body_head head;
	int64_t seq;
};

static const struct body read_body =
	BODY(struct read_body,
	     FIELD_INT(struct read_body, seq, REQUIRED, 0, INT64_MAX,
		       .about = "Everything up to this seq was read; a seq beyond the "
				"log counts as its end."));

static enum err
put_read(struct req *rq, struct reply *out)
{
	const struct read_body *in = rq->body;

	bool moved = false;

	TRY(room_read(rq->app->db, rq->arena, rq->arg[0], rq->user_id, in->seq, &moved));
	if (moved)
		room_wake_read(rq, rq->arg[0], rq->user_id);
	reply_no_content(out);
	return OK;
}

const struct route edits_routes[] = {
	{ PUT, "/messages/{id}", AUTH_POST, LIMIT_MESSAGES, 1, ROUTE_TEXT,
	  .body = &edit_body, .check = check_edit, HANDLER(update_message),
	  .tag = "messages", .summary = "Change the text of a message",
	  .about = "By its author. 403 cannot_write: in a direct room whose other "
		   "member does not accept messages from you.",
	  .status = 200, .gives = "Message", FAILS(403, 409) },
	{ DELETE, "/messages/{id}", AUTH_POST, LIMIT_MESSAGES, 1, HANDLER(remove_message),
	  .tag = "messages", .summary = "Delete a message",
	  .about = "By its author, or an admin of the room. A tombstone remains.",
	  .status = 204, FAILS(403) },
	{ PUT, "/messages/{id}/reactions/{emoji}", AUTH_POST, LIMIT_MESSAGES, 1,
	  .check = check_emoji, HANDLER(put_reaction), .tag = "messages",
	  .summary = "React to a message",
	  .about = "Once for each person and emoji; a message can have at most 20 "
		   "different emoji. 403 cannot_write as for posting. U+FE0F makes no "
		   "difference: each emoji has one form, which the answer shows.",
	  .status = 200, .gives = "Reaction", FAILS(403, 409) },
	{ DELETE, "/messages/{id}/reactions/{emoji}", AUTH_POST, LIMIT_MESSAGES, 1,
	  .check = check_emoji, HANDLER(remove_reaction), .tag = "messages",
	  .summary = "Take a reaction back", .status = 204, FAILS(403) },
	{ PUT, "/rooms/{id}/read", AUTH_POST, LIMIT_REQUESTS, 1, .body = &read_body,
	  HANDLER(put_read), .tag = "messages",
	  .summary = "Mark a room as read up to a message",
	  .about = "The mark only moves forward.", .status = 204 },
	{},
};
