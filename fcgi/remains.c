/* remains.c -- clears away what removed accounts and rooms leave behind: in rooms.fcgi,
 * between requests, some at a time. See shared/removal.h. */
#include "fcgi/remains.h"
#include "fcgi/invites_store.h"

#include "shared/clock.h"
#include "shared/edits.h"
#include "shared/removal.h"
#include "shared/wake.h"

enum { EVERY_S = 5, AT_ONCE = 50, EVENTS_AT_ONCE = 2000, WHILE_MS = 100 };
enum { INVITES_EVERY_S = 3600, INVITES_AT_ONCE = 500 };

static void
wake(struct app *app, struct arena *a, const char *room_id, int64_t seq)
{
	struct uuid id;

	if (seq > 0 && uuid_parse(room_id, &id) == OK)
		wake_room(app->wake, app->db, a, &id, seq);
}

/* If one room stays locked for long, the others are left all the same. */
static enum err
leave_rooms(struct app *app, struct arena *a, int *out_count)
{
	struct remnant *remnants;
	enum err last = OK;
	int64_t seq;

	TRY(removal_memberships(app->db, a, AT_ONCE, out_count, &remnants));
	for (int i = 0; i < *out_count; i++) {
		enum err err = removal_leave(app->db, a, &remnants[i], &seq);

		if (err == OK)
			wake(app, a, remnants[i].room_id, seq);
		else
			last = err;
	}
	return last;
}

static enum err
erase_message(struct app *app, struct arena *a, const struct erasure *e, int64_t seq)
{
	const struct edit_of of = { .room_no = e->room_no,
				    .seq = seq,
				    .by_id = e->user_id };
	struct db_call calls[EDITS_CALLS];
	struct rows rows[EDITS_CALLS];
	struct edit_outcome outcome;

	edits_delete_calls(a, &of, calls);
	TRY(db_batch(app->db, a, calls, EDITS_CALLS, rows));
	edits_read(rows, &outcome);
	if (outcome.result == EDIT_OK)
		wake(app, a, outcome.room_id, outcome.seq);
	return OK;
}

/* The progress is noted after the work, which may be repeated. */
static enum err
erase_messages(struct app *app, struct arena *a, bool *out_more)
{
	struct erasure e;
	struct remark *remarks;
	int count = 0;
	enum err err = removal_next(app->db, a, &e);

	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	TRY(removal_messages(app->db, a, &e, AT_ONCE, &count, &remarks));
	for (int i = 0; i < count; i++)
		TRY(erase_message(app, a, &e, remarks[i].seq));
	*out_more = true;
	if (count > 0)
		return removal_walked(app->db, a, &e, remarks[count - 1].key);
	return removal_walk_on(app->db, a, &e);
}

static enum err
clear_accounts(struct app *app, struct arena *a, bool *out_more)
{
	int64_t until = clock_now_ms() + WHILE_MS;
	int count = 0;

	do {
		TRY(leave_rooms(app, a, &count));
		*out_more = count == AT_ONCE;
		if (count == 0)
			TRY(erase_messages(app, a, out_more));
	} while ((*out_more || count > 0) && clock_now_ms() < until);
	return removal_done(app->db, a);
}

static enum err
clear_rooms(struct app *app, struct arena *a, bool *out_more)
{
	return removal_rooms(app->db, a, EVENTS_AT_ONCE, out_more);
}

static enum err
clear_invites(struct app *app, struct arena *a, bool *out_more)
{
	int64_t count;

	TRY(invites_sweep(app->db, a, INVITES_AT_ONCE, &count));
	*out_more = count == INVITES_AT_ONCE;
	return OK;
}

const struct sweep remains_sweeps[] = {
	{ "removed_accounts", EVERY_S, clear_accounts },
	{ "removed_rooms", EVERY_S, clear_rooms },
	{ "room_invites", INVITES_EVERY_S, clear_invites },
	{},
};
