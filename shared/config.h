/* config.h -- every setting, declared once.
 *
 * One YAML file of flat `name: value` pairs; a list is a YAML sequence. The environment
 * variable FOYER_<NAME> overrides a setting (a list's items separated by commas). Unknown
 * names, wrong kinds and values out of range are refused by name, all of them at once.
 * The table in config_rows.c is the only place where a setting is declared; foyer.yaml is
 * printed from it.
 *
 * Owns:     its strings. One per process, made before anything else.
 * Lifetime: until config_free(); after config_reload() the strings of
 *           reloadable settings are new, the old ones stay valid. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/err.h"

struct arena;

struct text_list {
	size_t count;
	const char *const *items;
};

struct config {
	/* place */
	const char *prefix;	/* "" or "/chat": before every path */
	const char *public_url; /* "https://example.org/chat", "" unknown */
	const char *run_dir;	/* sockets, limits, hash slots */
	const char *files_dir;
	const char *sendfile;	    /* none, x-sendfile, x-accel */
	const char *sendfile_path;  /* the location under which nginx has files_dir */
	int64_t image_timeout_s;    /* how long foyer-image may look at a file */
	const char *keys_dir;	    /* one file a key, named by its kid */
	const char *signing_key;    /* kid of the key that signs */
	const char *broker_listen;  /* "127.0.0.1:8081"; unused with LISTEN_FDS */
	const char *metrics_listen; /* "127.0.0.1:9090"; "" none */
	const char *wake_socket;    /* the broker's, with its path; "" none */
	const char *bus;	    /* bus_place.h; "" PostgreSQL alone */
	const char *bus_password;   /* "" none */

	/* database: libpq conninfo; the others fall back to the first */
	const char *database;
	const char *database_auth;
	const char *database_broker;
	int64_t statement_timeout_ms, lock_timeout_ms;

	/* logging */
	const char *log_file;	/* "" is stderr */
	const char *log_level;	/* debug, info, warn, error */
	const char *log_format; /* text, json */

	/* mail: mail.h */
	const char *sendmail;  /* the command; "" none */
	const char *mail_from; /* "" foyer@ the host of public_url */

	/* who may come */
	const char *registration;	  /* open, invite, closed */
	const char *directory;		  /* everyone, contacts, off */
	const char *confirm_email;	  /* on, off */
	const char *lobby;		  /* the name of a room, "" none */
	struct text_list trusted_proxies; /* addresses, CIDR, or "unix" */
	struct text_list allowed_origins; /* CORS and WebSocket Origin */
	const char *issuer;		  /* JWT iss and aud */

	/* tokens */
	int64_t access_token_s, refresh_token_s, refresh_grace_s, session_s;
	int64_t password_memory_kib, password_passes, password_slots;

	/* calls */
	struct text_list ice_servers; /* stun: and turn: URLs */
	const char *turn_secret;      /* shared with the TURN servers */
	int64_t call_ring_s, call_grace_s, max_call_s, max_call_participants;
	int64_t max_signal_bytes, signals_per_second, signals_burst;

	/* limits, announced to clients (see limits.h) */
	int64_t max_body_bytes, max_frame_bytes, max_text_chars, max_json_depth;
	int64_t max_file_bytes, quota_bytes;
	int64_t max_page, default_page;
	int64_t max_room_members, max_rooms_per_user, max_contacts_per_user,
		max_api_tokens_per_user;
	int64_t max_rooms_per_connection, max_connections_per_user,
		max_connections_per_address, max_connections;
	int64_t max_outbox_bytes, max_outbox_frames;
	int64_t auth_timeout_s, ping_interval_s;
	int64_t presence_grace_s, away_after_s, presence_room_members;
	int64_t messages_per_second, messages_burst;		 /* per user */
	int64_t requests_per_second, requests_burst;		 /* per user or address */
	int64_t received_bytes_per_second, received_bytes_burst; /* live, per user */
	int64_t address_people; /* an address may send as much as this many people */
	int64_t newcomers_per_second;			 /* admission.h */
	int64_t handshakes_per_second, handshakes_burst; /* live, per address */
	int64_t signin_failures_per_account, signin_failures_per_address;
	int64_t registrations_per_hour, taken_answers_per_hour; /* per address */
	int64_t mails_per_hour;					/* to an address */
	int64_t mail_requests_per_hour;				/* from an address */
	int64_t poll_interval_s; /* for clients without the live side */

	/* config.c's own */
	const char *file; /* "" none was found */
	struct arena *memory;
};

/* file: the one that was named (arguments.h). NULL: $FOYER_CONFIG, foyer.yaml beside the
 * program or one folder up, /etc/foyer/foyer.yaml. Reads it, applies the environment, and
 * checks everything. Errors go to stderr, one line each, and give ERR_INVALID. No file at
 * all is fine: defaults apply. */
enum err config_load(const char *file, struct config *out);

/* The checks of --check-config: does this folder exist, and is it writable; could the log
 * be written? Problems are printed to stderr. */
enum err config_check_folder(const char *setting, const char *folder);
enum err config_check_log(const struct config *c);
/* Would a program start with these settings? As far as can be told without the database,
 * and while another process may hold the sockets; prints "ok". signing_key: "" if the
 * program signs nothing; files_dir: NULL if it keeps no files. */
enum err config_check(const struct config *c, const char *signing_key,
		      const char *files_dir);

/* Reads the file again and takes over the settings that may change while running
 * (SIGHUP). On any error nothing changes. */
enum err config_reload(struct config *c);

void config_free(struct config *c);

/* The commented sample file, from the table (`make foyer.yaml`). */
void config_print_sample(void);

/* The conninfo for a role, with the fallback applied. */
const char *config_database_auth(const struct config *c);
const char *config_database_broker(const struct config *c);

/* Limits that are derived from others unless they are set. */
int64_t config_received_bytes_per_second(const struct config *c);
int64_t config_received_bytes_burst(const struct config *c);
int64_t config_handshakes_per_second(const struct config *c);
int64_t config_handshakes_burst(const struct config *c);
