/* lanes.h -- messages on their way to the database, one lane a room.
 *
 * What is posted to a room stays in its order; between rooms nobody waits for a busy
 * one. A lane that somebody else has locked rests for a while, the others go on; after
 * LANE_RESTS_MAX rests in a row it is taken alone, to be waited for: two brokers that
 * write into one room would starve each other. Taken posts that come back go to the front
 * again.
 *
 * How many may be taken at once adapts: a batch that the database refused for its
 * data is tried again by halves, until the one bad post stands alone (`limit`).
 *
 * Pure memory: no database, no clock. Owns: its lanes, and the posts in them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/roomlog.h"

struct visitor;

/* One message. All its text lies behind it, in one piece with it. */
struct post {
	struct link in_lane;
	uint64_t conn_id;
	struct visitor *author; /* a reference */
	const char *ref;	/* the client's; NULL none */
	int64_t since_ms;
	int rests; /* in a row, for which it waited at the front */
	size_t size;
	struct draft draft;
};

struct lanes {
	struct table by_room;
	struct link active;  /* lanes in the order of their turns */
	size_t posts, bytes; /* waiting, those taken not counted */
	int limit;
	bool has_impatient; /* perhaps */
};

void lanes_init(struct lanes *ls);
void lanes_done(struct lanes *ls, void (*drop)(struct post *p, void *arg), void *arg);

/* A copy of the draft and the ref, ready to be put on a lane. */
struct post *post_new(const struct draft *draft, const char *ref);
void post_free(struct post *p);

void lanes_put(struct lanes *ls, struct post *p);

/* Does a post of this connection's wait in the room's lane? */
bool lanes_have(const struct lanes *ls, const char *room_id, uint64_t conn_id);

/* At most limit posts whose lanes do not rest; or those of one lane that has rested too
 * often (is_impatient). */
int lanes_take(struct lanes *ls, int64_t now_ms, struct post *out[ROOMLOG_BATCH_MAX],
	       bool *is_impatient);
/* These were taken, in this order, and have to be taken again. */
void lanes_return(struct lanes *ls, struct post *const posts[], int count);

/* A batch of this many was committed, or refused for its data. */
void lanes_succeeded(struct lanes *ls);
void lanes_refused(struct lanes *ls, int count);

/* Somebody else has this room locked: let its lane rest for a moment. Its posts have
 * been returned. */
enum { LANE_REST_MS = 5, LANE_RESTS_MAX = 20 };
void lanes_rest(struct lanes *ls, const char *room_id, int64_t now_ms);
/* It was waited for, in vain: it is patient anew. */
void lanes_calm(struct lanes *ls, const char *room_id);
/* When the first resting lane is to be tried again; -1: none rests. */
int64_t lanes_next_ms(const struct lanes *ls);

/* Take out what has waited since before then. */
void lanes_expire(struct lanes *ls, int64_t before_ms,
		  void (*drop)(struct post *p, void *arg), void *arg);
