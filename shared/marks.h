/* marks.h -- how far somebody has read a room, and how far one of their devices has it.
 * Only ever forward, and never beyond the log. No event of the log: a mark concerns one
 * person, and moves without the room's lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"

struct db_call marks_read_call(struct arena *a, const char *room_id, const char *user_id,
			       int64_t seq);
/* ERR_NOT_FOUND: no such room, or no member of it. */
enum err marks_read_result(const struct rows *rows);

/* If that is OK: did the mark move? */
bool marks_read_moved(const struct rows *rows);

/* ---- what others are told of it ------------------------------------------ */

/* In rooms with more members than this, only they are told who wrote what was read; in
 * those of RECEIPTS_SHOWN nobody. */
#define RECEIPTS_ALL_MAX 32

/* Somebody's marks in a room, to be moved there; 0: not this one. With both 0 it is only
 * looked where they are. */
struct mark {
	const char *room_id, *user_id;
	int64_t read_seq, delivered_seq;
};

struct mark_moved {
	bool is_busy;	/* somebody else holds it: nothing was done, come again */
	bool is_member; /* else there is nothing to move */
	bool has_moved;
	int64_t read_seq, delivered_seq; /* where they are now */
	bool shown;			 /* to others, at all */
	bool is_large;			 /* to the authors alone */
	bool sends;			 /* they let others know how far they have read */
	const char
		*authors; /* of what was passed, in large rooms: ids as JSON; NULL none */
};

/* Waits for no lock. Nobody is twice in the same room in it. */
struct db_call marks_move_call(struct arena *a, const struct mark *marks, int count);
/* Of the mark with this index. */
struct mark_moved marks_moved(const struct rows *rows, int i);

extern const struct stmt *const marks_statements[];
