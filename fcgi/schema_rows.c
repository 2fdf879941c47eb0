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
	{ "Me", "Your own account.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT), M("email_confirmed", BOOL),
		  M("is_admin", BOOL), M("settings", ONE, .of = "UserSettings")) },
	{ "MeOrUser",
	  "Your own account; private fields are left out for an API token "
	  "without the scope read.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT, SOMETIMES),
		  M("email_confirmed", BOOL, SOMETIMES), M("is_admin", BOOL, SOMETIMES),
		  M("settings", ONE, SOMETIMES, .of = "UserSettings")) },
	{ "UserSettings", "What others may see and do.",
	  MEMBERS(M("show_last_seen", WORD, .words = everyone), M("send_receipts", BOOL),
		  M("who_can_write", WORD, .words = everyone),
		  M("who_can_add", WORD, .words = everyone)) },
	{ "UserPage", "A page of people.",
	  MEMBERS(M("items", LIST, .of = "User"), M("next", TEXT, NULLABLE)) },
	{ "Contact", "Somebody in your list.",
	  MEMBERS(M("user", ONE, .of = "User"), M("nickname", TEXT, NULLABLE),
		  M("blocked", BOOL), M("created_at", TIME)) },
	{ "ContactPage", "A page of your list, by name.",
	  MEMBERS(M("items", LIST, .of = "Contact"), M("next", TEXT, NULLABLE)) },
	{ "Pair", "Tokens for one sign-in.",
	  MEMBERS(M("user", ONE, .of = "Me"), M("access_token", TEXT),
		  M("token_type", WORD, .words = bearer), M("expires_in", INT),
		  M("refresh_token", TEXT), M("refresh_expires_in", INT)) },
	{ "Validation", "Whose token it is, and until when it is valid.",
	  MEMBERS(M("valid", BOOL), M("user_id", ID), M("login", TEXT),
		  M("session_id", ID), M("scopes", TEXTS), M("room_id", ID, NULLABLE),
		  M("expires_at", TIME, NULLABLE)) },
	{ "ApiToken",
	  "An API token, without its secret. last_used_at is accurate to a minute.",
	  MEMBERS(API_TOKEN_MEMBERS) },
	{ "CreatedApiToken", "A new API token; the secret is shown only now.",
	  MEMBERS(API_TOKEN_MEMBERS, M("secret", TEXT)) },
	{ "ApiTokenPage", "A page of API tokens, the latest first.",
	  MEMBERS(M("items", LIST, .of = "ApiToken"), M("next", TEXT, NULLABLE)) },
	{ "Session", "One sign-in on one device.",
	  MEMBERS(M("id", ID), M("created_at", TIME), M("last_used_at", TIME),
		  M("address", TEXT, NULLABLE), M("user_agent", TEXT, NULLABLE),
		  M("current", BOOL)) },
	{ "SessionPage", "A page of sign-ins, the latest first.",
	  MEMBERS(M("items", LIST, .of = "Session"), M("next", TEXT, NULLABLE)) },
	{ "Ticket", "A secret for one use.",
	  MEMBERS(M("ticket", TEXT), M("expires_in", INT)) },
	{ "CreatedRoom", "A new room.", MEMBERS(ROOM_MEMBERS, M("room_id", ID)) },
	{ "MessagePage", "A page of messages, the newest first.",
	  MEMBERS(M("items", LIST, .of = "Message"), M("next", TEXT, NULLABLE)) },
	{ "RoomPage", "A page of rooms.",
	  MEMBERS(M("items", LIST, .of = "Room"), M("next", TEXT, NULLABLE)) },
	{ "Member", "A membership; notify is shown only in your own.",
	  MEMBERS(MEMBER_MEMBERS()) },
	{ "AddedMember", "The membership, or for member_ids a page of memberships.",
	  MEMBERS(MEMBER_MEMBERS(SOMETIMES), M("items", LIST, SOMETIMES, .of = "Member"),
		  M("next", TEXT, NULLABLE, SOMETIMES)) },
	{ "MemberPage", "A page of memberships.",
	  MEMBERS(M("items", LIST, .of = "Member"), M("next", TEXT, NULLABLE)) },
	{ "Invite", "A secret with which anybody can join the room.",
	  MEMBERS(M("code", TEXT), M("max_uses", INT, NULLABLE), M("uses", INT),
		  M("created_at", TIME), M("created_by", ID, NULLABLE),
		  M("expires_at", TIME, NULLABLE), M("url", TEXT)) },
	{ "InvitePage", "A page of invites of a room.",
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
	{ "Log",
	  "A part of a room's log. recovered false: it cannot continue from `after`; "
	  "read the room again.",
	  MEMBERS(M("items", LIST, .of = "Event"), M("epoch", TEXT), M("seq", INT),
		  M("more", BOOL), M("recovered", BOOL)) },
	{ "AdminUser", "An account, as administrators see it.",
	  MEMBERS(USER_MEMBERS, M("email", TEXT), M("email_confirmed", BOOL),
		  M("is_admin", BOOL), M("disabled", BOOL),
		  M("disabled_at", TIME, NULLABLE), M("sessions", INT)) },
	{ "AdminUserPage", "A page of accounts.",
	  MEMBERS(M("items", LIST, .of = "AdminUser"), M("next", TEXT, NULLABLE)) },
	{ "ResetLink",
	  "A link for a new password; token and url are null if it was "
	  "mailed.",
	  MEMBERS(M("mailed", BOOL), M("token", TEXT, NULLABLE), M("url", TEXT, NULLABLE),
		  M("expires_in", INT)) },
	{ "RegistrationInvite", "An invitation: anybody who has the code may register.",
	  MEMBERS(M("code", TEXT), M("max_uses", INT, NULLABLE), M("uses", INT),
		  M("created_by", ID, NULLABLE), M("created_at", TIME),
		  M("expires_at", TIME, NULLABLE), M("url", TEXT, NULLABLE)) },
	{ "RegistrationInvitePage", "A page of invitations.",
	  MEMBERS(M("items", LIST, .of = "RegistrationInvite"),
		  M("next", TEXT, NULLABLE)) },
	{ "AdminRoom", "A room, as administrators see it.",
	  MEMBERS(M("id", ID), M("kind", WORD, .words = room_kind_names),
		  M("name", TEXT, NULLABLE), M("owner_id", ID, NULLABLE),
		  M("member_count", INT), M("message_count", INT), M("created_at", TIME),
		  M("active_at", TIME)) },
	{ "AdminRoomPage", "A page of rooms.",
	  MEMBERS(M("items", LIST, .of = "AdminRoom"), M("next", TEXT, NULLABLE)) },
	{ "AdminStats", "Numbers for the whole installation.",
	  MEMBERS(M("users", INT), M("disabled", INT), M("admins", INT),
		  M("sessions", INT), M("rooms", ONE, .of = "AdminRoomCounts"),
		  M("messages", INT), M("files", INT), M("file_bytes", INT)) },
	{ "AdminRoomCounts", "The number of rooms of each kind.",
	  MEMBERS(M("public", INT), M("group", INT), M("direct", INT)) },
	{ "CallPage", "A page of calls, the latest first.",
	  MEMBERS(M("items", LIST, .of = "Call"), M("next", TEXT, NULLABLE)) },
	{ "Ice",
	  "The configuration of an RTCPeerConnection. After expires_at the "
	  "credentials open no new connection; existing ones continue.",
	  MEMBERS(M("ice_servers", LIST, .of = "IceServer"), M("expires_at", TIME)) },
	{ "IceServer", "An RTCIceServer; only TURN servers have credentials.",
	  MEMBERS(M("urls", TEXTS), M("username", TEXT, SOMETIMES),
		  M("credential", TEXT, SOMETIMES)) },
	{ "Status", "The installation: its version, limits and features.",
	  MEMBERS(M("name", TEXT), M("version", TEXT), M("epoch", TEXT, NULLABLE),
		  M("live", ONE, .of = "Live"), M("limits", INTS), M("features", TEXTS),
		  M("poll_interval_s", INT),
		  M("registration", WORD, .words = registration),
		  M("confirm_email", BOOL)) },
	{ "Live", "The URL of the live side, and whether it is up.",
	  MEMBERS(M("url", TEXT), M("up", BOOL)) },
	{ "Health", "The health of the service.",
	  MEMBERS(M("status", WORD, .words = ok),
		  M("database", WORD, SOMETIMES, .words = up),
		  M("broker", WORD, SOMETIMES, .words = up)) },
	{ "Document", "OpenAPI 3.1.",
	  MEMBERS(M("openapi", TEXT), M("info", ANY), M("servers", LIST), M("tags", LIST),
		  M("paths", ANY), M("components", ANY)) },
	{ "Problem",
	  "What went wrong (RFC 9457). code is a stable word: malformed (400); "
	  "invalid, idempotency_mismatch (422); token_invalid, token_expired, "
	  "session_ended, invalid_credentials, refresh_reused (401); forbidden, "
	  "registration_closed, invite_required, account_disabled, email_unconfirmed, "
	  "mail_off, wrong_password, cannot_write, banned (403); not_found (404); "
	  "method_not_allowed (405); conflict, login_taken, email_taken, room_full, "
	  "too_many_rooms, too_many_invites, call_active, call_full, busy (409); "
	  "too_large, quota_exceeded (413); range_not_satisfiable (416); rate_limited "
	  "(429); internal (500); unavailable (503).",
	  MEMBERS(M("type", TEXT), M("title", TEXT), M("status", INT), M("detail", TEXT),
		  M("code", TEXT), M("request_id", TEXT), M("call_id", ID, SOMETIMES),
		  M("banned", BOOL, SOMETIMES),
		  M("errors", LIST, SOMETIMES, .of = "FieldError")) },
	{},
};
