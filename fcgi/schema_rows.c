/* schema_rows.c -- see schema_rows.h. */
#include "fcgi/schema_rows.h"

#include "shared/calls.h"
#include "shared/model.h"

#define M(n, k, ...)                                  \
	{                                             \
		.name = (n), .kind = (k), __VA_ARGS__ \
	}
#define NULLABLE .nullable = true
#define SOMETIMES .sometimes = true
#define MEMBERS(...)            \
	(const struct member[]) \
	{                       \
		__VA_ARGS__,    \
		{               \
		}               \
	}

static const char *const statuses[] = { "online", "away", "busy", "offline", NULL };
static const char *const everyone[] = { "everyone", "contacts", "nobody", NULL };
static const char *const notify[] = { "all", "mentions", "none", NULL };
static const char *const history[] = { "all", "since_join", NULL };
static const char *const delivery[] = { "sent", "delivered", "read", NULL };
static const char *const registration[] = { "open", "invite", "closed", NULL };
static const char *const bearer[] = { "Bearer", NULL };
static const char *const ok[] = { "ok", NULL };
static const char *const up[] = { "up", "down", NULL };
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

#define USER_MEMBERS                                                                 \
	M("id", ID), M("login", TEXT), M("first_name", TEXT, NULLABLE),              \
		M("last_name", TEXT, NULLABLE), M("bio", TEXT, NULLABLE),            \
		M("avatar_url", TEXT, NULLABLE),                                     \
		M("status", WORD, NULLABLE, .words = statuses),                      \
		M("status_text", TEXT, NULLABLE), M("last_seen_at", TIME, NULLABLE), \
		M("created_at", TIME)

#define ROOM_MEMBERS                                                                  \
	M("id", ID), M("kind", WORD, .words = room_kind_names),                       \
		M("name", TEXT, NULLABLE), M("description", TEXT, NULLABLE),          \
		M("avatar_url", TEXT, NULLABLE), M("owner_id", ID, NULLABLE),         \
		M("max_members", INT), M("member_count", INT), M("join_by_id", BOOL), \
		M("settings", ONE, .of = "RoomSettings"), M("seq", INT),              \
		M("epoch", TEXT), M("created_at", TIME),                              \
		M("me", ONE, NULLABLE, .of = "RoomMe"),                               \
		M("last_message", ONE, NULLABLE, .of = "Message"),                    \
		M("peer", ONE, NULLABLE, .of = "User")

#define MEMBER_MEMBERS(...)                                                         \
	M("user", ONE, .of = "User", __VA_ARGS__),                                  \
		M("role", WORD, .words = member_role_names, __VA_ARGS__),           \
		M("joined_at", TIME, __VA_ARGS__), M("read_seq", INT, __VA_ARGS__), \
		M("delivered_seq", INT, __VA_ARGS__),                               \
		M("muted_until", TIME, NULLABLE, __VA_ARGS__),                      \
		M("banned", BOOL, __VA_ARGS__),                                     \
		M("notify", WORD, SOMETIMES, .words = notify)

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

#define API_TOKEN_MEMBERS                                                             \
	M("id", ID), M("name", TEXT), M("scopes", TEXTS), M("room_id", ID, NULLABLE), \
		M("created_at", TIME), M("last_used_at", TIME, NULLABLE),             \
		M("expires_at", TIME, NULLABLE)

const struct schema schema_rows[] = {
	{ "User", "Somebody, as others see them.", MEMBERS(USER_MEMBERS) },
	{ "Me", "Oneself.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT), M("email_confirmed", BOOL),
		  M("is_admin", BOOL), M("settings", ONE, .of = "UserSettings")) },
	{ "UserSettings", "What others may see and do.",
	  MEMBERS(M("show_last_seen", WORD, .words = everyone), M("send_receipts", BOOL),
		  M("who_can_write", WORD, .words = everyone),
		  M("who_can_add", WORD, .words = everyone)) },
	{ "UserPage", "Some people.",
	  MEMBERS(M("items", LIST, .of = "User"), M("next", TEXT, NULLABLE)) },
	{ "Contact", "Somebody in one's own list.",
	  MEMBERS(M("user", ONE, .of = "User"), M("nickname", TEXT, NULLABLE),
		  M("blocked", BOOL), M("created_at", TIME)) },
	{ "ContactPage", "Some of one's list, by name.",
	  MEMBERS(M("items", LIST, .of = "Contact"), M("next", TEXT, NULLABLE)) },
	{ "Pair", "Tokens for one sign-in.",
	  MEMBERS(M("user", ONE, .of = "Me"), M("access_token", TEXT),
		  M("token_type", WORD, .words = bearer), M("expires_in", INT),
		  M("refresh_token", TEXT), M("refresh_expires_in", INT)) },
	{ "Validation", "Whose token it is.",
	  MEMBERS(M("valid", BOOL), M("user_id", ID), M("login", TEXT),
		  M("session_id", ID), M("scopes", TEXTS), M("room_id", ID, NULLABLE),
		  M("expires_at", TIME, NULLABLE)) },
	{ "ApiToken",
	  "An API token, without its secret. last_used_at is a minute's worth.",
	  MEMBERS(API_TOKEN_MEMBERS) },
	{ "CreatedApiToken",
	  "An API token that was just made; the secret is shown now only.",
	  MEMBERS(API_TOKEN_MEMBERS, M("secret", TEXT)) },
	{ "ApiTokenPage", "Some API tokens, the latest first.",
	  MEMBERS(M("items", LIST, .of = "ApiToken"), M("next", TEXT, NULLABLE)) },
	{ "Session", "One sign-in on one device.",
	  MEMBERS(M("id", ID), M("created_at", TIME), M("last_used_at", TIME),
		  M("address", TEXT, NULLABLE), M("user_agent", TEXT, NULLABLE),
		  M("current", BOOL)) },
	{ "SessionPage", "Some sign-ins, the latest first.",
	  MEMBERS(M("items", LIST, .of = "Session"), M("next", TEXT, NULLABLE)) },
	{ "Ticket", "A secret for one use.",
	  MEMBERS(M("ticket", TEXT), M("expires_in", INT)) },
	{ "Room", "A room, as its reader sees it.", MEMBERS(ROOM_MEMBERS) },
	{ "CreatedRoom", "A room that was just made.",
	  MEMBERS(ROOM_MEMBERS, M("room_id", ID)) },
	{ "RoomSettings", "What applies to everybody in the room.",
	  MEMBERS(M("slow_mode_s", INT), M("history", WORD, .words = history)) },
	{ "RoomMe", "The reader's own membership.",
	  MEMBERS(M("role", WORD, .words = member_role_names), M("joined_at", TIME),
		  M("read_seq", INT), M("unread", INT), M("mentions", INT),
		  M("notify", WORD, .words = notify), M("muted_until", TIME, NULLABLE)) },
	{ "MessagePage", "Some messages, the newest first.",
	  MEMBERS(M("items", LIST, .of = "Message"), M("next", TEXT, NULLABLE)) },
	{ "RoomPage", "Some rooms.",
	  MEMBERS(M("items", LIST, .of = "Room"), M("next", TEXT, NULLABLE)) },
	{ "Member", "A membership; notify is shown of one's own.",
	  MEMBERS(MEMBER_MEMBERS()) },
	{ "AddedMember", "The membership; of member_ids a page of them.",
	  MEMBERS(MEMBER_MEMBERS(SOMETIMES), M("items", LIST, SOMETIMES, .of = "Member"),
		  M("next", TEXT, NULLABLE, SOMETIMES)) },
	{ "MemberPage", "Some memberships.",
	  MEMBERS(M("items", LIST, .of = "Member"), M("next", TEXT, NULLABLE)) },
	{ "Invite", "A secret that lets its holders into a room.",
	  MEMBERS(M("code", TEXT), M("max_uses", INT, NULLABLE), M("uses", INT),
		  M("created_at", TIME), M("created_by", ID, NULLABLE),
		  M("expires_at", TIME, NULLABLE), M("url", TEXT)) },
	{ "InvitePage", "Some invites of a room.",
	  MEMBERS(M("items", LIST, .of = "Invite"), M("next", TEXT, NULLABLE)) },
	{ "InvitePreview", "The room that an invite is for.",
	  MEMBERS(M("id", ID), M("kind", WORD, .words = room_kind_names),
		  M("name", TEXT, NULLABLE), M("description", TEXT, NULLABLE),
		  M("avatar_url", TEXT, NULLABLE), M("member_count", INT),
		  M("is_member", BOOL), M("expires_at", TIME, NULLABLE)) },
	{ "Person",
	  "Who did something. Of a removed account only the id is left: login is null.",
	  MEMBERS(M("id", ID), M("login", TEXT, NULLABLE), M("name", TEXT, NULLABLE),
		  M("avatar_url", TEXT, NULLABLE)) },
	{ "Reaction", "One emoji under a message.",
	  MEMBERS(M("emoji", TEXT), M("count", INT), M("mine", BOOL)) },
	{ "ReactionCount", "One emoji under a message, as everybody sees it.",
	  MEMBERS(M("emoji", TEXT), M("count", INT)) },
	{ "Message",
	  "A message; a tombstone once deleted_at is set. data of image, file, audio and "
	  "video: file_id, name, size, mime, url, thumb_url, width, height, duration, "
	  "waveform, alt; of a location: lat, lon, label. status, for its author, goes by "
	  "the slowest of the others; null in public rooms, above 100 members, and where it "
	  "is not looked up: in what a search finds.",
	  MEMBERS(MESSAGE_MEMBERS, M("reactions", LIST, .of = "Reaction"),
		  M("client_id", TEXT, NULLABLE, SOMETIMES),
		  M("status", WORD, NULLABLE, .words = delivery)) },
	{ "File", "An upload.",
	  MEMBERS(M("id", ID), M("name", TEXT), M("size", INT), M("mime", TEXT),
		  M("sha256", TEXT), M("url", TEXT), M("thumb_url", TEXT, NULLABLE),
		  M("width", INT, NULLABLE), M("height", INT, NULLABLE),
		  M("duration", REAL, NULLABLE)) },
	{ "History", "Messages of a room, oldest first.",
	  MEMBERS(M("items", LIST, .of = "Message"), M("epoch", TEXT), M("seq", INT),
		  M("has_before", BOOL), M("has_after", BOOL)) },
	{ "MessageEvent", "Somebody said something; the same for every reader.",
	  MEMBERS(M("type", WORD, .words = message), MESSAGE_MEMBERS,
		  M("reactions", LIST, .of = "ReactionCount"),
		  M("client_id", TEXT, NULLABLE)) },
	{ "EditedEvent", "A message has another text now.",
	  MEMBERS(EVENT_MEMBERS(edited), M("id", ID), M("text", TEXT, NULLABLE),
		  M("mentions", TEXTS), M("edited_at", TIME)) },
	{ "DeletedEvent", "A message is gone.",
	  MEMBERS(EVENT_MEMBERS(deleted), M("id", ID)) },
	{ "ReactionEvent", "Somebody reacted, or took it back.",
	  MEMBERS(EVENT_MEMBERS(reaction), M("id", ID), M("user_id", ID, NULLABLE),
		  M("emoji", TEXT), M("on", BOOL), M("count", INT)) },
	{ "MemberEvent", "Somebody came, went or changed.",
	  MEMBERS(EVENT_MEMBERS(member), M("user", ONE, NULLABLE, .of = "Person"),
		  M("action", WORD, .words = actions),
		  M("role", WORD, NULLABLE, SOMETIMES, .words = member_role_names),
		  M("muted_until", TIME, NULLABLE, SOMETIMES), M("by", ID, NULLABLE)) },
	{ "RoomEvent", "The room itself changed.",
	  MEMBERS(EVENT_MEMBERS(room), M("room", ANY, NULLABLE)) },
	{ "Log", "A piece of a room's log. recovered false: read the room anew.",
	  MEMBERS(M("items", LIST, .of = "Event"), M("epoch", TEXT), M("seq", INT),
		  M("more", BOOL), M("recovered", BOOL)) },
	{ "AdminUser", "An account, to administrators.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT), M("email_confirmed", BOOL),
		  M("is_admin", BOOL), M("disabled", BOOL),
		  M("disabled_at", TIME, NULLABLE), M("sessions", INT)) },
	{ "AdminUserPage", "Some accounts.",
	  MEMBERS(M("items", LIST, .of = "AdminUser"), M("next", TEXT, NULLABLE)) },
	{ "ResetLink", "A link to a new password; token and url are null once mailed.",
	  MEMBERS(M("mailed", BOOL), M("token", TEXT, NULLABLE), M("url", TEXT, NULLABLE),
		  M("expires_in", INT)) },
	{ "RegistrationInvite", "Who has the code may register.",
	  MEMBERS(M("code", TEXT), M("max_uses", INT, NULLABLE), M("uses", INT),
		  M("created_by", ID, NULLABLE), M("created_at", TIME),
		  M("expires_at", TIME, NULLABLE), M("url", TEXT, NULLABLE)) },
	{ "RegistrationInvitePage", "Some invitations.",
	  MEMBERS(M("items", LIST, .of = "RegistrationInvite"),
		  M("next", TEXT, NULLABLE)) },
	{ "AdminRoom", "A room, to administrators.",
	  MEMBERS(M("id", ID), M("kind", WORD, .words = room_kind_names),
		  M("name", TEXT, NULLABLE), M("owner_id", ID, NULLABLE),
		  M("member_count", INT), M("message_count", INT), M("created_at", TIME),
		  M("active_at", TIME)) },
	{ "AdminRoomPage", "Some rooms.",
	  MEMBERS(M("items", LIST, .of = "AdminRoom"), M("next", TEXT, NULLABLE)) },
	{ "AdminStats", "How much there is.",
	  MEMBERS(M("users", INT), M("disabled", INT), M("admins", INT),
		  M("sessions", INT), M("rooms", ONE, .of = "AdminRoomCounts"),
		  M("messages", INT), M("files", INT), M("file_bytes", INT)) },
	{ "AdminRoomCounts", "Rooms by kind.",
	  MEMBERS(M("public", INT), M("group", INT), M("direct", INT)) },
	{ "Call",
	  "A call. duration is in seconds, from the first answer to the end; null before, "
	  "and where nobody answered.",
	  MEMBERS(M("id", ID), M("room_id", ID),
		  M("kind", WORD, .words = call_kind_names),
		  M("state", WORD, .words = call_state_names), M("initiator_id", ID),
		  M("participants", LIST, .of = "CallParticipant"), M("started_at", TIME),
		  M("answered_at", TIME, NULLABLE), M("ended_at", TIME, NULLABLE),
		  M("duration", INT, NULLABLE)) },
	{ "CallParticipant",
	  "Somebody who was called, or took part; the account may have been removed since. "
	  "busy: was in another call, so nothing rang.",
	  MEMBERS(M("user_id", ID), M("state", WORD, .words = call_part_names),
		  M("joined_at", TIME, NULLABLE), M("left_at", TIME, NULLABLE)) },
	{ "CallPage", "Some calls, the latest first.",
	  MEMBERS(M("items", LIST, .of = "Call"), M("next", TEXT, NULLABLE)) },
	{ "Ice",
	  "What an RTCPeerConnection is made with. The credentials begin nothing new after "
	  "expires_at; what was begun goes on.",
	  MEMBERS(M("ice_servers", LIST, .of = "IceServer"), M("expires_at", TIME)) },
	{ "IceServer", "An RTCIceServer; only TURN servers have credentials.",
	  MEMBERS(M("urls", TEXTS), M("username", TEXT, SOMETIMES),
		  M("credential", TEXT, SOMETIMES)) },
	{ "Status", "What this installation is.",
	  MEMBERS(M("name", TEXT), M("version", TEXT), M("epoch", TEXT, NULLABLE),
		  M("live", ONE, .of = "Live"), M("limits", INTS), M("features", TEXTS),
		  M("poll_interval_s", INT),
		  M("registration", WORD, .words = registration),
		  M("confirm_email", BOOL)) },
	{ "Live", "Where the live connection is.",
	  MEMBERS(M("url", TEXT), M("up", BOOL)) },
	{ "Health", "Fit for work.",
	  MEMBERS(M("status", WORD, .words = ok),
		  M("database", WORD, SOMETIMES, .words = up),
		  M("broker", WORD, SOMETIMES, .words = up)) },
	{ "Document", "OpenAPI 3.1.",
	  MEMBERS(M("openapi", TEXT), M("info", ANY), M("servers", LIST), M("tags", LIST),
		  M("paths", ANY), M("components", ANY)) },
	{ "FieldError", "One bad field.",
	  MEMBERS(M("field", TEXT), M("code", TEXT), M("message", TEXT)) },
	{ "Problem",
	  "What went wrong (RFC 9457). code is a stable word: malformed (400); invalid, "
	  "idempotency_mismatch (422); token_invalid, token_expired, session_ended, "
	  "invalid_credentials, refresh_reused (401); forbidden, registration_closed, "
	  "invite_required, account_disabled, email_unconfirmed, mail_off, "
	  "wrong_password, cannot_write, banned (403); not_found (404); "
	  "method_not_allowed (405); conflict, login_taken, email_taken, room_full, "
	  "too_many_rooms, too_many_invites, call_active, call_full, busy (409); "
	  "too_large (413); "
	  "rate_limited (429); internal (500); unavailable (503).",
	  MEMBERS(M("type", TEXT), M("title", TEXT), M("status", INT), M("detail", TEXT),
		  M("code", TEXT), M("request_id", TEXT), M("call_id", ID, SOMETIMES),
		  M("errors", LIST, SOMETIMES, .of = "FieldError")) },
	{},
};

/* What is one of several. */
const struct schema_choice schema_choices[] = {
	{ "Event", "One entry of a room's log.", events },
	{},
};
