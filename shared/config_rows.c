/* The only place where a setting is declared. To add one: a member in struct config, a
 * row here, `make foyer.yaml`. */
#include <string.h>

#include "shared/config_rules.h"
#include "shared/offset.h"
#include "shared/text.h"

/* ---- the table ----------------------------------------------------------- */

#define ROW_(m, type, k, reload, words_about, ...)                                    \
	{                                                                             \
		.name = #m, .kind = (k), .reloads = (reload), .about = (words_about), \
		.offset = OFFSET_OF(struct config, m, type), __VA_ARGS__              \
	}
#define TEXT(m, value, reload, about, ...)                                     \
	ROW_(m, const char *, SETTING_TEXT, reload, about, .initial = (value), \
	     __VA_ARGS__)
#define WORD(m, value, list, reload, about, ...)                               \
	ROW_(m, const char *, SETTING_WORD, reload, about, .initial = (value), \
	     .words = (list), __VA_ARGS__)
#define LIST(m, value, reload, about, ...)                                         \
	ROW_(m, struct text_list, SETTING_LIST, reload, about, .initial = (value), \
	     __VA_ARGS__)
#define INT(m, value, lo, hi, reload, about, ...)                                    \
	ROW_(m, int64_t, SETTING_INT, reload, about, .initial = #value, .min = (lo), \
	     .max = (hi), __VA_ARGS__)

enum { AT_START = false, RELOADS = true };

const struct setting settings[] = {
	TEXT(prefix, "", AT_START, "URL path in front of every path, such as /chat",
	     .rule = &rule_prefix, .group = "Place"),
	TEXT(public_url, "", RELOADS,
	     "Public URL of this server, with the prefix; mails and invitations link to it",
	     .rule = &rule_url),
	TEXT(run_dir, "/run/foyer", AT_START,
	     "Folder for sockets, rate limits and hashing slots", .rule = &rule_path),
	TEXT(files_dir, "/var/lib/foyer/files", AT_START, "Folder for uploads",
	     .rule = &rule_path),
	WORD(sendfile, "none", "none,x-sendfile,x-accel", RELOADS,
	     "How the web server is told to send a download (docs/files.md)"),
	TEXT(sendfile_path, "/foyer-files", RELOADS,
	     "x-accel: the internal location that serves files_dir",
	     .rule = &rule_prefix),
	INT(image_timeout_s, 30, 1, 600, RELOADS,
	    "Time limit of foyer-image for one file"),
	TEXT(keys_dir, "/etc/foyer/keys", AT_START,
	     "Folder with the keys of access tokens: one file per key, named by its kid",
	     .rule = &rule_path),
	TEXT(signing_key, "main", AT_START,
	     "The kid of the key that signs tokens; the other keys only verify",
	     .rule = &rule_kid),
	TEXT(broker_listen, "127.0.0.1:8081", AT_START,
	     "Address and port of the broker, unless it inherits a socket",
	     .rule = &rule_listen_at),
	TEXT(metrics_listen, "", AT_START,
	     "Separate address and port for the broker's /metrics and /health; empty: none",
	     .rule = &rule_listen_maybe),
	TEXT(wake_socket, "wake.sock", AT_START,
	     "The broker's datagram socket in run_dir; empty: only NOTIFY"),
	TEXT(bus, "", AT_START,
	     "Redis between several brokers (docs/operating.md): redis://host:port or "
	     "unix:/path; empty: they use PostgreSQL's NOTIFY",
	     .rule = &rule_bus),
	TEXT(bus_password, "", AT_START, "Password of that Redis; empty: none"),

	TEXT(database, "dbname=foyer", AT_START,
	     "libpq connection string of the REST programs", .rule = &rule_there,
	     .group = "Database"),
	TEXT(database_auth, "", AT_START, "The same for auth.fcgi; empty: as database"),
	TEXT(database_broker, "", AT_START,
	     "The same for the broker; empty: as database"),
	INT(statement_timeout_ms, 5000, 100, 600000, AT_START,
	    "Time limit of an SQL statement"),
	INT(lock_timeout_ms, 2000, 10, 600000, AT_START,
	    "Time limit for waiting for a lock, such as that of a room"),

	TEXT(log_file, "", AT_START, "Log file; empty: stderr", .rule = &rule_path_maybe,
	     .group = "Logging"),
	WORD(log_level, "info", "debug,info,warn,error", RELOADS,
	     "Lowest level that is logged"),
	WORD(log_format, "text", "text,json", AT_START,
	     "Format of the log, with one line per event"),

	TEXT(sendmail, "/usr/sbin/sendmail", RELOADS,
	     "Command that sends mail; empty: send none", .rule = &rule_path_maybe,
	     .group = "Mail"),
	TEXT(mail_from, "", RELOADS,
	     "Sender of mails; empty: foyer@ and the host of public_url",
	     .rule = &rule_mail_address),

	WORD(registration, "open", "open,invite,closed", RELOADS, "Who may register",
	     .group = "Who may come"),
	WORD(confirm_email, "off", "on,off", RELOADS,
	     "Whether registering requires opening a link that is mailed to the address"),
	TEXT(lobby, "", RELOADS,
	     "Public room that everybody who registers joins, created once under this "
	     "name; empty: none",
	     .rule = &rule_room_name),
	WORD(directory, "everyone", "everyone,contacts,off", RELOADS,
	     "Whom people may list and search (everybody, those they know, nobody)"),
	LIST(trusted_proxies, "unix,127.0.0.0/8,::1", RELOADS,
	     "Peers whose X-Forwarded-For is trusted; unix: Unix sockets",
	     .rule = &rule_range),
	LIST(allowed_origins, "", RELOADS,
	     "Other origins whose pages may use the API and the live connection",
	     .rule = &rule_origin),
	TEXT(issuer, "foyer", AT_START, "iss and aud of access tokens",
	     .rule = &rule_there),

	INT(access_token_s, 900, 1, 86400, RELOADS, "Lifetime of an access token",
	    .group = "Tokens and passwords"),
	INT(refresh_token_s, 604800, 1, 31536000, RELOADS, "Lifetime of a refresh token"),
	INT(refresh_grace_s, 60, 0, 3600, RELOADS,
	    "How long the previous refresh token still works after a refresh"),
	INT(session_s, 7776000, 1, 315360000, RELOADS,
	    "Lifetime of a session, from the sign-in"),
	INT(password_memory_kib, 19456, 8, 4194304, RELOADS, "Argon2id: memory"),
	INT(password_passes, 2, 1, 100, RELOADS, "Argon2id: passes"),
	INT(password_slots, 2, 1, 64, AT_START,
	    "Passwords hashed concurrently on this host"),

	LIST(ice_servers, "", RELOADS,
	     "STUN and TURN servers of calls, as URLs (docs/calls.md); none: calls work "
	     "only if both ends can reach each other directly",
	     .rule = &rule_ice_server, .group = "Calls"),
	TEXT(turn_secret, "", RELOADS,
	     "The TURN servers' static-auth-secret; required with turn: URLs"),
	INT(call_ring_s, 60, 5, 600, RELOADS, "How long a call rings"),
	INT(call_grace_s, 30, 2, 600, RELOADS,
	    "A participant whose device is disconnected for this time leaves the call"),
	INT(max_call_s, 86400, 600, 604800, RELOADS, "A call ends after this time"),
	INT(max_call_participants, 8, 2, 100, RELOADS,
	    "People in a call, including those it rings for"),
	INT(max_signal_bytes, 65536, 1024, 16777216, RELOADS,
	    "Data of one signal between the ends of a call"),
	INT(signals_per_second, 50, 1, 1000000, RELOADS,
	    "Signals of a person per second"),
	INT(signals_burst, 400, 1, 1000000, RELOADS, "Signals of a person at once"),

	INT(max_body_bytes, 131072, 1024, 16777216, AT_START, "Body of a request",
	    .group = "Limits, announced to clients"),
	INT(max_frame_bytes, 131072, 1024, 16777216, AT_START, "A frame from a client"),
	INT(max_text_chars, 8000, 1, 1000000, AT_START,
	    "Text of a message, in code points"),
	INT(max_json_depth, 32, 2, 128, AT_START,
	    "Nesting depth of arrays and objects in JSON"),
	INT(max_file_bytes, 26214400, 1, 1099511627776, RELOADS,
	    "Size of an uploaded file"),
	INT(quota_bytes, 1073741824, 0, 1125899906842624, RELOADS,
	    "All files of a person, each counted as at least 4 KiB; 0: no limit"),
	INT(max_page, 100, 1, 1000, RELOADS, "Items of a list in one answer"),
	INT(default_page, 50, 1, 1000, RELOADS,
	    "Items of a list in one answer if the client gives no limit"),
	INT(max_room_members, 10000, 2, 1000000, RELOADS, "Members of a room"),
	INT(max_rooms_per_user, 1000, 1, 100000, RELOADS, "Rooms of a person"),
	INT(max_contacts_per_user, 2000, 1, 100000, RELOADS,
	    "Contacts of a person, including blocked ones"),
	INT(max_api_tokens_per_user, 50, 1, 1000, RELOADS, "API tokens of a person"),
	INT(max_rooms_per_connection, 500, 1, 100000, RELOADS,
	    "Rooms a connection may listen to"),
	INT(max_connections_per_user, 50, 1, 100000, RELOADS, "Connections of a person"),
	INT(max_connections_per_address, 1000, 1, 1000000, RELOADS,
	    "Connections from an address (IPv6: from a /64)"),
	INT(max_connections, 15000, 1, 1000000, AT_START, "Connections of a broker"),
	INT(max_outbox_bytes, 1048576, 4096, 1073741824, AT_START,
	    "Data queued for one connection"),
	INT(max_outbox_frames, 4096, 16, 1000000, AT_START,
	    "Frames queued for one connection"),
	INT(auth_timeout_s, 5, 1, 60, RELOADS,
	    "Time from connecting to presenting a token"),
	INT(ping_interval_s, 25, 1, 300, AT_START,
	    "Time between pings of an idle connection"),
	INT(presence_grace_s, 15, 0, 600, RELOADS,
	    "Time from a person's last disconnect to being shown as offline"),
	INT(away_after_s, 600, 1, 86400, RELOADS,
	    "A person who is inactive for this time is shown as away"),
	INT(presence_room_members, 100, 0, 10000, RELOADS,
	    "In rooms with more members, presence is not announced"),
	INT(messages_per_second, 20, 1, 1000000, RELOADS,
	    "Messages of a person per second"),
	INT(messages_burst, 60, 1, 1000000, RELOADS, "Messages of a person at once"),
	INT(requests_per_second, 50, 1, 1000000, RELOADS,
	    "Requests of a person or an address per second"),
	INT(requests_burst, 200, 1, 1000000, RELOADS, "Requests at once"),
	INT(received_bytes_per_second, 0, 0, 1073741824, RELOADS,
	    "Bytes per second that a person's live connections may send; 0: 16 KiB for "
	    "each message and request they may make"),
	INT(received_bytes_burst, 0, 0, 1073741824, RELOADS,
	    "The same at once; 0: as much as in eight seconds"),
	INT(address_people, 50, 1, 1000000, RELOADS,
	    "An address may send as many live frames as this number of people"),
	INT(newcomers_per_second, 300, 1, 1000000, RELOADS,
	    "Live connections that a broker lets in per second; the others wait"),
	INT(handshakes_per_second, 0, 0, 1000000, RELOADS,
	    "Live connections that an address may open per second; 0: a tenth of "
	    "handshakes_burst"),
	INT(handshakes_burst, 0, 0, 1000000, RELOADS,
	    "The same at once; 0: max_connections_per_address"),
	INT(signin_failures_per_account, 10, 1, 1000000, RELOADS,
	    "Failed sign-ins in 15 minutes to one account from one address"),
	INT(signin_failures_per_address, 100, 1, 1000000, RELOADS,
	    "Failed sign-ins per hour from one address"),
	INT(registrations_per_hour, 1000, 1, 1000000, RELOADS,
	    "Registrations per hour from one address"),
	INT(taken_answers_per_hour, 20, 1, 1000000, RELOADS,
	    "Times per hour that an address is told that a login or e-mail is taken"),
	INT(mails_per_hour, 5, 1, 1000000, RELOADS,
	    "Mails per hour to one e-mail address"),
	INT(mail_requests_per_hour, 30, 1, 1000000, RELOADS,
	    "Requests per hour from one address that cause a mail"),
	INT(poll_interval_s, 3, 1, 300, RELOADS,
	    "Time between polls of a client without a live connection"),
};
const size_t setting_count = sizeof(settings) / sizeof(*settings);

const struct setting *
setting_find(const char *name)
{
	for (size_t i = 0; i < setting_count; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

/* ---- one setting of a config --------------------------------------------- */

static void *
member(const struct setting *s, struct config *c)
{
	return (char *)c + s->offset;
}

static const void *
const_member(const struct setting *s, const struct config *c)
{
	return (const char *)c + s->offset;
}

static bool
is_one_line(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return text_is_utf8(text, strlen(text));
}

static enum err
check_text(const struct setting *s, const char *text, const char **out_why)
{
	*out_why = "one line of UTF-8";
	if (!is_one_line(text))
		return ERR_INVALID;
	if (!s->rule || s->rule->is_kept(text))
		return OK;
	*out_why = s->rule->words;
	return ERR_INVALID;
}

static enum err
set_int(const struct setting *s, struct arena *a, const char *text, struct config *c,
	const char **out_why)
{
	int64_t value;

	if (text_to_int(text, &value) != OK || value < s->min || value > s->max) {
		*out_why = arena_printf(a, "a whole number, %lld to %lld",
					(long long)s->min, (long long)s->max);
		return ERR_INVALID;
	}
	*(int64_t *)member(s, c) = value;
	return OK;
}

static enum err
split_list(const struct setting *s, struct arena *a, const char *text, struct config *c,
	   const char **out_why)
{
	const char **items = ARENA_ARRAY(a, const char *, strlen(text) + 1);
	size_t count = 0;

	while (*text) {
		size_t len = strcspn(text, ",");

		items[count++] = arena_strndup(a, text, len);
		text += len + (text[len] == ',');
		text += strspn(text, " ");
	}
	return setting_set_list(s, a, items, count, c, out_why);
}

enum err
setting_set(const struct setting *s, struct arena *a, const char *text, struct config *c,
	    const char **out_why)
{
	if (s->kind == SETTING_INT)
		return set_int(s, a, text, c, out_why);
	if (s->kind == SETTING_LIST)
		return split_list(s, a, text, c, out_why);
	if (s->kind == SETTING_WORD && !text_is_listed(s->words, text)) {
		*out_why = arena_printf(a, "one of %s", s->words);
		return ERR_INVALID;
	}
	TRY(check_text(s, text, out_why));
	*(const char **)member(s, c) = arena_strdup(a, text);
	return OK;
}

enum err
setting_set_list(const struct setting *s, struct arena *a, const char *const *items,
		 size_t count, struct config *c, const char **out_why)
{
	const char **copies = ARENA_ARRAY(a, const char *, count);

	if (s->kind != SETTING_LIST) {
		*out_why = "a single value";
		return ERR_INVALID;
	}
	for (size_t i = 0; i < count; i++) {
		TRY(check_text(s, items[i], out_why));
		copies[i] = arena_strdup(a, items[i]);
	}
	*(struct text_list *)member(s, c) = (struct text_list){ count, copies };
	return OK;
}

void
setting_copy(const struct setting *s, const struct config *from, struct config *to)
{
	static const size_t sizes[] = {
		[SETTING_TEXT] = sizeof(const char *),
		[SETTING_WORD] = sizeof(const char *),
		[SETTING_INT] = sizeof(int64_t),
		[SETTING_LIST] = sizeof(struct text_list),
	};

	memcpy(member(s, to), const_member(s, from), sizes[s->kind]);
}

static bool
lists_equal(const struct text_list *a, const struct text_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

bool
setting_equal(const struct setting *s, const struct config *a, const struct config *b)
{
	const void *x = const_member(s, a), *y = const_member(s, b);

	if (s->kind == SETTING_INT)
		return *(const int64_t *)x == *(const int64_t *)y;
	if (s->kind == SETTING_LIST)
		return lists_equal(x, y);
	return strcmp(*(const char *const *)x, *(const char *const *)y) == 0;
}
