/* commands_post.c -- frames that post to a room: message. */
#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/flood.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/compose.h"

static enum err
do_message(struct said *s)
{
	struct broker *b = s->conn->broker;
	const struct message_body *in = s->body;
	const struct uuid *room = NULL;
	struct draft draft;

	TRY(said_room(s, &in->room_id, &room));
	TRY(compose(s->arena, in, store_instance(b->store)->id_key, &s->problem, &draft));
	if (said_must_wait(s, room))
		return OK;
	TRY(flood_take_messages(s, 1));
	draft.room_id = room->text;
	draft.sender_id = s->conn->visitor->id.text;
	draft.room_only = s->conn->who.room_only.text[0] != '\0';
	if (writer_post(s->conn, &draft, s->ref) == OK)
		return OK;
	return problem_retry(&s->problem, ERR_UNAVAILABLE, NULL,
			     "This cannot be stored now; try again.",
			     conn_retry_after_s(b));
}

const struct command post_commands[] = {
	{ "message", IN_READY, 0, TOKEN_POST, &message_frame_body, NULL, do_message,
	  .about = "Post a message to a room that this person is a member of; it need "
		   "not be joined. Repeated with the same client_id, it is stored once.",
	  .answer = "ack" },
	{},
};
