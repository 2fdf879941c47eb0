/* roomlog.h -- the room log: appending and reading. The heart of the product.
 *
 * Each room has one head row, which holds its last seq. An append is two statements in
 * one transaction under one Sync. The first locks the heads, in a fixed order of rooms.
 * The second, whose snapshot is taken after the lock, checks, numbers and inserts. So seq
 * follows the order of commits, and a sender who was banned by the transaction that we
 * waited for cannot post. Every message has a key (the client's, or one that we make), so
 * an append whose outcome is unknown is simply repeated: a message that was already
 * committed comes back as a duplicate, with its seq.
 *
 * The calls are values: a REST program runs them with db_batch(), the broker sends them
 * with dbq_send(). This file uses no connection. */
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
	/* identifies a file that was uploaded with the message; NULL: none was */
	const char *carried;
	/* sent with an API token for this room alone: no file of any other room */
	bool room_only;
	const char *logins; /* the logins that the text mentions: mentions_find() */
	/* the message it replies to; 0: none. In another room: APPEND_NO_REPLY */
	int64_t reply_to_seq, reply_to_room_no;
	int64_t fingerprint; /* of the original request, see draft_fingerprint() */
};

/* Makes a key for a message that came without one. It begins with a character that no
 * client's key may contain (text_is_key), and no client ever sees it. */
enum { ROOMLOG_OWN_KEY = '~' };
const char *roomlog_key(struct arena *a);
/* A key may only be used again with the same fingerprint. */
int64_t draft_fingerprint(const struct draft *d);

enum append_result {
	APPEND_OK,	  /* numbered and stored */
	APPEND_DUPLICATE, /* stored before under this key; seq is the stored one's */
	APPEND_MISMATCH,  /* the key was used for another message */
	APPEND_BUSY,	  /* another transaction holds the room; try in the next turn */
	APPEND_NO_ROOM,	  /* no such room, or the sender is not a member */
	APPEND_BANNED,
	APPEND_MUTED,
	APPEND_SLOW,	     /* slow mode; retry_after_s */
	APPEND_CANNOT_WRITE, /* in a direct room: the other member does not accept them */
	APPEND_NO_REPLY,     /* reply_to is not a message of the room */
	APPEND_NO_FILE,	     /* no such file, or the sender may not read it */
	APPEND_NO_IMAGE,     /* kind says image, but the file is not an image */
	APPEND_RESULT_COUNT
};

struct appended {
	enum append_result result;
	int64_t room_no;		  /* 0 if the sender has no such room */
	int64_t seq, ordinal, created_at; /* for OK and DUPLICATE */
	int64_t retry_after_s;
	const char *mentions; /* for OK: JSON text; NULL: nobody */
	const char *data;     /* for OK with a file: the data as stored; else NULL */
};

enum { ROOMLOG_APPEND_CALLS = 2, ROOMLOG_BATCH_MAX = 512 };

/* With skip_locked (the broker), rooms that another transaction holds are skipped, and
 * their drafts come back as APPEND_BUSY. Without it (REST), the statement waits. */
void roomlog_append_calls(struct arena *a, const struct draft *drafts, int count,
			  bool skip_locked, struct db_call out[ROOMLOG_APPEND_CALLS]);
/* Goes in front of calls that wait for a lock: after wait_ms they fail with
 * ERR_UNAVAILABLE. */
struct db_call roomlog_wait_call(struct arena *a, int64_t wait_ms);
/* rows: the answers to both calls. out: count items, in the order of the drafts. A draft
 * with the key of an earlier one in the batch is a duplicate of it. */
void roomlog_append_read(struct arena *a, const struct rows rows[ROOMLOG_APPEND_CALLS],
			 const struct draft *drafts, int count, struct appended out[]);

/* What a result means to the client: OK for OK and DUPLICATE; otherwise an err, with the
 * contract's words in p. */
enum err append_problem(const struct appended *r, struct problem *p);

/* The first statement of every other transaction that appends to one room (members.c, and
 * the stores of fcgi/). It waits for the head's lock and leaves the room's number in the
 * transaction's setting foyer.held, for ROOMLOG_HELD. */
struct db_call roomlog_lock_call(struct arena *a, const char *room_id);
/* The same without waiting: if another transaction holds the room, the statements that
 * follow match no row. For the broker, which tries again. */
struct db_call roomlog_try_lock_call(struct arena *a, const char *room_id);
/* roomlog_lock_call() for a room whose number is known (from a message's id). */
struct db_call roomlog_lock_no_call(struct arena *a, int64_t room_no);
/* The same without waiting. The answer tells whether another transaction holds the room;
 * if so, the statements that follow did nothing. */
struct db_call roomlog_try_lock_no_call(struct arena *a, int64_t room_no);
bool roomlog_is_busy(const struct rows *answer);
#define ROOMLOG_HELD "ANY (current_setting('foyer.held')::bigint[])"

/* ---- reading ------------------------------------------------------------- */

/* The events of a room after `after`, oldest first, at most limit. Checks no permission:
 * for the broker, which knows its listeners. */
struct db_call roomlog_after_call(struct arena *a, int64_t room_no, int64_t after,
				  int64_t limit);

/* For statements: are members of room r limited to what was said since they joined? */
#define IS_SINCE_JOIN "(r.settings->>'history' IS DISTINCT FROM 'all')"
/* The first seq that member m of room r may see. */
#define VISIBLE_FROM "(CASE WHEN " IS_SINCE_JOIN " THEN m.joined_seq ELSE 0 END)"

/* What is needed to listen to a room. There is a row if the room exists and the person is
 * a member, is banned, or could join by the room's id. */
struct listening {
	int64_t room_no, seq, first_seq, member_count, max_members;
	int64_t joined_seq; /* the event with which they joined */
	bool is_since_join; /* they may see nothing before that */
	bool is_member, is_banned;
};
struct db_call roomlog_listen_call(struct arena *a, const char *room_id,
				   const char *user_id);
/* ERR_NOT_FOUND without a row. */
enum err roomlog_listen_read(const struct rows *rows, struct listening *out);

/* Every listener gets every event, since each seq must arrive. If it is an edit of a
 * message that is older than visible_from, or a reaction to one, a listener who may see
 * nothing before that gets it without its content. */
bool roomlog_may_be_veiled(const struct event *e); /* is it of such a type? */
bool roomlog_is_veiled(const struct event *e, int64_t visible_from);
/* A copy of the event without its content. */
struct event roomlog_veil(const struct event *e);

/* The heads of those of these rooms that exist: room_no, seq. */
struct db_call roomlog_heads_call(struct arena *a, const int64_t *room_nos, int count);

/* What member m of the room with head h has not read: the number of messages that still
 * exist, and how many of those mention m. The first is a subtraction, less the deleted
 * messages in one index range; the second is another index range. */
#define ROOMLOG_UNREAD                                                     \
	"h.messages - m.read_messages - (SELECT count(*) FROM log deleted" \
	" WHERE deleted.room_no = m.room_no AND deleted.seq > m.read_seq"  \
	" AND deleted.deleted_at IS NOT NULL)"
#define ROOMLOG_MENTIONS                                                     \
	"(SELECT count(*) FROM mentions mine WHERE mine.user_id = m.user_id" \
	" AND mine.room_no = m.room_no AND mine.seq > m.read_seq)"

/* A person's most recently active rooms: id, seq, read_seq, unread, mentions. One row
 * more than limit means that there are more rooms. */
struct db_call roomlog_recent_call(struct arena *a, const char *user_id, int64_t limit);

/* For statements elsewhere that read events: SELECT ROOMLOG_COLUMNS FROM log l
 * ROOMLOG_JOINS; roomlog_event_from() reads one row, from column first_col on. If all
 * rows are messages, ROOMLOG_MESSAGE and ROOMLOG_SENDER need fewer look-ups; they show
 * reactions as the viewer sees them, with `mine`. ROOMLOG_MESSAGE_ALONE leaves out what
 * other tables hold: it has only the sender's id, and no reactions. */
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
/* An edit does not store the new text: it shows the message as it is now, so text that
 * was edited away or deleted is nowhere in the log. */
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
/* Reads id, login, first_name, last_name, avatar. */
struct person roomlog_person_from(const struct rows *rows, int row, int first_col);
/* The caller supplies room_id; it is not read from the row. */
void roomlog_event_from(const struct rows *rows, int row, int first_col,
			const char *room_id, struct event *out);
/* The same for ROOMLOG_MESSAGE_ALONE. */
void roomlog_message_from(const struct rows *rows, int row, int first_col,
			  const char *room_id, struct event *out);

extern const struct stmt *const roomlog_append_statements[];
extern const struct stmt *const roomlog_read_statements[];
