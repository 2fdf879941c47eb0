/* peers.c -- see peers.h. */
#include "broker/peers.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_postgres.h"
#include "broker/bus_words.h"
#include "broker/peers_store.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/wake.h"

#define SOMETHING_NEW "broker"

/* A waiting line; one per room. */
struct rumour {
	struct table_node node;
	struct link in_waiting;
	int64_t number; /* ends the line; -1: the text is all */
	char text[];	/* "room <id>", or the whole line */
};

void
peers_init(struct peers *p)
{
	*p = (struct peers){};
	uuid_random(&p->id);
	table_init(&p->by_text);
	list_init(&p->waiting);
	list_init(&p->later);
}

static void
forget(struct peers *p, struct rumour *r)
{
	table_remove(&p->by_text, &r->node);
	list_remove(&r->in_waiting);
	free(r);
}

static void
forget_all(struct peers *p, struct link *list)
{
	LIST_EACH(list, item)
		forget(p, CONTAINER(item, struct rumour, in_waiting));
}

void
peers_done(struct peers *p)
{
	forget_all(p, &p->waiting);
	forget_all(p, &p->later);
	table_done(&p->by_text);
}

/* ---- what is to be told -------------------------------------------------- */

/* NULL: there are no others, or too much waits; lost lines are made up for. */
static struct rumour *
find_or_make(struct broker *b, const char *text)
{
	struct peers *p = &b->peers;
	struct table_node *found;
	struct rumour *r;

	if (p->others == 0)
		return NULL;
	found = table_find(&p->by_text, text);
	if (found)
		return CONTAINER(found, struct rumour, node);
	if (p->by_text.count >= PEERS_WAITING_MAX)
		return NULL;
	r = xcalloc(1, sizeof(*r) + strlen(text) + 1);
	strcpy(r->text, text);
	r->number = -1;
	list_init(&r->in_waiting);
	table_add(&p->by_text, &r->node, r->text);
	return r;
}

/* What is sent soon anyway need not be sent later as well. */
static void
wait_in(struct peers *p, struct link *list, struct rumour *r)
{
	if (list_is_empty(&r->in_waiting) || list == &p->waiting)
		list_add(list, &r->in_waiting);
}

static void
tell_room(struct broker *b, struct link *list, const char *room_id, int64_t seq)
{
	struct rumour *r;

	if (b->peers.others == 0)
		return;
	r = find_or_make(b, arena_printf(b->turn, "room %s", room_id));
	if (!r)
		return;
	if (seq > r->number)
		r->number = seq;
	wait_in(&b->peers, list, r);
}

void
peers_tell_room(struct broker *b, const char *room_id, int64_t seq)
{
	tell_room(b, &b->peers.waiting, room_id, seq);
}

void
peers_tell_room_later(struct broker *b, const char *room_id, int64_t seq)
{
	tell_room(b, &b->peers.later, room_id, seq);
}

void
peers_tell_typing(struct broker *b, const struct uuid *room_id,
		  const struct uuid *user_id, bool on)
{
	const char *words, *line;
	struct rumour *r;

	if (b->peers.others == 0)
		return;
	words = bus_typing_words(b->turn, room_id->text, user_id->text);
	if (bus_carries(b)) { /* only to brokers with listeners */
		line = arena_printf(b->turn, "%s %d", words, on);
		(void)bus_send(b, room_id, &line, 1);
		return;
	}
	r = find_or_make(b, words);
	if (!r)
		return;
	r->number = on;
	wait_in(&b->peers, &b->peers.waiting, r);
}

void
peers_tell(struct broker *b, const char *text)
{
	struct wake_up w;
	struct rumour *r;

	if (b->peers.others == 0 || wake_parse(text, &w) != OK)
		return;
	if (w.kind == WAKE_ROOM)
		peers_tell_room(b, w.id.text, w.seq);
	else if ((r = find_or_make(b, text)))
		wait_in(&b->peers, &b->peers.waiting, r);
}

static const char *
whole(struct arena *a, const struct rumour *r)
{
	return r->number < 0 ? arena_strdup(a, r->text)
			     : arena_printf(a, "%s %lld", r->text, (long long)r->number);
}

static int
gather(struct arena *a, const struct link *list, const char **out)
{
	int count = 0;

	LIST_EACH(list, item)
		out[count++] = whole(a, CONTAINER(item, struct rumour, in_waiting));
	return count;
}

static bool
is_due(const struct broker *b, const struct link *list, int64_t rest_ms)
{
	return !list_is_empty(list) && b->clock_ms >= rest_ms;
}

void
peers_kick(struct broker *b)
{
	struct peers *p = &b->peers;
	bool now = is_due(b, &p->waiting, p->rest_ms);
	bool later = is_due(b, &p->later, p->later_ms);
	const char **lines;
	int count = 0;

	if ((!now && !later) || bus_is_busy(b))
		return;
	lines = ARENA_ARRAY(b->turn, const char *, p->by_text.count);
	if (now) {
		count = gather(b->turn, &p->waiting, lines);
		forget_all(p, &p->waiting);
		p->rest_ms = b->clock_ms + PEERS_REST_MS;
	}
	if (later) {
		count += gather(b->turn, &p->later, lines + count);
		forget_all(p, &p->later);
		p->later_ms = b->clock_ms + PEERS_LATER_MS;
	}
	if (bus_send(b, NULL, lines, count))
		b->metrics.wakes_told += count;
}

int64_t
peers_next_ms(const struct broker *b)
{
	const struct peers *p = &b->peers;
	int64_t next_ms = -1;

	if ((list_is_empty(&p->waiting) && list_is_empty(&p->later)) || bus_is_busy(b))
		return -1;
	if (!list_is_empty(&p->waiting))
		next_ms = p->rest_ms;
	if (!list_is_empty(&p->later) && (next_ms < 0 || p->later_ms < next_ms))
		next_ms = p->later_ms;
	return next_ms;
}

/* ---- who there is -------------------------------------------------------- */

/* Other brokers need not wait for their own next beat to see what is new in ours.
 * Brokers that do not hear Redis hear this too. */
static void
tell_of_us(struct broker *b, bool is_new)
{
	const char *const line = SOMETHING_NEW;
	struct peers *p = &b->peers;

	if (p->others > 0 && (is_new || p->hears != p->hears_said))
		(void)bus_postgres_send(b, &line, 1);
	p->hears_said = p->hears;
}

bool
peers_hear(struct broker *b, const char *text)
{
	if (strcmp(text, SOMETHING_NEW) != 0)
		return false;
	peers_beat(b);
	return true;
}

static void
on_beat(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	struct peers *p = &b->peers;
	int others = p->others, deaf = p->deaf;
	const char *bus_key;
	bool is_new;

	p->is_beating = false;
	if (err != OK)
		return;
	bus_key = peers_beat_read(&rows[0], &p->others, &p->deaf, &is_new);
	p->has_row = true;
	bus_take_key(b, bus_key);
	tell_of_us(b, is_new);
	if (is_new)
		presence_write_again(b);
	if (p->others != others || p->deaf != deaf)
		log_event(LOG_INFO, "peers", LOG_I("others", p->others),
			  LOG_S("told_by", bus_carries(b) ? "redis" : "notify"));
	if (p->others == 0) {
		forget_all(p, &p->waiting);
		forget_all(p, &p->later);
	}
	if (p->beats_again)
		peers_beat(b);
}

void
peers_beat(struct broker *b)
{
	struct peers *p = &b->peers;
	struct db_call call;

	p->beats_again = p->is_beating;
	if (p->is_beating || b->draining)
		return;
	p->hears = bus_hears(b);
	call = peers_beat_call(b->turn, p->id.text, p->hears);
	p->is_beating = store_send(b->store, LINE_NOTE, &call, 1, on_beat, b) == OK;
}

/* If it does not arrive, our row is deleted after a while. */
static void
on_left(void *arg, enum err err, const struct rows *rows)
{
	(void)arg;
	(void)err;
	(void)rows;
}

void
peers_leave(struct broker *b)
{
	struct db_call call = peers_leave_call(b->turn, b->peers.id.text);

	if (b->peers.has_row &&
	    store_send(b->store, LINE_NOTE, &call, 1, on_left, NULL) != OK)
		log_event(LOG_DEBUG, "peers.leave");
}
