/* schema_model.c -- see schema_model.h. */
#include "shared/schema_model.h"

#include "shared/calls.h"
#include "shared/model.h"

const char *const user_status_names[] = { "online", "away", "busy", "offline", NULL };
const char *const notify_names[] = { "all", "mentions", "none", NULL };

static const char *const history[] = { "all", "since_join", NULL };
static const char *const delivery[] = { "sent", "delivered", "read", NULL };
static const char *const actions[] = { "joined", "left",     "role", "muted",
				       "banned", "unbanned", NULL };
static const char *const message[] = { "message", NULL };
static const char *const edited[] = { "edited", NULL };
static const char *const deleted[] = { "deleted", NULL };
static const char *const reaction[] = { "reaction", NULL };
static const char *const member[] = { "member", NULL };
static const char *const room[] = { "room", NULL };
static const char *const events[] = {
	"MessageEvent", "EditedEvent", "DeletedEvent", "ReactionEvent", "MemberEvent",
	"RoomEvent",	NULL
};

#define MESSAGE_MEMBERS                                                                  \
	M("id", ID), M("room_id", ID), M("seq", INT),                                    \
		M("sender", ONE, NULLABLE, .of = "Person"),                              \
		M("kind", WORD, .words = message_kind_names), M("text", TEXT, NULLABLE), \
		M("data", ANY, NULLABLE), M("reply_to", ID, NULLABLE),                   \
		M("mentions", TEXTS), M("created_at", TIME),                             \
		M("edited_at", TIME, NULLABLE), M("deleted_at", TIME, NULLABLE)

#define EVENT_MEMBERS(word)                                                \
	M("type", WORD, .words = (word)), M("room_id", ID), M("seq", INT), \
		M("created_at", TIME)

const struct schema schema_model[] = {
	{ "User", "A person, as the reader may see them.", MEMBERS(USER_MEMBERS) },
	{ "Person",
	  "A person who did something. If the account was removed, only the id is "
	  "left, and login is null.",
	  MEMBERS(M("id", ID), M("login", TEXT, NULLABLE), M("name", TEXT, NULLABLE),
		  M("avatar_url", TEXT, NULLABLE)) },
	{ "Room", "A room, as the reader sees it.", MEMBERS(ROOM_MEMBERS) },
	{ "RoomSettings", "Settings that apply to everybody in the room.",
	  MEMBERS(M("slow_mode_s", INT), M("history", WORD, .words = history)) },
	{ "RoomMe", "The reader's own membership.",
	  MEMBERS(M("role", WORD, .words = member_role_names), M("joined_at", TIME),
		  M("read_seq", INT), M("unread", INT), M("mentions", INT),
		  M("notify", WORD, .words = notify_names),
		  M("muted_until", TIME, NULLABLE)) },
	{ "Message",
	  "A message; a tombstone if deleted_at is set. data of an image, file, audio "
	  "or video: file_id, name, size, mime, url, thumb_url, width, height, "
	  "duration, waveform, alt; of a location: lat, lon, label. status is for the "
	  "author and follows the slowest of the others; it is null in public rooms, "
	  "in rooms of more than 100 members, and in search results, where it is not "
	  "looked up.",
	  MEMBERS(MESSAGE_MEMBERS, M("reactions", LIST, .of = "Reaction"),
		  M("client_id", TEXT, NULLABLE, SOMETIMES),
		  M("status", WORD, NULLABLE, .words = delivery)) },
	{ "Reaction", "One emoji under a message.",
	  MEMBERS(M("emoji", TEXT), M("count", INT), M("mine", BOOL)) },
	{ "ReactionCount", "One emoji under a message, as everybody sees it.",
	  MEMBERS(M("emoji", TEXT), M("count", INT)) },
	{ "MessageEvent", "A new message; the same for every reader.",
	  MEMBERS(M("type", WORD, .words = message), MESSAGE_MEMBERS,
		  M("reactions", LIST, .of = "ReactionCount"),
		  M("client_id", TEXT, NULLABLE)) },
	{ "EditedEvent",
	  "The text of a message was changed. For a reader who may not see the "
	  "message because they joined later (`since_join`), text is null and "
	  "mentions is empty.",
	  MEMBERS(EVENT_MEMBERS(edited), M("id", ID), M("text", TEXT, NULLABLE),
		  M("mentions", TEXTS), M("edited_at", TIME)) },
	{ "DeletedEvent", "A message was deleted.",
	  MEMBERS(EVENT_MEMBERS(deleted), M("id", ID)) },
	{ "ReactionEvent",
	  "Somebody reacted to a message, or took a reaction back. For a reader who may "
	  "not see the message because they joined later (`since_join`), user_id, emoji, "
	  "on and count are null.",
	  MEMBERS(EVENT_MEMBERS(reaction), M("id", ID), M("user_id", ID, NULLABLE),
		  M("emoji", TEXT, NULLABLE), M("on", BOOL, NULLABLE),
		  M("count", INT, NULLABLE)) },
	{ "MemberEvent", "Somebody joined or left, or their membership changed.",
	  MEMBERS(EVENT_MEMBERS(member), M("user", ONE, NULLABLE, .of = "Person"),
		  M("action", WORD, .words = actions),
		  M("role", WORD, NULLABLE, SOMETIMES, .words = member_role_names),
		  M("muted_until", TIME, NULLABLE, SOMETIMES), M("by", ID, NULLABLE)) },
	{ "RoomEvent", "The room's own properties changed.",
	  MEMBERS(EVENT_MEMBERS(room), M("room", ANY, NULLABLE)) },
	{ "Call",
	  "A call. duration is in seconds, from the first answer to the end; null "
	  "before the end, and if nobody answered.",
	  MEMBERS(M("id", ID), M("room_id", ID),
		  M("kind", WORD, .words = call_kind_names),
		  M("state", WORD, .words = call_state_names), M("initiator_id", ID),
		  M("participants", LIST, .of = "CallParticipant"), M("started_at", TIME),
		  M("answered_at", TIME, NULLABLE), M("ended_at", TIME, NULLABLE),
		  M("duration", INT, NULLABLE)) },
	{ "CallParticipant",
	  "Somebody who was called or took part; the account may have been removed "
	  "since. busy: they were in another call, so it did not ring.",
	  MEMBERS(M("user_id", ID), M("state", WORD, .words = call_part_names),
		  M("joined_at", TIME, NULLABLE), M("left_at", TIME, NULLABLE)) },
	{ "FieldError", "One bad field.",
	  MEMBERS(M("field", TEXT), M("code", TEXT), M("message", TEXT)) },
	{},
};

const struct schema_choice schema_model_choices[] = {
	{ "Event", "One event in a room's log.", events },
	{},
};
