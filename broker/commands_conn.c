/* commands_conn.c -- frames about the connection itself: auth, ping. */
#include "broker/broker.h"
#include "broker/commands.h"

struct auth_body {
	struct body_head head;
	const char *token;
};

static const struct body auth_body =
	BODY(struct auth_body, FIELD_TEXT(struct auth_body, token, REQUIRED, 1, 8192,
					  .also = "access_token",
					  .about = "an access token; in the first frame "
						   "also an API token"));

static enum err
do_auth(struct said *s)
{
	const struct auth_body *in = s->body;

	auth_begin(s->conn, in->token, s->ref);
	return OK;
}

struct empty_body {
	struct body_head head;
};

static const struct body empty_body = { sizeof(struct empty_body),
					(const struct field[]){ {} } };

static enum err
do_ping(struct said *s)
{
	outbox_push(s->conn,
		    frame_json(s->arena, frame_object(s->arena, "pong", s->ref)));
	return OK;
}

const struct command conn_commands[] = {
	{ "auth", IN_STRANGER | IN_READY, 5, 0, &auth_body, NULL, do_auth,
	  .automatic = true,
	  .about = "Authenticates. If the handshake carried no token, this must be the "
		   "first frame, within a few seconds; later it brings a fresh token of "
		   "the same person, which keeps the connection open and loses nothing.",
	  .answer = "ready" },
	{ "ping", IN_READY, 1, 0, &empty_body, NULL, do_ping, .automatic = true,
	  .about = "Checks the connection. The answer also shows that all earlier "
		   "frames have been received.",
	  .answer = "pong" },
	{},
};
