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
	  "The token is good. The first frame of a connection that brought one along, "
	  "else the answer to `auth`; also the answer to a later `auth`.",
	  MEMBERS(M("user", ONE, .of = "User"),
		  M("session_id", ID, .about = "the sign-in, or the API token"),
		  M("epoch", TEXT, .about = "of the database: a seq is good within it"),
		  M("heartbeat_s", INT, .about = "a ping of ours comes as often"),
		  M("limits", INTS),
		  M("rooms", LIST, .of = "ReadyRoom",
		    .about = "the 200 most recently active"),
		  M("more_rooms", BOOL, .about = "there are others: `GET /rooms`")) },
	{ "joined", FRAME_ANSWER,
	  "This connection listens to the room. What was missed since `after` follows, "
	  "then what is new. It comes without being asked for where the room of the "
	  "connection was joined, and where the log cannot be told without a hole: then "
	  "`recovered` is false.",
	  MEMBERS(M("room_id", ID), M("seq", INT, .about = "where the log stands"),
		  M("epoch", TEXT),
		  M("recovered", BOOL,
		    .about = "all since `after` will be told; false: there was no "
			     "`after`, or the log cannot be told from there, and the "
			     "room is to be loaded anew"),
		  M("member_count", INT, SOMETIMES),
		  M("online", TEXTS,
		    .about = "ids of at most 100 people who listen here now and may be "
			     "shown to this one")) },
	{ "left", FRAME_ANSWER, "This connection listens to the room no more.",
	  MEMBERS(M("room_id", ID)) },
	{ "ack", FRAME_ANSWER, "It is committed, and cannot be lost any more.",
	  MEMBERS(M("id", ID, .about = "the message"),
		  M("seq", INT, .about = "where it stands in the log of its room"),
		  M("client_id", TEXT, NULLABLE, SOMETIMES, .about = "of `message`"),
		  M("room_id", ID, SOMETIMES, .about = "of `message`"),
		  M("created_at", TIME, SOMETIMES, .about = "of `message`")) },
	{ "pong", FRAME_ANSWER, "We are here.", nothing },
	{ "error", FRAME_ANSWER,
	  "A frame was refused, or the connection is about to be closed. The words are "
	  "those of REST.",
	  MEMBERS(M("room_id", ID, SOMETIMES, .about = "what it is about"),
		  M("code", TEXT, .about = "a stable word"),
		  M("detail", TEXT, .about = "a sentence"),
		  M("retry_after", INT, SOMETIMES, .about = "seconds to wait"),
		  M("call_id", ID, SOMETIMES, .about = "the call that is in the way"),
		  M("errors", LIST, SOMETIMES, .of = "FieldError",
		    .about = "every bad field")) },

	/* ---- the log ---- */
	{ "message", FRAME_EVENT, "Somebody said something. Its sender hears it too.",
	  NULL },
	{ "edited", FRAME_EVENT, "A message has another text now.", NULL },
	{ "deleted", FRAME_EVENT, "A message is gone: what it said is to be forgotten.",
	  NULL },
	{ "reaction", FRAME_EVENT, "Somebody reacted, or took it back.", NULL },
	{ "member", FRAME_EVENT, "Somebody came, went or changed.", NULL },
	{ "room", FRAME_EVENT, "The room itself changed.", NULL },

	/* ---- news ---- */
	{ "room_added", FRAME_NEWS,
	  "This person is a member of another room now, by whatever way. To all of their "
	  "devices.",
	  MEMBERS(M("room", ONE, .of = "Room",
		    .about = "as `GET /rooms/{id}` shows it")) },
	{ "activity", FRAME_NEWS,
	  "Something happened in a room of this person's that this connection has not "
	  "joined, or this person read there. At most once a second a room, seldomer where "
	  "a great many people would hear it; the last one tells how things stand.",
	  MEMBERS(M("room_id", ID), M("seq", INT, .about = "where the log stands"),
		  M("unread", INT),
		  M("mentions", INT, .about = "unread ones that name the reader"),
		  M("last_message", ONE, NULLABLE, .of = "MessageEvent",
		    .about = "null where there is none, or the reader may not see it")) },
	{ "room_left", FRAME_NEWS,
	  "This person is no member any more, and nothing more of the room will come. To "
	  "all of their devices, whether they joined it or not; of a room that was removed "
	  "only where it was not joined.",
	  MEMBERS(M("room_id", ID), M("reason", WORD, .words = reasons)) },
	{ "room_removed", FRAME_NEWS, "A room that was joined is no more.",
	  MEMBERS(M("room_id", ID)) },
	{ "receipt", FRAME_NEWS,
	  "How far somebody has a room. To the others who joined it, and to the reader's "
	  "other devices. In rooms that are public or have more than 100 members to the "
	  "latter alone; in those with more than 32 to the authors of what was read. "
	  "Nothing goes between two of whom one blocks the other.",
	  MEMBERS(M("room_id", ID), M("user_id", ID, .about = "the reader"),
		  M("delivered_seq", INT, .about = "some device has all up to here"),
		  M("read_seq", INT, .about = "0 where they keep that to themselves")) },
	{ "typing", FRAME_NEWS,
	  "Somebody began to write in a room that was joined, or stopped. To the others "
	  "there; not in rooms with more than 1000 listeners.",
	  MEMBERS(M("room_id", ID), M("user_id", ID), M("on", BOOL)) },
	{ "call", FRAME_NEWS,
	  "A call has changed: to all devices of those who are called to it or in it. Also "
	  "right after `ready`, for each call that one is rung for or is in. It rings "
	  "where the reader's own part is `ringing`, and no more where it is not: another "
	  "device may have answered. With a ref it answers `call`.",
	  MEMBERS(M("ref", TEXT, SOMETIMES), M("call", ONE, .of = "Call"),
		  M("action", WORD, .words = call_happening_names,
		    .about = "the last change; of itself: missed, left, ended"),
		  M("by", ID, NULLABLE, .about = "who did it; null: nobody")) },
	{ "signal", FRAME_NEWS,
	  "Another one in the call tells how to be reached: to the device that is in it.",
	  MEMBERS(M("call_id", ID), M("from", ID, .about = "a person"),
		  M("data", VALUE, .about = "as it was sent")) },
	{ "presence", FRAME_NEWS,
	  "Somebody came, went, is away or back, or said how they are. To those whom they "
	  "hold as a contact and those who share a room with them that is not public and "
	  "has at most `presence_room_members` members, unless one of the two blocks the "
	  "other; nobody hears of who chose to be shown as offline. Where a contact or a "
	  "block changed, the two are told of each other, of whom they may not know that "
	  "they are offline. One's own devices are told what one chose. How those are who "
	  "do not change is read by REST.",
	  MEMBERS(M("user_id", ID), M("status", WORD, .words = user_status_names),
		  M("text", TEXT, NULLABLE),
		  M("last_seen_at", TIME, NULLABLE,
		    .about = "as their show_last_seen says")) },
	{ "token_expiring", FRAME_NEWS,
	  "The access token ends soon: `auth` with a fresh one goes on.",
	  MEMBERS(M("expires_in", INT, .about = "seconds")) },
	{},
};

const struct schema frame_parts[] = {
	{ "ReadyRoom", "One of the reader's rooms.",
	  MEMBERS(M("id", ID), M("seq", INT), M("read_seq", INT), M("unread", INT),
		  M("mentions", INT, .about = "unread ones that name the reader")) },
	{},
};

const struct close_row close_rows[] = {
	{ CLOSE_NORMAL, "An answer to the client's own close." },
	{ CLOSE_GOING_AWAY,
	  "The broker restarts. The reason is `retry_after=<seconds>`, another for each "
	  "connection." },
	{ CLOSE_TRY_LATER, "The database is away: come back later." },
	{ CLOSE_BAD_FRAME,
	  "What came was no JSON object in a text frame, or too large." },
	{ CLOSE_UNAUTHENTICATED,
	  "There is no good token any more. Reasons: `token_expired` (get a fresh one), "
	  "`session_ended` (sign in again), `token_invalid`." },
	{ CLOSE_FORBIDDEN,
	  "Not allowed in the room that the connection was for, or no more." },
	{ CLOSE_NOT_FOUND, "There is no such room, or it is hidden." },
	{ CLOSE_TOO_SLOW, "Too much waited to be read. Connect again and resume." },
	{ CLOSE_CONFLICT, "The room is full." },
	{ CLOSE_TOO_MUCH, "Too many connections, or far too many frames." },
	{},
};

const char *
frame_event_schema(struct arena *a, const struct frame_row *f)
{
	return arena_printf(a, "%c%sEvent", f->type[0] - 'a' + 'A', f->type + 1);
}
