/* schema_rows.c -- see schema_rows.h. */
#include "fcgi/schema_rows.h"

#include "shared/model.h"
#include "shared/schema_model.h"

static const char *const everyone[] = { "everyone", "contacts", "nobody", NULL };
static const char *const registration[] = { "open", "invite", "closed", NULL };
static const char *const bearer[] = { "Bearer", NULL };
static const char *const ok[] = { "ok", NULL };
static const char *const up[] = { "up", "down", NULL };

#define MEMBER_MEMBERS(...)                                                         \
	M("user", ONE, .of = "User", __VA_ARGS__),                                  \
		M("role", WORD, .words = member_role_names, __VA_ARGS__),           \
		M("joined_at", TIME, __VA_ARGS__), M("read_seq", INT, __VA_ARGS__), \
		M("delivered_seq", INT, __VA_ARGS__),                               \
		M("muted_until", TIME, NULLABLE, __VA_ARGS__),                      \
		M("banned", BOOL, __VA_ARGS__),                                     \
		M("notify", WORD, SOMETIMES, .words = notify_names)

#define API_TOKEN_MEMBERS                                                             \
	M("id", ID), M("name", TEXT), M("scopes", TEXTS), M("room_id", ID, NULLABLE), \
		M("created_at", TIME), M("last_used_at", TIME, NULLABLE),             \
		M("expires_at", TIME, NULLABLE)

const struct schema schema_rows[] = {
	{ "Me", "Oneself.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT), M("email_confirmed", BOOL),
		  M("is_admin", BOOL), M("settings", ONE, .of = "UserSettings")) },
	{ "MeOrUser", "Oneself; to who may not read without what is private.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT, SOMETIMES),
		  M("email_confirmed", BOOL, SOMETIMES), M("is_admin", BOOL, SOMETIMES),
		  M("settings", ONE, SOMETIMES, .of = "UserSettings")) },
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
	{ "CreatedRoom", "A room that was just made.",
	  MEMBERS(ROOM_MEMBERS, M("room_id", ID)) },
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
	{ "File", "An upload.",
	  MEMBERS(M("id", ID), M("name", TEXT), M("size", INT), M("mime", TEXT),
		  M("sha256", TEXT), M("url", TEXT), M("thumb_url", TEXT, NULLABLE),
		  M("width", INT, NULLABLE), M("height", INT, NULLABLE),
		  M("duration", REAL, NULLABLE)) },
	{ "History", "Messages of a room, oldest first.",
	  MEMBERS(M("items", LIST, .of = "Message"), M("epoch", TEXT), M("seq", INT),
		  M("has_before", BOOL), M("has_after", BOOL)) },
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
