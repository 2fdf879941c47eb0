/* model.h -- what a room log consists of, and how clients see it.
 *
 * Structs, filled from rows of the database, and their JSON. REST and the live side use
 * the same functions, so a thing looks the same wherever it comes from. Text lives in the
 * arena of the piece of work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/db.h"
#include "shared/json.h"
#include "shared/uuid.h"

enum room_kind { ROOM_PUBLIC, ROOM_GROUP, ROOM_DIRECT, ROOM_KIND_COUNT };
enum member_role { ROLE_MEMBER, ROLE_ADMIN, ROLE_OWNER, ROLE_COUNT };
enum message_kind {
	MESSAGE_TEXT,
	MESSAGE_IMAGE,
	MESSAGE_FILE,
	MESSAGE_AUDIO,
	MESSAGE_VIDEO,
	MESSAGE_LOCATION,
	MESSAGE_SYSTEM,
	MESSAGE_KIND_COUNT
};
enum event_type {
	EVENT_MESSAGE,
	EVENT_EDITED,
	EVENT_DELETED,
	EVENT_REACTION,
	EVENT_MEMBER,
	EVENT_ROOM,
	EVENT_TYPE_COUNT
};

/* The words of the contract and of the database; NULL-terminated, in the order
 * of the enums. */
extern const char *const room_kind_names[];
extern const char *const member_role_names[];
extern const char *const message_kind_names[];
extern const char *const event_type_names[];

/* Does a message of this kind carry a file? */
bool message_kind_has_file(enum message_kind kind);

/* Index of word in names, -1 if it is none of them (or NULL). */
int name_index(const char *const *names, const char *word);

/* A person as messages and member events show them. */
struct person {
	const char *id;
	const char *login; /* NULL: the account was removed, only the id is left */
	const char *first_name, *last_name;
	const char *avatar; /* the image's random id; NULL: none */
};

/* One event in a room's log. The type decides which fields have a meaning. */
struct event {
	enum event_type type;
	int64_t room_no;
	const char *room_id;
	int64_t seq, ordinal, created_at;
	struct person actor;   /* the sender; who did it */
	struct person subject; /* EVENT_MEMBER: the member it is about */
	int64_t target_seq;    /* reply_to, or the message edited or deleted; 0 */
	const char *client_id; /* NULL: none */
	enum message_kind kind;
	const char *text, *data; /* data: JSON text; NULL: none */
	int64_t edited_at, deleted_at;
	const char *mentions;  /* ids of people: JSON text; NULL: nobody */
	const char *reactions; /* of a message: JSON text; NULL: none */
	/* what the author sees: sent, delivered, read; NULL: nothing */
	const char *status;
};

struct user {
	const char *id, *login, *first_name, *last_name, *bio, *avatar, *status,
		*status_text;
	int64_t last_seen_at, created_at;
	bool is_admin;
	/* only for oneself */
	const char *email;
	bool email_confirmed;
	const char *settings; /* JSON text */
};

struct keys;

struct room_me {
	enum member_role role;
	int64_t joined_at, read_seq, unread, mentions, muted_until;
	const char *notify;
};

struct room {
	int64_t no;
	const char *id, *name, *description, *owner_id, *avatar;
	enum room_kind kind;
	bool join_by_id;
	int64_t max_members, member_count, created_at, seq;
	const char *settings; /* JSON text */
	bool is_member;
	struct room_me me;	   /* if is_member */
	struct event last_message; /* seq 0: none */
	struct user peer;	   /* direct: the other member; id NULL: none */
};

/* The API's path, "<prefix>/api/v1", with which URLs in answers begin. Called once at
 * start; the text must stay valid. */
void model_set_base(const char *api_path);

/* Display name: first and last name, else the login; NULL for a removed account. */
const char *person_name(struct arena *a, const struct person *p);

struct json *json_person(struct arena *a, const struct person *p); /* null if no id */
struct json *json_user(struct arena *a, const struct user *u);
struct json *json_me(struct arena *a, const struct user *u);
struct viewer; /* who reads: below */
struct json *json_room(struct arena *a, const struct db_instance *in,
		       const struct room *r, const struct viewer *viewer);

/* What somebody who is not in the room may know of it. */
struct json *json_room_preview(struct arena *a, const struct room *r);

/* Who reads. URLs of files are signed for them if there are keys. */
struct viewer {
	const char *user_id, *session_id; /* NULL: nobody in particular */
	const struct keys *keys;	  /* NULL: URLs are plain */
	int64_t now_s;
};

/* A message as REST shows it. Only its author sees client_id and status. */
struct json *json_message(struct arena *a, const struct db_instance *in,
			  const struct event *e, const struct viewer *viewer);

/* An event as live connections, /log and event streams show it: the same bytes for
 * everybody, including client_id; but see roomlog_veil(). */
struct json *json_event(struct arena *a, const struct db_instance *in,
			const struct event *e);
