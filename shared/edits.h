/* edits.h -- changes to a message after it was posted: editing its text, deleting it,
 * reacting to it. Each one is an event in the room's log, appended under the same lock as
 * messages.
 *
 * A deleted message keeps its place, its number and its key; its content is gone. So is
 * text that was edited away: the event of an edit shows the message as it is now.
 *
 * As in members.h these are calls, run by db_batch() or dbq_send(): two statements under
 * one Sync, lock then do. The first waits for the room; a caller that would rather try
 * again replaces it with roomlog_try_lock_no_call(). */
#pragma once

#include "shared/db.h"
#include "shared/problem.h"

enum { EDITS_CALLS = 2 };
enum { EMOJI_MAX_KINDS = 20 }; /* different emoji a message */

/* Which message, and who makes the change. */
struct edit_of {
	int64_t room_no, seq;
	const char *by_id;
	const char *room_only; /* for a token bound to this room; NULL: any room */
};

enum edit_result {
	EDIT_OK,	 /* done; seq is the event's */
	EDIT_UNCHANGED,	 /* it was so already; seq is the room's */
	EDIT_NO_MESSAGE, /* no such message, or hidden from the caller */
	EDIT_FORBIDDEN,	 /* a member who may not do this */
	EDIT_MUTED,
	EDIT_CANNOT_WRITE, /* direct room: the other does not accept the caller */
	EDIT_DELETED,	   /* the message is a tombstone */
	EDIT_NO_TEXT,	   /* a text message needs text */
	EDIT_TOO_MANY,	   /* the message has EMOJI_MAX_KINDS already */
	EDIT_RESULT_COUNT
};

struct edit_outcome {
	enum edit_result result;
	const char *room_id; /* NULL: no message */
	int64_t room_no, seq;
	/* of a reaction: */
	const char *emoji; /* in its one form */
	int64_t count;	   /* how many people now react with it */
};

/* By the author. text NULL: none. */
void edits_text_calls(struct arena *a, const struct edit_of *of, const char *text,
		      struct db_call out[EDITS_CALLS]);
/* By the author, an admin or the owner. EDIT_UNCHANGED if it is a tombstone already. */
void edits_delete_calls(struct arena *a, const struct edit_of *of,
			struct db_call out[EDITS_CALLS]);
/* on: react; otherwise take the reaction back. The emoji is stored as emoji_form(). */
void edits_react_calls(struct arena *a, const struct edit_of *of, const char *emoji,
		       bool on, struct db_call out[EDITS_CALLS]);

void edits_read(const struct rows rows[EDITS_CALLS], struct edit_outcome *out);

/* OK for EDIT_OK and EDIT_UNCHANGED, otherwise the err with the contract's words. */
enum err edit_problem(const struct edit_outcome *o, struct problem *p);

/* Notes in p what is wrong with the emoji. */
void edits_check_emoji(const char *emoji, struct problem *p);
#define EDITS_TEXT_ABOUT "The new text; null clears the text beside a location or a file."

extern const struct stmt *const edits_statements[];
