/* peers.c -- see peers.h. */
#include "broker/peers.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_words.h"
#include "broker/peers_store.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/wake.h"

/* A line that waits; one a room. */
struct rumour {
	struct table_node node;
	struct link in_waiting;
	int64_t number; /* that ends it; -1: the text is all there is */
	char text[];	/* "room <id>", or the whole line */
};

void
peers_init(struct peers *p)
{
	*p = (struct peers){};
	uuid_random(&p->id);
	table_init(&p->by_text);
	list_init(&p->waiting);
}

static void
forget(struct peers *p, struct rumour *r)
{
	table_remove(&p->by_text, &r->node);
	list_remove(&r->in_waiting);
	free(r);
}

static void
forget_all(struct peers *p)
{
	LIST_EACH(&p->waiting, item)
		forget(p, CONTAINER(item, struct rumour, in_waiting));
}

void
peers_done(struct peers *p)
{
	forget_all(p);
	table_done(&p->by_text);
}

/* ---- what is to be told -------------------------------------------------- */

/* NULL: nobody is to be told, or too much waits; what is lost is made up for. */
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
	list_add(&p->waiting, &r->in_waiting);
	table_add(&p->by_text, &r->node, r->text);
	return r;
}

void
peers_tell_room(struct broker *b, const char *room_id, int64_t seq)
{
	struct rumour *r;

	if (b->peers.others == 0)
		return;
	r = find_or_make(b, arena_printf(b->turn, "room %s", room_id));
	if (r && seq > r->number)
		r->number = seq;
}

void
peers_tell_typing(struct broker *b, const char *room_id, const char *user_id, bool on)
{
	struct rumour *r;

	if (b->peers.others == 0)
		return;
	r = find_or_make(b, bus_typing_words(b->turn, room_id, user_id));
	if (r)
		r->number = on;
}

void
peers_tell(struct broker *b, const char *text)
{
	struct wake_up w;

	if (b->peers.others == 0 || wake_parse(text, &w) != OK)
		return;
	if (w.kind == WAKE_ROOM)
		peers_tell_room(b, w.id.text, w.seq);
	else
		find_or_make(b, text);
}

/* Lost or not, it is made up for. */
static void
on_told(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;

	(void)err;
	(void)rows;
	b->peers.is_telling = false;
}

static const char *
whole(struct arena *a, const struct rumour *r)
{
	return r->number < 0 ? arena_strdup(a, r->text)
			     : arena_printf(a, "%s %lld", r->text, (long long)r->number);
}

/* On the line that listens: so our own are known as such, and not heard (dbq.c). */
void
peers_kick(struct broker *b)
{
	struct peers *p = &b->peers;
	struct db_call call;
	const char **texts;
	int count = 0;

	if (list_is_empty(&p->waiting) || p->is_telling || b->clock_ms < p->rest_ms ||
	    !store_is_up(b->store, LINE_READ))
		return;
	texts = ARENA_ARRAY(b->turn, const char *, p->by_text.count);
	LIST_EACH(&p->waiting, item)
		texts[count++] =
			whole(b->turn, CONTAINER(item, struct rumour, in_waiting));
	forget_all(p);
	p->rest_ms = b->clock_ms + PEERS_REST_MS;
	call = peers_tell_call(b->turn, texts, count);
	b->metrics.wakes_told += count;
	p->is_telling = store_send(b->store, LINE_READ, &call, 1, on_told, b) == OK;
}

int64_t
peers_next_ms(const struct broker *b)
{
	const struct peers *p = &b->peers;

	if (list_is_empty(&p->waiting) || p->is_telling ||
	    !store_is_up(b->store, LINE_READ))
		return -1;
	return p->rest_ms;
}

/* ---- who there is -------------------------------------------------------- */

static void
on_beat(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;
	struct peers *p = &b->peers;
	int others = p->others;
	bool is_new;

	p->is_beating = false;
	if (err != OK)
		return;
	peers_beat_read(&rows[0], &p->others, &is_new);
	p->has_row = true;
	if (is_new)
		presence_write_again(b);
	if (p->others != others)
		log_event(LOG_INFO, "peers", LOG_I("others", p->others));
	if (p->others == 0)
		forget_all(p);
}

void
peers_beat(struct broker *b)
{
	struct peers *p = &b->peers;
	struct db_call call;

	if (p->is_beating || b->draining)
		return;
	call = peers_beat_call(b->turn, p->id.text);
	p->is_beating = store_send(b->store, LINE_NOTE, &call, 1, on_beat, b) == OK;
}

/* If it does not get there, our row is forgotten in a while. */
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
