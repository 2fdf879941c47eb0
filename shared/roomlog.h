/* roomlog.h -- the room log: appending and reading. The heart of the product.
 *
 * Each room has one head row with its last seq. Appending is two statements in
 * one transaction under one Sync: lock the heads (rooms in a fixed order), then,
 * with a snapshot taken after the lock, check, number and insert. So the order
 * of seq is the order of commit, and somebody who was banned by the transaction
 * we waited for does not post. Every message carries a key (the client's, else
 * one of ours), so an append whose outcome is unknown is simply made again: what
 * was committed comes back as a duplicate with its seq.
 *
 * The calls are values: db_batch() runs them for a REST program, dbq_send() for
 * the broker. This file talks to no connection. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/model.h"
#include "shared/problem.h"

/* A message on its way into a room. */
struct draft {
	const char *room_id;
	const char *sender_id;
	const char *client_id; /* never NULL: roomlog_key() makes one */
	enum message_kind kind;
	const char *text;    /* NULL: none */
	const char *data;    /* JSON text; NULL: none */
	const char *file_id; /* the file it carries; NULL: none */
	/* the file came with the message: what tells it from others; NULL: it did not */
	const char *carried;
	/* of an API token for this room alone: no file of any other room */
	bool room_only;
	const char *logins; /* whom the text names: mentions_find() */
	/* what it replies to; 0: nothing. In another room: APPEND_NO_REPLY */
	int64_t reply_to_seq, reply_to_room_no;
	int64_t fingerprint; /* of the original request, see draft_fingerprint() */
};

/* A key of ours for a message that came without one. It begins with a character
 * that no client's key has (text_is_key), and is shown to nobody. */
enum { ROOMLOG_OWN_KEY = '~' };
const char *roomlog_key(struct arena *a);
/* What the same key must be used with again. */
int64_t draft_fingerprint(const struct draft *d);

enum append_result {
	APPEND_OK,	  /* numbered and stored */
	APPEND_DUPLICATE, /* was stored before under this key: seq is that one's */
	APPEND_MISMATCH,  /* the key was used for another message */
	APPEND_BUSY,	  /* the room is locked by somebody; try in the next turn */
	APPEND_NO_ROOM,	  /* no such room, or the sender is no member of it */
	APPEND_BANNED,
	APPEND_MUTED,
	APPEND_SLOW,	     /* slow mode; retry_after_s */
	APPEND_CANNOT_WRITE, /* in a direct room: the other one does not let them */
	APPEND_NO_REPLY,     /* reply_to is no message of the room */
	APPEND_NO_FILE,	     /* no such file, or not the sender's to read */
	APPEND_NO_IMAGE,     /* kind says image, and the file is none */
	APPEND_RESULT_COUNT
};

struct appended {
	enum append_result result;
	int64_t room_no;		  /* 0 where there is none for the sender */
	int64_t seq, ordinal, created_at; /* of OK and DUPLICATE */
	int64_t retry_after_s;
	const char *mentions; /* of OK: JSON text; NULL: nobody */
	const char *data;     /* of OK, with a file: what is stored, else NULL */
};

enum { ROOMLOG_APPEND_CALLS = 2, ROOMLOG_BATCH_MAX = 512 };

/* skip_locked: do not wait for rooms that somebody else holds; their drafts
 * come back as APPEND_BUSY (the broker). Without: wait (REST). */
void roomlog_append_calls(struct arena *a, const struct draft *drafts, int count,
			  bool skip_locked, struct db_call out[ROOMLOG_APPEND_CALLS]);
/* In front of those that wait: for at most so long, then ERR_UNAVAILABLE. */
struct db_call roomlog_wait_call(struct arena *a, int64_t wait_ms);
/* rows: both answers. out: count items, in the order of the drafts. What has the key of
 * an earlier one of the batch is a duplicate of that. */
void roomlog_append_read(struct arena *a, const struct rows rows[ROOMLOG_APPEND_CALLS],
			 const struct draft *drafts, int count, struct appended out[]);

/* What a result means to the client: OK for OK and DUPLICATE, else the err with
 * the contract's words in p. */
enum err append_problem(const struct appended *r, struct problem *p);

/* The first statement of anything else that appends to one room (members.c, and
 * the stores of fcgi/): waits for the head, and leaves the room's number in the
 * transaction's setting foyer.held for ROOMLOG_HELD. */
struct db_call roomlog_lock_call(struct arena *a, const char *room_id);
/* The same without waiting: if somebody else holds the room, what follows finds none
 * (the broker, which comes again). */
struct db_call roomlog_try_lock_call(struct arena *a, const char *room_id);
/* The same for a room whose number is known (from a message's id). */
struct db_call roomlog_lock_no_call(struct arena *a, int64_t room_no);
/* The same without waiting, and whether somebody else holds the room, by its answer: then
 * what follows did nothing. */
struct db_call roomlog_try_lock_no_call(struct arena *a, int64_t room_no);
bool roomlog_is_busy(const struct rows *answer);
#define ROOMLOG_HELD "ANY (current_setting('foyer.held')::bigint[])"

/* ---- reading ------------------------------------------------------------- */

/* The events of a room after `after`, oldest first, at most limit. Checks
 * nothing: for a broker that knows its listeners. */
struct db_call roomlog_after_call(struct arena *a, int64_t room_no, int64_t after,
				  int64_t limit);

/* For statements: does one see of room r what was said since one came, and no more? */
#define IS_SINCE_JOIN "(r.settings->>'history' IS DISTINCT FROM 'all')"
/* From here on the log is open to member m of room r. */
#define VISIBLE_FROM "(CASE WHEN " IS_SINCE_JOIN " THEN m.joined_seq ELSE 0 END)"

/* What one has to know to listen to a room: a row if the room exists and the
 * person is a member of it or was banned, or might join by its id. */
struct listening {
	int64_t room_no, seq, first_seq, member_count, max_members;
	int64_t joined_seq; /* the event with which they came */
	bool is_since_join; /* nothing before that is theirs to see */
	bool is_member, is_banned;
};
struct db_call roomlog_listen_call(struct arena *a, const char *room_id,
				   const char *user_id);
/* ERR_NOT_FOUND without a row. */
enum err roomlog_listen_read(const struct rows *rows, struct listening *out);

/* An edit is told to everybody, for each number is; that of a message from before
 * visible_from without what it says to those who see nothing before that. */
bool roomlog_is_veiled(const struct event *e, int64_t visible_from);
/* The event without that. */
struct event roomlog_veil(const struct event *e);

/* Heads of these rooms, as far as they exist: room_no, seq. */
struct db_call roomlog_heads_call(struct arena *a, const int64_t *room_nos, int count);

/* What member m of the room with head h has not read: messages that are there still,
 * and those of them that mention m. A subtraction, less one range of an index of what
 * was deleted; another range. */
#define ROOMLOG_UNREAD                                                     \
	"h.messages - m.read_messages - (SELECT count(*) FROM log deleted" \
	" WHERE deleted.room_no = m.room_no AND deleted.seq > m.read_seq"  \
	" AND deleted.deleted_at IS NOT NULL)"
#define ROOMLOG_MENTIONS                                                     \
	"(SELECT count(*) FROM mentions mine WHERE mine.user_id = m.user_id" \
	" AND mine.room_no = m.room_no AND mine.seq > m.read_seq)"

/* A person's most recently active rooms: id, seq, read_seq, unread, mentions. One row
 * more than limit tells that there are more. */
struct db_call roomlog_recent_call(struct arena *a, const char *user_id, int64_t limit);

/* For statements elsewhere that read events: SELECT ROOMLOG_COLUMNS FROM log l
 * ROOMLOG_JOINS, and the event of one row whose first column is first_col. Where all are
 * messages, less has to be looked up: ROOMLOG_MESSAGE and ROOMLOG_SENDER in their place;
 * as this person sees it, with `mine`. ROOMLOG_MESSAGE_ALONE is without what other tables
 * say: of the sender the id, no reactions. */
#define ROOMLOG_COLUMNS                                                                 \
	ROOMLOG_COLUMNS_(ROOMLOG_NOW("text"), ROOMLOG_NOW("mentions"), ROOMLOG_SENDER_, \
			 "l.subject_id, subject.login, subject.first_name,"             \
			 " subject.last_name, subject.avatar",                          \
			 ROOMLOG_REACTIONS_("", ""))
#define ROOMLOG_MESSAGE(viewer)                                                          \
	ROOMLOG_COLUMNS_("l.text", "l.mentions", ROOMLOG_SENDER_, ROOMLOG_NONE_,         \
			 ROOMLOG_REACTIONS_(", bool_or(x.user_id = " viewer ") AS mine", \
					    ", 'mine', g.mine"))
#define ROOMLOG_MESSAGE_ALONE ROOMLOG_ALONE_("l.text", "l.mentions")
#define ROOMLOG_COLUMNS_(text, mentions, sender, subject, reactions) \
	ROOMLOG_ALONE_(text, mentions)                               \
	", " sender ", " subject ", " reactions
#define ROOMLOG_ALONE_(text, mentions)                                               \
	"l.room_no, l.seq, l.ordinal, l.type, ms(l.created_at), l.target_seq,"       \
	" l.client_id, l.kind, " text ", l.data, ms(l.edited_at), ms(l.deleted_at)," \
	" array_to_json(" mentions "), l.actor_id"
#define ROOMLOG_SENDER_ "actor.login, actor.first_name, actor.last_name, actor.avatar"
#define ROOMLOG_NONE_ "NULL, NULL, NULL, NULL, NULL"
/* An edit does not keep what it wrote: it tells how the message reads now, so what was
 * edited away or deleted is nowhere in the log. */
#define ROOMLOG_NOW(what)                                                    \
	"CASE WHEN l.type = 'edited' THEN (SELECT now." what " FROM log now" \
	" WHERE now.room_no = l.room_no AND now.seq = l.target_seq) ELSE l." what " END"
#define ROOMLOG_REACTIONS_(more, shown)                                                            \
	"CASE WHEN (SELECT true FROM reactions x WHERE x.room_no = l.room_no"                      \
	" AND x.seq = l.seq LIMIT 1) THEN"                                                         \
	" (SELECT " ROOMLOG_REACTION_LIST(                                                         \
		shown) " FROM (SELECT x.emoji, count(*) AS count, min(x.created_at) AS since" more \
		       " FROM reactions x WHERE x.room_no = l.room_no AND x.seq = l.seq"           \
		       " GROUP BY x.emoji) g) END"
#define ROOMLOG_REACTION_LIST(shown)                                          \
	"json_agg(json_build_object('emoji', g.emoji, 'count', g.count" shown \
	") ORDER BY g.since, g.emoji)"
#define ROOMLOG_SENDER " LEFT JOIN users actor ON actor.id = l.actor_id"
#define ROOMLOG_JOINS \
	ROOMLOG_SENDER " LEFT JOIN users subject ON subject.id = l.subject_id"
enum { ROOMLOG_COLUMN_COUNT = 24 };
/* id, login, first_name, last_name, avatar of anybody. */
struct person roomlog_person_from(const struct rows *rows, int row, int first_col);
/* room_id is what the caller knows: it is not read. */
void roomlog_event_from(const struct rows *rows, int row, int first_col,
			const char *room_id, struct event *out);
/* The same of ROOMLOG_MESSAGE_ALONE. */
void roomlog_message_from(const struct rows *rows, int row, int first_col,
			  const char *room_id, struct event *out);

extern const struct stmt *const roomlog_append_statements[];
extern const struct stmt *const roomlog_read_statements[];
