/* frame_rows.c -- see frame_rows.h. */
#include "broker/frame_rows.h"

#include "shared/calls.h"
#include "shared/schema_model.h"

static const char *const reasons[] = { "left", "removed", "banned", "room_removed",
				       NULL };

static const struct schema_member nothing[] = { {} };

const struct frame_row frame_rows[] = {
	/* ---- answers ---- */
	{ "ready", FRAME_ANSWER,
	  "The token is valid. The first frame of a connection whose handshake carried "
	  "a token, otherwise the answer to `auth`; also the answer to a later `auth`.",
	  MEMBERS(M("user", ONE, .of = "User"),
		  M("session_id", ID, .about = "the sign-in, or the API token"),
		  M("epoch", TEXT,
		    .about = "of the database: a seq is valid only within its epoch"),
		  M("heartbeat_s", INT, .about = "seconds between the server's pings"),
		  M("limits", INTS),
		  M("rooms", LIST, .of = "ReadyRoom",
		    .about = "the 200 most recently active ones"),
		  M("more_rooms", BOOL,
		    .about = "there are more: `GET /rooms` lists them")) },
	{ "joined", FRAME_ANSWER,
	  "This connection now listens to the room. Events since `after` follow, then "
	  "new ones. Also sent without a request when the connection's own room is "
	  "joined, and when the log cannot be delivered without a gap: then `recovered` "
	  "is false.",
	  MEMBERS(M("room_id", ID), M("seq", INT, .about = "seq of the log's last event"),
		  M("epoch", TEXT),
		  M("recovered", BOOL,
		    .about = "all events since `after` follow; false: there was no "
			     "`after`, or the log cannot be resumed from there, and the "
			     "client has to reload the room"),
		  M("member_count", INT, SOMETIMES),
		  M("online", TEXTS,
		    .about = "ids of at most 100 people who listen here now and whom "
			     "this person may see")) },
	{ "left", FRAME_ANSWER, "This connection no longer listens to the room.",
	  MEMBERS(M("room_id", ID)) },
	{ "ack", FRAME_ANSWER, "The change is committed, and can no longer be lost.",
	  MEMBERS(M("id", ID, .about = "the message"),
		  M("seq", INT, .about = "its position in the room's log"),
		  M("client_id", TEXT, NULLABLE, SOMETIMES, .about = "of `message`"),
		  M("room_id", ID, SOMETIMES, .about = "of `message`"),
		  M("created_at", TIME, SOMETIMES, .about = "of `message`")) },
	{ "pong", FRAME_ANSWER, "The answer to `ping`.", nothing },
	{ "error", FRAME_ANSWER,
	  "A frame was refused, or the connection is about to be closed. Codes and "
	  "texts are those of REST.",
	  MEMBERS(M("room_id", ID, SOMETIMES, .about = "the room concerned"),
		  M("code", TEXT, .about = "a stable identifier"),
		  M("detail", TEXT, .about = "a sentence for people"),
		  M("retry_after", INT, SOMETIMES, .about = "seconds to wait"),
		  M("call_id", ID, SOMETIMES, .about = "the call that already exists"),
		  M("errors", LIST, SOMETIMES, .of = "FieldError",
		    .about = "every invalid field")) },

	/* ---- the log ---- */
	{ "message", FRAME_EVENT, "A new message. Its sender gets it too.", NULL },
	{ "edited", FRAME_EVENT, "The text of a message was changed.", NULL },
	{ "deleted", FRAME_EVENT, "A message was deleted: clients must forget its text.",
	  NULL },
	{ "reaction", FRAME_EVENT, "Somebody added or removed a reaction.", NULL },
	{ "member", FRAME_EVENT, "Somebody joined, left, or was changed as a member.",
	  NULL },
	{ "room", FRAME_EVENT, "The room's own properties changed.", NULL },

	/* ---- news ---- */
	{ "room_added", FRAME_NEWS,
	  "This person has become a member of a room, in whatever way. Sent to all of "
	  "their devices.",
	  MEMBERS(M("room", ONE, .of = "Room",
		    .about = "as `GET /rooms/{id}` returns it")) },
	{ "activity", FRAME_NEWS,
	  "Something happened in a room of this person that this connection has not "
	  "joined, or this person read there. At most once a second per room, less "
	  "often if very many people would get it; the last one shows the present "
	  "state.",
	  MEMBERS(M("room_id", ID), M("seq", INT, .about = "seq of the log's last event"),
		  M("unread", INT),
		  M("mentions", INT, .about = "unread messages that mention the reader"),
		  M("last_message", ONE, NULLABLE, .of = "MessageEvent",
		    .about = "null if there is none, or the reader may not see it")) },
	{ "room_left", FRAME_NEWS,
	  "This person is no longer a member; no more events of the room follow. Sent "
	  "to all of their devices, joined or not; if the room was removed, only to "
	  "devices that had not joined it.",
	  MEMBERS(M("room_id", ID), M("reason", WORD, .words = reasons)) },
	{ "room_removed", FRAME_NEWS,
	  "A room that this connection had joined was removed.",
	  MEMBERS(M("room_id", ID)) },
	{ "receipt", FRAME_NEWS,
	  "How far somebody has received and read a room. Sent to the others who joined "
	  "it, and to the reader's other devices. In rooms that are public or have more "
	  "than 100 members, only to the reader's devices; in rooms with more than 32, "
	  "of the others only to the authors of what was read. Not sent between two "
	  "people of whom one blocks the other.",
	  MEMBERS(M("room_id", ID), M("user_id", ID, .about = "the reader"),
		  M("delivered_seq", INT,
		    .about = "a device of theirs has everything up to here"),
		  M("read_seq", INT, .about = "0 if they do not disclose it")) },
	{ "typing", FRAME_NEWS,
	  "Somebody began or stopped typing in a joined room. Sent to the other people "
	  "listening there; not in rooms with more than 1000 listeners.",
	  MEMBERS(M("room_id", ID), M("user_id", ID), M("on", BOOL)) },
	{ "call", FRAME_NEWS,
	  "A call has changed. Sent to all devices of the people who are called or in "
	  "the call; also right after `ready`, for each call that rings for this person "
	  "or that they are in. A device rings while the reader's own part is "
	  "`ringing`, and stops when it is not: another device may have answered. With "
	  "a ref it answers `call`.",
	  MEMBERS(M("ref", TEXT, SOMETIMES), M("call", ONE, .of = "Call"),
		  M("action", WORD, .words = call_happening_names,
		    .about = "the last change; missed, left and ended can happen "
			     "without anybody doing it"),
		  M("by", ID, NULLABLE, .about = "who made the change; null: nobody")) },
	{ "signal", FRAME_NEWS,
	  "A signal from another participant of the call. Sent to the device that is in "
	  "the call.",
	  MEMBERS(M("call_id", ID), M("from", ID, .about = "the person who sent it"),
		  M("data", VALUE, .about = "as it was sent")) },
	{ "presence", FRAME_NEWS,
	  "Somebody came, went, is away or back, or set a status. Sent to their "
	  "contacts and to people who share a room with them that is not public and has "
	  "at most `presence_room_members` members, unless one of the two blocks the "
	  "other; nobody is told of a person who chose to be shown as offline. When a "
	  "contact or a block changes, the two are told of each other; a person they "
	  "may no longer see is reported as offline. A person's own devices are told "
	  "what that person chose. Only changes are sent: the present state is read "
	  "over REST.",
	  MEMBERS(M("user_id", ID), M("status", WORD, .words = user_status_names),
		  M("text", TEXT, NULLABLE),
		  M("last_seen_at", TIME, NULLABLE,
		    .about = "as their show_last_seen allows")) },
	{ "token_expiring", FRAME_NEWS,
	  "The access token expires soon: send `auth` with a fresh one to stay "
	  "connected.",
	  MEMBERS(M("expires_in", INT, .about = "seconds")) },
	{},
};

const struct schema frame_parts[] = {
	{ "ReadyRoom", "One of the reader's rooms.",
	  MEMBERS(M("id", ID), M("seq", INT), M("read_seq", INT), M("unread", INT),
		  M("mentions", INT,
		    .about = "unread messages that mention the reader")) },
	{},
};

const struct close_row close_rows[] = {
	{ CLOSE_NORMAL, "The answer to the client's own close frame." },
	{ CLOSE_GOING_AWAY,
	  "The broker restarts. The reason is `retry_after=<seconds>`, different for "
	  "each connection." },
	{ CLOSE_TRY_LATER, "The database is unavailable: reconnect later." },
	{ CLOSE_BAD_FRAME, "A frame was not text, not a JSON object, or too large." },
	{ CLOSE_UNAUTHENTICATED,
	  "The token is missing or no longer valid. Reasons: `token_expired` (get a "
	  "fresh one), `session_ended` (sign in again), `token_invalid`." },
	{ CLOSE_FORBIDDEN,
	  "The person may not, or may no longer, be in the connection's room." },
	{ CLOSE_NOT_FOUND, "The room does not exist, or is hidden from this person." },
	{ CLOSE_TOO_SLOW, "The client did not read fast enough. Reconnect and resume." },
	{ CLOSE_CONFLICT, "The room is full." },
	{ CLOSE_TOO_MUCH, "Too many connections, or far too many frames." },
	{},
};

const char *
frame_event_schema(struct arena *a, const struct frame_row *f)
{
	return arena_printf(a, "%c%sEvent", f->type[0] - 'a' + 'A', f->type + 1);
}
