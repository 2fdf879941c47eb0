/* commands_edit.c -- frames about existing messages: edit, delete, react. */
#include "broker/broker.h"
#include "broker/commands.h"
#include "shared/api_token.h"
#include "shared/emoji.h"

#define FIELD_MESSAGE(T) FIELD_ID(T, id, REQUIRED, .about = "the message")

struct edit_body {
	struct body_head head;
	struct uuid id;
	const char *text;
};

static const struct body edit_body =
	BODY(struct edit_body, FIELD_MESSAGE(struct edit_body),
	     FIELD_TEXT(struct edit_body, text, OPTIONAL, 1, BODY_MAX_TEXT,
			.also = "content", .about = EDITS_TEXT_ABOUT));

static void
make_edit(struct arena *a, const struct edit_of *of, const char *text, bool on,
	  struct db_call out[EDITS_CALLS])
{
	(void)on;
	edits_text_calls(a, of, text, out);
}

static enum err
do_edit(struct said *s)
{
	const struct edit_body *in = s->body;

	if (!in->text && !body_cleared(&edit_body, in, text))
		problem_field(&s->problem, "text", "required", "Must be given.");
	TRY(problem_fields_check(&s->problem));
	return edits_begin(s, &in->id, make_edit, in->text, true);
}

struct delete_body {
	struct body_head head;
	struct uuid id;
};

static const struct body delete_body =
	BODY(struct delete_body, FIELD_MESSAGE(struct delete_body));

static void
make_delete(struct arena *a, const struct edit_of *of, const char *text, bool on,
	    struct db_call out[EDITS_CALLS])
{
	(void)text;
	(void)on;
	edits_delete_calls(a, of, out);
}

static enum err
do_delete(struct said *s)
{
	const struct delete_body *in = s->body;

	return edits_begin(s, &in->id, make_delete, NULL, true);
}

struct react_body {
	struct body_head head;
	struct uuid id;
	const char *emoji;
	bool on;
};

static const struct body react_body =
	BODY(struct react_body, FIELD_MESSAGE(struct react_body),
	     FIELD_TEXT(struct react_body, emoji, REQUIRED, 1, EMOJI_MAX_BYTES),
	     FIELD_BOOL(struct react_body, on, OPTIONAL,
			.about = "false: remove the reaction; default: true"));

static enum err
do_react(struct said *s)
{
	const struct react_body *in = s->body;

	edits_check_emoji(in->emoji, &s->problem);
	TRY(problem_fields_check(&s->problem));
	return edits_begin(s, &in->id, edits_react_calls, in->emoji,
			   !body_given(&react_body, in, on) || in->on);
}

const struct command edit_commands[] = {
	{ "edit", IN_READY, 0, TOKEN_POST, &edit_body, NULL, do_edit,
	  .about = "Change the text of a message of this person.", .answer = "ack" },
	{ "delete", IN_READY, 0, TOKEN_POST, &delete_body, NULL, do_delete,
	  .about = "Delete a message: one's own or, as an admin of the room, anybody's.",
	  .answer = "ack" },
	{ "react", IN_READY, 0, TOKEN_POST, &react_body, NULL, do_react,
	  .about = "Add or remove a reaction to a message; each person once with each "
		   "emoji, at most 20 different ones per message. U+FE0F makes no "
		   "difference: each emoji has one form, which the event shows.",
	  .answer = "ack" },
	{},
};
