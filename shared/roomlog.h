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

/* A message on its way into a room. */
struct draft {
	const char *room_id;
	const char *sender_id;
	const char *client_id; /* never NULL: roomlog_key() makes one */
	enum message_kind kind;
	const char *text;     /* NULL: none */
	const char *data;     /* JSON text; NULL: none */
	int64_t reply_to_seq; /* in the same room; 0: none */
	int64_t fingerprint;  /* of the original request, see draft_fingerprint() */
};

/* A key of ours for a message that came without one. */
const char *roomlog_key(struct arena *a);
int64_t draft_fingerprint(const struct draft *d);

enum append_result {
	APPEND_OK,	   /* numbered and stored */
	APPEND_DUPLICATE,  /* was stored before under this key: seq is that one's */
	APPEND_MISMATCH,   /* the key was used for another message */
	APPEND_BUSY,	   /* the room is locked by somebody; try in the next turn */
	APPEND_NO_ROOM,	   /* no such room, or the sender is no member of it */
	APPEND_BANNED,
	APPEND_MUTED,
	APPEND_SLOW,	   /* slow mode; retry_after_s */
	APPEND_NO_REPLY,   /* reply_to is no message of the room */
	APPEND_RESULT_COUNT
};

struct appended {
	enum append_result result;
	int64_t room_no, seq, ordinal, created_at;
	int64_t room_seq; /* the room's last seq after this batch */
	int64_t retry_after_s;
};

enum { ROOMLOG_APPEND_CALLS = 2, ROOMLOG_BATCH_MAX = 1000 };

/* skip_locked: do not wait for rooms that somebody else holds; their drafts
 * come back as APPEND_BUSY (the broker). Without: wait (REST). */
void roomlog_append_calls(struct arena *a, const struct draft *drafts, int count,
			  bool skip_locked, struct db_call out[ROOMLOG_APPEND_CALLS]);
/* rows: both results. out: count items, in the order of the drafts. */
void roomlog_append_read(const struct rows rows[ROOMLOG_APPEND_CALLS], int count,
			 struct appended out[]);

/* What a result means to the client: OK for OK and DUPLICATE, else the err with
 * the contract's words in p. */
enum err append_problem(const struct appended *r, struct problem *p);

/* Reading -- each answers for members only, unless it says otherwise. */

/* The room's events after `after`, oldest first, at most limit. For the broker:
 * no viewer, by number; checks nothing. */
struct db_call roomlog_after_call(struct arena *a, int64_t room_no, int64_t after,
				  int64_t limit);
/* The event of one row of it (and of the reads in messages_store). The columns
 * are ROOMLOG_COLUMNS from tables log l, actor u, subject s. */
#define ROOMLOG_COLUMN_COUNT 23
extern const char roomlog_columns_note[]; /* see roomlog.c */
void roomlog_event_from(const struct rows *rows, int row, int first_col,
			struct event *out);

/* Room heads: (room_id, room_no, seq) for each of these rooms that exists. */
struct db_call roomlog_heads_call(struct arena *a, const int64_t *room_nos, int count);

extern const struct stmt *const roomlog_statements[];
