/* marks.h -- how far somebody has read a room, and how far messages were delivered to one
 * of their devices. Marks only move forward, and never beyond the log. They are no events
 * in the log: a mark concerns one person, and moves without the room's lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"

struct db_call marks_read_call(struct arena *a, const char *room_id, const char *user_id,
			       int64_t seq);
/* ERR_NOT_FOUND: no such room, or the person is not a member. */
enum err marks_read_result(const struct rows *rows);

/* If the result is OK: did the mark move? */
bool marks_read_moved(const struct rows *rows);

/* ---- what others are told of it ------------------------------------------ */

/* In rooms with more members than this, only the authors of what was read are told; in
 * rooms that RECEIPTS_SHOWN excludes, nobody is. */
#define RECEIPTS_ALL_MAX 32

/* Where to move somebody's marks in a room; 0: do not move this one. With 0 for both, the
 * statement only looks where they are. */
struct mark {
	const char *room_id, *user_id;
	int64_t read_seq, delivered_seq;
};

struct mark_moved {
	bool is_busy;	/* another transaction holds it: nothing was done, try again */
	bool is_member; /* false: there is nothing to move */
	bool has_moved;
	int64_t read_seq, delivered_seq; /* where they are now */
	bool shown;			 /* to others, at all */
	bool is_large;			 /* only the authors see it */
	bool sends;			 /* they let others know how far they have read */
	const char *authors; /* of what was passed, in large rooms: JSON ids; NULL none */
};

/* Waits for no lock. No person may occur twice for one room. */
struct db_call marks_move_call(struct arena *a, const struct mark *marks, int count);
/* The result for the mark with this index. */
struct mark_moved marks_moved(const struct rows *rows, int i);

extern const struct stmt *const marks_statements[];
