/* writer.c -- see writer.h. */
#include "broker/writer.h"

#include <string.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/store.h"
#include "shared/clock.h"
#include "shared/log.h"

enum { RETRY_MS = 50 };

void
writer_init(struct writer *w)
{
	*w = (struct writer){};
	lanes_init(&w->lanes);
}

static void
drop(struct post *p, void *arg)
{
	struct broker *b = arg;
	struct conn *c = conns_find(&b->conns, p->conn_id);

	if (c)
		c->posting--;
	visitor_unref(&b->people, p->author);
	post_free(p);
}

void
writer_done(struct broker *b)
{
	struct writer *w = &b->writer;

	for (int i = 0; i < w->batch_count; i++)
		drop(w->batch[i], b);
	lanes_done(&w->lanes, drop, b);
}

bool
writer_is_idle(const struct writer *w)
{
	return w->batch_count == 0 && w->lanes.posts == 0;
}

enum err
writer_post(struct conn *c, const struct draft *draft, const char *ref)
{
	struct broker *b = c->broker;
	struct lanes *lanes = &b->writer.lanes;
	struct post *p;

	if (store_is_lost(b->store) || lanes->posts >= WRITER_POSTS_MAX ||
	    lanes->bytes >= WRITER_BYTES_MAX)
		return ERR_UNAVAILABLE;
	p = post_new(draft, ref);
	p->conn_id = c->id;
	p->author = visitor_ref(c->visitor);
	p->since_ms = b->clock_ms;
	lanes_put(lanes, p);
	c->posting++;
	return OK;
}

bool
writer_is_posting(const struct writer *w, const struct conn *c, const char *room_id)
{
	if (c->posting == 0 || !room_id)
		return c->posting > 0;
	for (int i = 0; i < w->batch_count; i++)
		if (w->batch[i]->conn_id == c->id &&
		    strcmp(w->batch[i]->draft.room_id, room_id) == 0)
			return true;
	return lanes_have(&w->lanes, room_id, c->id);
}

/* ---- what becomes of a post ---------------------------------------------- */

static void
send_ack(struct broker *b, const struct post *p, const struct appended *done)
{
	struct conn *c = conns_find(&b->conns, p->conn_id);
	struct arena *a = b->turn;
	struct uuid id;
	struct json *o;

	if (!c || !conn_is_open(c))
		return;
	uuid_of_message(store_instance(b->store)->id_key, (uint64_t)done->room_no,
			(uint64_t)done->seq, &id);
	o = frame_object(a, "ack", p->ref);
	json_put_text(o, "client_id",
		      *p->draft.client_id == ROOMLOG_OWN_KEY ? NULL : p->draft.client_id);
	json_put_text(o, "id", id.text);
	json_put_text(o, "room_id", p->draft.room_id);
	json_put_int(o, "seq", done->seq);
	json_put_time(o, "created_at", done->created_at);
	outbox_push(c, frame_json(a, o));
}

static void
send_error(struct broker *b, const struct post *p, enum err e, const struct problem *why)
{
	struct conn *c = conns_find(&b->conns, p->conn_id);

	b->metrics.refused++;
	if (c)
		conn_error(c, p->ref, p->draft.room_id, e, why);
}

static void
give_up(struct post *p, void *arg)
{
	struct broker *b = arg;
	struct problem why = { .retry_after_s = conn_retry_after_s(b) };

	send_error(b, p, ERR_UNAVAILABLE, &why);
	drop(p, b);
}

static void
settle(struct broker *b, struct post *p, const struct appended *done)
{
	struct problem why = {};
	enum err e = append_problem(done, &why);

	if (e != OK) {
		send_error(b, p, e, &why);
	} else {
		b->metrics.committed++;
		metrics_time(&b->metrics.post_us, (b->clock_ms - p->since_ms) * 1000);
		send_ack(b, p, done);
		fanout_committed(b, p, done);
	}
	drop(p, b);
}

/* ---- what becomes of a batch --------------------------------------------- */

static const struct draft *
drafts_of(struct broker *b, struct post *const batch[], int count)
{
	struct draft *drafts = ARENA_ARRAY(b->turn, struct draft, (size_t)count);

	for (int i = 0; i < count; i++)
		drafts[i] = batch[i]->draft;
	return drafts;
}

/* Posts of locked rooms go back to their lanes, in their order. The others move up,
 * with their answers; returns how many remain. */
static int
return_busy(struct broker *b, struct post *batch[], int count, struct appended done[])
{
	struct lanes *lanes = &b->writer.lanes;
	struct post **busy = ARENA_ARRAY(b->turn, struct post *, (size_t)count);
	int busy_count = 0, kept = 0;

	for (int i = 0; i < count; i++) {
		if (done[i].result == APPEND_BUSY) {
			busy[busy_count++] = batch[i];
			continue;
		}
		batch[kept] = batch[i];
		done[kept++] = done[i];
	}
	lanes_return(lanes, busy, busy_count);
	for (int i = 0; i < busy_count; i++)
		lanes_rest(lanes, busy[i]->draft.room_id, b->clock_ms);
	return kept;
}

static void send_next(struct broker *b);

/* If much waits already, the database gets its next batch before this one's answers are
 * delivered, so that it works meanwhile. */
static void
take_answers(struct broker *b, const struct rows *rows, int count)
{
	struct writer *w = &b->writer;
	struct appended *done = ARENA_ARRAY(b->turn, struct appended, (size_t)count);
	struct post **batch =
		arena_memdup(b->turn, w->batch, sizeof(*batch) * (size_t)count);

	roomlog_append_read(b->turn, rows, drafts_of(b, batch, count), count, done);
	lanes_succeeded(&w->lanes);
	count = return_busy(b, batch, count, done);
	if (w->lanes.posts >= WRITER_PLENTY)
		send_next(b);
	for (int i = 0; i < count; i++)
		settle(b, batch[i], &done[i]);
}

/* It may have been committed: repeat it with the same keys. */
static void
make_again(struct broker *b, struct post *const batch[], int count)
{
	lanes_return(&b->writer.lanes, batch, count);
	b->writer.retry_ms = b->clock_ms + RETRY_MS;
}

/* Somebody has held the lock longer than we may wait. */
static void
stop_waiting(struct broker *b, struct post *const batch[], int count)
{
	struct lanes *lanes = &b->writer.lanes;
	const char *room_id = batch[0]->draft.room_id;

	lanes_return(lanes, batch, count);
	lanes_calm(lanes, room_id);
	lanes_rest(lanes, room_id, b->clock_ms);
}

/* Refused for its data: halve the batch until the bad post is found. */
static void
divide(struct broker *b, struct post *const batch[], int count, enum err err)
{
	struct problem why = {};

	lanes_refused(&b->writer.lanes, count);
	if (count > 1) {
		lanes_return(&b->writer.lanes, batch, count);
		return;
	}
	send_error(b, batch[0], err == ERR_INVALID ? ERR_INVALID : ERR_INTERNAL, &why);
	drop(batch[0], b);
}

static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	struct writer *w = &b->writer;
	int count = w->batch_count;

	w->batch_count = 0;
	if (err == OK) {
		metrics_size(&b->metrics.batch_messages, count);
		metrics_time(&b->metrics.commit_us, clock_monotonic_us() - w->sent_us);
		take_answers(b, rows + w->is_waiting, count);
	} else if (err == ERR_UNAVAILABLE && w->is_waiting) {
		stop_waiting(b, w->batch, count);
	} else if (err == ERR_UNAVAILABLE) {
		make_again(b, w->batch, count);
	} else {
		divide(b, w->batch, count, err);
	}
}

/* ---- sending ------------------------------------------------------------- */

static void
send_batch(struct broker *b)
{
	struct writer *w = &b->writer;
	struct db_call calls[1 + ROOMLOG_APPEND_CALLS];
	int first = w->is_waiting ? 0 : 1;

	calls[0] = roomlog_wait_call(b->turn, WRITER_LOCK_MS);
	roomlog_append_calls(b->turn, drafts_of(b, w->batch, w->batch_count),
			     w->batch_count, !w->is_waiting, calls + 1);
	w->sent_ms = b->clock_ms;
	w->sent_us = clock_monotonic_us();
	if (store_send(b->store, LINE_WRITE, calls + first,
		       1 + ROOMLOG_APPEND_CALLS - first, on_answer, b) == OK)
		return;
	lanes_return(&w->lanes, w->batch, w->batch_count);
	w->batch_count = 0;
	w->retry_ms = b->clock_ms + RETRY_MS;
}

static void
send_next(struct broker *b)
{
	struct writer *w = &b->writer;

	w->batch_count = lanes_take(&w->lanes, b->clock_ms, w->batch, &w->is_waiting);
	if (w->batch_count > 0)
		send_batch(b);
}

void
writer_kick(struct broker *b)
{
	const struct writer *w = &b->writer;

	if (w->batch_count == 0 && w->lanes.posts > 0 && b->clock_ms >= w->retry_ms &&
	    store_is_up(b->store, LINE_WRITE))
		send_next(b);
}

int64_t
writer_next_ms(const struct broker *b)
{
	const struct writer *w = &b->writer;

	if (w->batch_count > 0 || w->lanes.posts == 0)
		return -1;
	return b->clock_ms < w->retry_ms ? w->retry_ms : lanes_next_ms(&w->lanes);
}

void
writer_tick(struct broker *b)
{
	struct writer *w = &b->writer;

	lanes_expire(&w->lanes, b->clock_ms - WRITER_WAIT_MS, give_up, b);
	if (w->batch_count > 0 && b->clock_ms - w->sent_ms > WRITER_ANSWER_MS)
		store_cut(b->store, LINE_WRITE);
}
