/* lanes.h -- messages waiting for the database, one lane per room.
 *
 * Messages to a room keep their order; a locked room holds up no other room. A lane
 * whose room somebody else has locked rests for a while, and the others go on. After
 * LANE_RESTS_MAX rests in a row it is taken alone, in a batch that waits for the lock:
 * otherwise two brokers that write into one room would starve each other. Taken posts
 * that are returned go back to the front.
 *
 * The number of posts taken at once adapts: a batch that the database refused for its
 * data is retried in halves, until the one bad post stands alone (`limit`).
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

/* One message. Its text follows it in the same allocation. */
struct post {
	struct link in_lane;
	uint64_t conn_id;
	struct visitor *author; /* a counted reference */
	const char *ref;	/* the client's; NULL: none */
	int64_t since_ms;
	int rests; /* rests in a row while it was at the front */
	size_t size;
	struct draft draft;
};

struct lanes {
	struct table by_room;
	struct link active;  /* lanes in the order of their turns */
	size_t posts, bytes; /* waiting; taken posts are not counted */
	int limit;
	bool has_impatient; /* a hint: a lane may be impatient */
};

void lanes_init(struct lanes *ls);
void lanes_done(struct lanes *ls, void (*drop)(struct post *p, void *arg), void *arg);

/* Copies the draft and the ref; the result can be put on a lane. */
struct post *post_new(const struct draft *draft, const char *ref);
void post_free(struct post *p);

void lanes_put(struct lanes *ls, struct post *p);

/* Does a post of this connection wait in the room's lane? */
bool lanes_have(const struct lanes *ls, const char *room_id, uint64_t conn_id);

/* Takes at most `limit` posts of lanes that do not rest, or only those of one lane that
 * has rested too often (is_impatient). */
int lanes_take(struct lanes *ls, int64_t now_ms, struct post *out[ROOMLOG_BATCH_MAX],
	       bool *is_impatient);
/* Puts back posts that were taken in this order, to be taken again. */
void lanes_return(struct lanes *ls, struct post *const posts[], int count);

/* The batch was committed; or its `count` posts were refused for their data. */
void lanes_succeeded(struct lanes *ls);
void lanes_refused(struct lanes *ls, int count);

/* Somebody else has this room locked: let its lane rest for a moment. Its posts have
 * been returned. */
enum { LANE_REST_MS = 5, LANE_RESTS_MAX = 20 };
void lanes_rest(struct lanes *ls, const char *room_id, int64_t now_ms);
/* Waiting for the lock was in vain: count the lane's rests from zero again. */
void lanes_calm(struct lanes *ls, const char *room_id);
/* When to retry the first resting lane; -1: none rests. */
int64_t lanes_next_ms(const struct lanes *ls);

/* Remove posts that were queued before before_ms. */
void lanes_expire(struct lanes *ls, int64_t before_ms,
		  void (*drop)(struct post *p, void *arg), void *arg);
