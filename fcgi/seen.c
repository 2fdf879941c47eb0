/* seen.c -- see seen.h. Goal: no query a request. A small table holds the people whom
 * this process has noted recently; they may displace each other. After that, the
 * statement runs once more, and then writes nothing. */
#include "fcgi/seen.h"

#include <stdio.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/db.h"
#include "shared/session.h"

enum { SLOTS = 1024 };

static struct {
	struct uuid user_id;
	int64_t at_ms;
} noted[SLOTS];

/* Ids are random, or near enough. */
static unsigned
slot_of(const char *id)
{
	unsigned hash = 0;

	for (; *id; id++)
		hash = hash * 31 + (unsigned char)*id;
	return hash % SLOTS;
}

void
seen_learn(const char *user_id, int64_t at_ms)
{
	unsigned slot = slot_of(user_id);

	snprintf(noted[slot].user_id.text, sizeof(noted[slot].user_id.text), "%s",
		 user_id);
	noted[slot].at_ms = at_ms;
}

void
seen_note(struct req *rq)
{
	unsigned slot = slot_of(rq->user_id);
	int64_t now = clock_now_ms();
	struct db_call call;
	struct rows rows;

	if (strcmp(noted[slot].user_id.text, rq->user_id) == 0 &&
	    now - noted[slot].at_ms < SEEN_EVERY_MS && now >= noted[slot].at_ms)
		return;
	call = seen_call(rq->arena, rq->user_id);
	if (db_query(rq->app->db, rq->arena, &call, &rows) != OK)
		return; /* logged already, and the request can do without */
	seen_learn(rq->user_id, now);
}
