/* broker.c -- see broker.h: the parts without file descriptors, and how a turn ends. */
#include "broker/broker.h"

#include "shared/clock.h"

void
broker_init(struct broker *b)
{
	b->turn = arena_new();
	broker_turn_begins(b);
	admission_init(b);
	conns_init(&b->conns, broker_clock_s(b));
	people_init(&b->people);
	rooms_init(&b->rooms);
	audience_init(&b->audience);
	activity_init(&b->activity);
	membership_init(&b->membership);
	calls_init(&b->calls);
	signals_init(&b->signals);
	list_init(&b->joins.resting);
	edits_init(&b->edits);
	receipts_init(&b->receipts);
	outboxes_init(&b->outboxes);
	b->bus = (struct bus){};
	peers_init(&b->peers);
	resumes_init(&b->resumes);
	typing_init(&b->typing, broker_clock_s(b));
	presence_init(&b->presence, broker_clock_s(b));
	writer_init(&b->writer);
}

void
broker_done(struct broker *b)
{
	writer_done(b);
	joins_done(b);
	edits_done(b);
	receipts_done(b);
	call_changes_done(b);
	calls_done(&b->calls);
	signals_done(&b->signals);
	rooms_done(&b->rooms);
	activity_done(&b->activity);
	audience_done(&b->audience);
	membership_done(&b->membership);
	presence_done(b);
	people_done(&b->people);
	peers_done(&b->peers);
	outboxes_done(&b->outboxes);
	conns_done(&b->conns);
	arena_free(b->turn);
}

void
broker_turn_begins(struct broker *b)
{
	b->now_ms = clock_now_ms();
	b->clock_ms = clock_monotonic_us() / 1000;
}

/* The database works while we write to sockets, so its batch is sent first. */
void
broker_turn_ends(struct broker *b)
{
	outboxes_spread(b);
	writer_kick(b);
	peers_kick(b);
	outboxes_flush(b);
	membership_kick(b);
	auth_kick(b);
	joins_kick(b);
	edits_kick(b);
	receipts_kick(b);
	call_changes_kick(b);
	calls_kick(b);
	resumes_kick(b);
	typing_kick(b);
	presence_kick(b);
	bus_flush(b);
	conns_bury(b);
	arena_reset(b->turn);
}

/* Each client is told a time of its own, but one frame per second of delay is
 * enough. */
void
broker_lost_database(struct broker *b)
{
	struct bytes frames[CONN_RETRY_MAX_S + 1] = {};
	struct problem p = { .detail = "The database is out of reach." };

	LIST_EACH(&b->conns.states[CONN_READY], item) {
		struct bytes *frame;

		p.retry_after_s = conn_retry_after_s(b);
		frame = &frames[p.retry_after_s];
		if (frame->len == 0)
			*frame = frame_error(b->turn, NULL, NULL, ERR_UNAVAILABLE, &p);
		outbox_push_later(CONTAINER(item, struct conn, in_state), *frame);
	}
}

void
broker_begin_anew(struct broker *b)
{
	calls_forget_all(&b->calls);
	conns_for_all(&b->conns, conn_close_retry);
}
