/* resume.c -- see resume.h. */
#include "broker/resume.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/join.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/log.h"

void
resumes_init(struct resumes *rs)
{
	*rs = (struct resumes){};
	list_init(&rs->queue);
	list_init(&rs->kept);
}

/* ---- pages --------------------------------------------------------------- */

static void
unpin(struct page *p)
{
	if (p->has_pin)
		ring_detach(&p->room->ring, &p->pin);
	p->has_pin = false;
}

static void
page_free(struct page *p)
{
	unpin(p);
	list_remove(&p->in_room);
	list_remove(&p->in_queue);
	p->broker->resumes.bytes -= p->len;
	free(p->data);
	free(p->exits);
	free(p);
}

static void
free_if_unused(struct page *p)
{
	if (p->state != PAGE_READING && !p->is_busy && list_is_empty(&p->readers))
		page_free(p);
}

static struct page *
page_new(struct listener *l)
{
	struct broker *b = l->conn->broker;
	struct live_room *room = l->room;
	struct page *p = xcalloc(1, sizeof(*p));

	p->broker = b;
	p->room = room;
	p->visible_from = listener_visible_from(l);
	p->shown_from = INT64_MAX;
	p->after = p->last = l->seq;
	list_init(&p->in_queue);
	list_init(&p->in_room);
	list_init(&p->readers);
	list_add(&room->pages, &p->in_room);
	list_add(&b->resumes.queue, &p->in_queue);
	return p;
}

/* For a page that is not read yet this is decided when it arrives. */
static bool
is_for(const struct page *p, const struct listener *l)
{
	int64_t from = listener_visible_from(l);

	return (p->veiled_to == 0 || p->veiled_to < from) && from <= p->shown_from;
}

/* One page for all listeners that ask for the same. */
static struct page *
page_for(struct broker *b, struct listener *l)
{
	LIST_EACH(&l->room->pages, item) {
		struct page *p = CONTAINER(item, struct page, in_room);

		if (p->after == l->seq && !p->is_stale && is_for(p, l) &&
		    (p->state != PAGE_READ || b->clock_ms - p->read_ms < RESUME_SHARE_MS))
			return p;
	}
	return page_new(l);
}

void
resume_forget(struct live_room *room)
{
	LIST_EACH(&room->pages, item) {
		struct page *p = CONTAINER(item, struct page, in_room);

		p->is_stale = p->state != PAGE_QUEUED;
	}
}

void
resume_leave(struct listener *l)
{
	struct page *p = l->page;

	if (!p)
		return;
	list_remove(&l->in_page);
	l->page = NULL;
	free_if_unused(p);
}

void
resume_room_gone(struct live_room *room)
{
	LIST_EACH(&room->pages, item) {
		struct page *p = CONTAINER(item, struct page, in_room);

		unpin(p);
		p->room = NULL;
		list_remove(item);
	}
}

void
resume_check_pins(struct live_room *room)
{
	LIST_EACH(&room->pages, item) {
		struct page *p = CONTAINER(item, struct page, in_room);

		if (p->has_pin && ring_lag(&room->ring, &p->pin) > RESUME_PIN_MAX)
			unpin(p);
	}
}

/* ---- from page to page, to the ring -------------------------------------- */

/* A hole in the log: the missing events cannot be delivered, and must not be skipped
 * silently. */
static void
begin_anew(struct listener *l)
{
	log_event(LOG_ERROR, "log.hole", LOG_S("room_id", l->room->id.text),
		  LOG_I("after", l->seq));
	resume_leave(l);
	l->seq = room_seq(l->room);
	join_again(l);
	listener_go_live(l);
}

/* An empty page that does not reach the ring, which has moved on meanwhile. */
static void
read_on(struct listener *l)
{
	l->page->is_stale = true;
	resume_go(l->conn->broker, l);
}

/* The ring has an event after this place that the listener may have to get veiled. */
static bool
is_veiled_ahead(const struct listener *l)
{
	return listener_visible_from(l) > 0 && l->seq < l->room->veiled_seq;
}

/* The page is here. A listener whose page meets the ring goes over to it now, while the
 * ring still has everything since the page was queried. */
static void
arrived(struct listener *l)
{
	struct page *p = l->page;
	bool meets_ring =
		p->has_pin ? p->last + 1 >= p->pin.seq : p->last >= room_seq(l->room);

	if (!is_for(p, l)) {
		resume_go(l->conn->broker, l);
		return;
	}
	for (int i = 0; i < p->exit_count; i++)
		if (p->exits[i].seq > l->since &&
		    strcmp(p->exits[i].user_id.text, l->conn->visitor->id.text) == 0) {
			fanout_put_out(l, p->exits[i].reason);
			return;
		}
	l->page_at = 0;
	l->seq = p->last;
	if ((meets_ring && !is_veiled_ahead(l)) || resume_is_recent(l))
		listener_go_live(l);
	else if (p->has_pin && p->is_end && !meets_ring)
		begin_anew(l);
	else if (p->len > 0)
		outbox_ready(l);
	else
		read_on(l);
}

bool
resume_is_recent(const struct listener *l)
{
	return l->seq >= room_seq(l->room) ||
	       (ring_covers(&l->room->ring, l->seq + 1) && !is_veiled_ahead(l));
}

void
resume_go(struct broker *b, struct listener *l)
{
	int64_t from = listener_visible_from(l);

	resume_leave(l);
	if (l->seq + 1 < from)
		l->seq = from - 1; /* earlier events are not visible to them */
	if (resume_is_recent(l)) {
		listener_go_live(l);
		return;
	}
	l->page = page_for(b, l);
	list_add(&l->page->readers, &l->in_page);
	if (l->page->state == PAGE_READ)
		arrived(l);
}

struct bytes
resume_peek(const struct listener *l)
{
	const struct page *p = l->page;

	if (!p || p->state != PAGE_READ)
		return (struct bytes){};
	return (struct bytes){ p->data + l->page_at, p->len - l->page_at };
}

void
resume_advance(struct broker *b, struct listener *l, size_t bytes)
{
	l->page_at += bytes;
	if (l->page_at < l->page->len)
		return;
	if (l->state == LISTENER_LIVE)
		resume_leave(l);
	else
		resume_go(b, l);
}

/* ---- reading ------------------------------------------------------------- */

static void
add_frame(struct page *p, struct bytes frame, size_t *cap)
{
	if (p->len + frame.len > *cap) {
		*cap = 2 * (p->len + frame.len);
		p->data = xrealloc(p->data, *cap);
	}
	memcpy(p->data + p->len, frame.data, frame.len);
	p->len += frame.len;
}

static void
add_exit(struct page *p, const struct event *e, const char *reason)
{
	struct page_exit *x;

	p->exits = xrealloc(p->exits, (size_t)(p->exit_count + 1) * sizeof(*p->exits));
	x = &p->exits[p->exit_count++];
	*x = (struct page_exit){ .seq = e->seq, .reason = reason };
	strncpy(x->user_id.text, e->subject.id, sizeof(x->user_id.text) - 1);
}

static void
veil(struct page *p, struct event *e)
{
	if (roomlog_is_veiled(e, p->visible_from)) {
		*e = roomlog_veil(e);
		if (e->target_seq > p->veiled_to)
			p->veiled_to = e->target_seq;
	} else if (roomlog_may_be_veiled(e) && e->target_seq < p->shown_from) {
		p->shown_from = e->target_seq;
	}
}

static void
fill(struct page *p, const struct rows *rows)
{
	struct broker *b = p->broker;
	size_t cap = 0;

	p->is_end = rows->count < RESUME_PAGE_EVENTS;
	for (int i = 0; i < rows->count; i++) {
		struct event e;
		const char *reason;

		roomlog_event_from(rows, i, 0, p->room->id.text, &e);
		if (e.seq != p->last + 1) {
			p->is_end = true; /* a hole: the next page finds it again */
			break;
		}
		reason = fanout_exit_reason(b, &e);
		if (reason)
			add_exit(p, &e, reason);
		veil(p, &e);
		add_frame(p, frame_event(b->turn, store_instance(b->store), &e), &cap);
		p->last = e.seq;
	}
	b->resumes.bytes += p->len;
}

static void
read_again(struct page *p)
{
	unpin(p);
	p->state = PAGE_QUEUED;
	list_add(&p->broker->resumes.queue, &p->in_queue);
}

/* Each reader may leave the page at once, and other readers of the room with it. */
static void
hand_out(struct page *p, void (*fn)(struct listener *l))
{
	struct link readers;

	p->is_busy = true;
	list_init(&readers);
	LIST_EACH(&p->readers, item)
		list_add(&readers, item);
	for (struct link *first; (first = list_first(&readers));) {
		list_add(&p->readers, first);
		fn(CONTAINER(first, struct listener, in_page));
	}
	p->is_busy = false;
}

static void
on_page(void *arg, enum err err, const struct rows *rows)
{
	struct page *p = arg;

	p->broker->resumes.reads--;
	p->state = PAGE_READ;
	p->read_ms = p->broker->clock_ms;
	list_add(&p->broker->resumes.kept, &p->in_queue);
	if (p->room && !list_is_empty(&p->readers)) {
		if (err == ERR_UNAVAILABLE) {
			read_again(p);
			return;
		}
		if (err == OK)
			fill(p, &rows[0]);
		hand_out(p, err == OK ? arrived : begin_anew);
	}
	unpin(p);
	free_if_unused(p);
}

/* ---- who does not take it ------------------------------------------------- */

static bool
holds_page(const struct conn *c)
{
	LIST_EACH(&c->listeners, item)
		if (resume_peek(CONTAINER(item, struct listener, in_conn)).len > 0)
			return true;
	return false;
}

/* Has some reader's connection sent everything so far, or does it hold no other
 * page? */
static bool
is_wanted(const struct page *p)
{
	LIST_EACH(&p->readers, item) {
		const struct conn *c = CONTAINER(item, struct listener, in_page)->conn;

		if (c->out.kept == 0 || !holds_page(c))
			return true;
	}
	return false;
}

static void
park(struct listener *l)
{
	l->conn->out.has_parked = true;
	resume_leave(l);
}

void
resume_unpark(struct conn *c)
{
	if (!c->out.has_parked)
		return;
	c->out.has_parked = false;
	LIST_EACH(&c->listeners, item) {
		struct listener *l = CONTAINER(item, struct listener, in_conn);

		if (l->state == LISTENER_CATCHING_UP && !l->page)
			resume_go(c->broker, l);
		if (!conn_is_open(c))
			return; /* and its listeners have gone */
	}
}

/* The next page that a reader could be sent now; NULL: there is none. */
static struct page *
next_wanted(struct resumes *rs)
{
	for (struct link *first; (first = list_first(&rs->queue));) {
		struct page *p = CONTAINER(first, struct page, in_queue);

		if (is_wanted(p))
			return p;
		hand_out(p, park);
		free_if_unused(p);
	}
	return NULL;
}

static void
put_back(struct listener *l)
{
	const struct page *p = l->page;

	l->seq = p->after;
	for (size_t at = 0; at < l->page_at; at += frame_size(p->data + at))
		l->seq++;
	if (l->state == LISTENER_LIVE)
		listener_back_to_pages(l);
	if (l->conn->out.kept > 0)
		park(l);
	else
		resume_go(l->conn->broker, l);
}

/* Is there space for another page, or can it be freed? */
static bool
has_room(struct broker *b)
{
	struct link *first;

	while (b->resumes.bytes >= RESUME_BYTES_MAX &&
	       (first = list_first(&b->resumes.kept))) {
		struct page *p = CONTAINER(first, struct page, in_queue);

		if (b->clock_ms - p->read_ms < RESUME_HOLD_MS)
			return false;
		p->is_stale = true;
		hand_out(p, put_back);
		page_free(p);
	}
	return b->resumes.bytes < RESUME_BYTES_MAX;
}

void
resumes_kick(struct broker *b)
{
	struct resumes *rs = &b->resumes;
	struct page *p;

	while (rs->reads < RESUME_READS_MAX && store_is_up(b->store, LINE_PAGE) &&
	       (p = next_wanted(rs)) && has_room(b)) {
		const struct db_call call = roomlog_after_call(
			b->turn, p->room->no, p->after, RESUME_PAGE_EVENTS);

		if (store_send(b->store, LINE_PAGE, &call, 1, on_page, p) != OK)
			return;
		list_remove(&p->in_queue);
		p->state = PAGE_READING;
		rs->reads++;
		ring_attach_end(&p->room->ring, &p->pin);
		p->has_pin = true;
	}
}
