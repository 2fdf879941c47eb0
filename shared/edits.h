/* edits.h -- what becomes of a message after it was posted: its text changed, the
 * message deleted, reactions to it. Each one an event of the room's log, made under
 * the same lock as messages.
 *
 * A deleted message keeps its place, its number and its key; what it said is gone. So is
 * what was edited away: the events of edits tell how the message reads now.
 *
 * Like members.h these are calls, run by db_batch() or dbq_send(): two statements
 * under one Sync, lock then do. The first waits for the room; who would rather come again
 * puts roomlog_try_lock_no_call() in its place. */
#pragma once

#include "shared/db.h"
#include "shared/problem.h"

enum { EDITS_CALLS = 2 };
enum {
	EMOJI_MAX_BYTES = 40, /* the longest that Unicode recommends has 35 */
	EMOJI_MAX_KINDS = 20, /* different ones a message */
};

/* Which message, and who asks. */
struct edit_of {
	int64_t room_no, seq;
	const char *by_id;
	const char *room_only; /* of a token for this room alone; NULL: any room */
};

enum edit_result {
	EDIT_OK,	 /* done; seq is the event's */
	EDIT_UNCHANGED,	 /* was so already; seq is the room's */
	EDIT_NO_MESSAGE, /* no such message, or hidden from the caller */
	EDIT_FORBIDDEN,	 /* a member who may not do this */
	EDIT_MUTED,
	EDIT_CANNOT_WRITE, /* a direct room, and the other is kept from the caller */
	EDIT_DELETED,	   /* the message is a tombstone */
	EDIT_NO_TEXT,	   /* a text cannot do without one */
	EDIT_TOO_MANY,	   /* EMOJI_MAX_KINDS are there already */
	EDIT_RESULT_COUNT
};

struct edit_outcome {
	enum edit_result result;
	const char *room_id; /* NULL: no message */
	int64_t room_no, seq;
	int64_t count; /* reacting: people who reacted with this emoji now */
};

/* By the author. text NULL: none. */
void edits_text_calls(struct arena *a, const struct edit_of *of, const char *text,
		      struct db_call out[EDITS_CALLS]);
/* By the author, an admin or the owner. A tombstone already: EDIT_UNCHANGED. */
void edits_delete_calls(struct arena *a, const struct edit_of *of,
			struct db_call out[EDITS_CALLS]);
/* on: react, else take the reaction back. */
void edits_react_calls(struct arena *a, const struct edit_of *of, const char *emoji,
		       bool on, struct db_call out[EDITS_CALLS]);

void edits_read(const struct rows rows[EDITS_CALLS], struct edit_outcome *out);

/* OK for OK and UNCHANGED, else the err with the contract's words. */
enum err edit_problem(const struct edit_outcome *o, struct problem *p);

/* Notes in p what is wrong with it. */
void edits_check_emoji(const char *emoji, struct problem *p);
#define EDITS_TEXT_ABOUT \
	"What it says from now on; null clears the words beside a place or a file."

/* Something to react with: at most EMOJI_MAX_BYTES, nothing that is blank, invisible
 * by itself or turns the writing round. s is valid UTF-8. */
bool emoji_is(const char *s);

extern const struct stmt *const edits_statements[];
