/* lanes.c -- see lanes.h. */
#include "broker/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "shared/die.h"

struct lane {
	struct table_node node;
	struct link in_active;
	struct link posts;
	int64_t rest_until_ms; /* 0: it does not rest */
	struct uuid room_id;
};

/* Posts that a lane gives before it is the next one's turn. */
enum { SHARE = 64 };

void
lanes_init(struct lanes *ls)
{
	table_init(&ls->by_room);
	list_init(&ls->active);
	ls->posts = ls->bytes = 0;
	ls->limit = ROOMLOG_BATCH_MAX;
	ls->has_impatient = false;
}

/* ---- posts --------------------------------------------------------------- */

static size_t
size_of(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static const char *
copy(char **to, const char *s)
{
	char *begin = *to;

	if (!s)
		return NULL;
	*to = stpcpy(begin, s) + 1;
	return begin;
}

struct post *
post_new(const struct draft *d, const char *ref)
{
	size_t size = sizeof(struct post) + size_of(d->room_id) + size_of(d->sender_id) +
		      size_of(d->client_id) + size_of(d->text) + size_of(d->data) +
		      size_of(d->logins) + size_of(d->file_id) + size_of(ref);
	struct post *p = xcalloc(1, size);
	char *to = (char *)(p + 1);

	list_init(&p->in_lane);
	p->size = size;
	p->draft = *d;
	p->draft.room_id = copy(&to, d->room_id);
	p->draft.sender_id = copy(&to, d->sender_id);
	p->draft.client_id = copy(&to, d->client_id);
	p->draft.text = copy(&to, d->text);
	p->draft.data = copy(&to, d->data);
	p->draft.logins = copy(&to, d->logins);
	p->draft.file_id = copy(&to, d->file_id);
	p->ref = copy(&to, ref);
	return p;
}

void
post_free(struct post *p)
{
	free(p);
}

/* ---- lanes --------------------------------------------------------------- */

static struct lane *
lane_of(struct lanes *ls, const char *room_id)
{
	struct table_node *n = table_find(&ls->by_room, room_id);
	struct lane *lane;

	if (n)
		return CONTAINER(n, struct lane, node);
	lane = xcalloc(1, sizeof(*lane));
	strncpy(lane->room_id.text, room_id, sizeof(lane->room_id.text) - 1);
	list_init(&lane->posts);
	list_init(&lane->in_active);
	list_add(&ls->active, &lane->in_active);
	table_add(&ls->by_room, &lane->node, lane->room_id.text);
	return lane;
}

static void
lane_free(struct lanes *ls, struct lane *lane)
{
	list_remove(&lane->in_active);
	table_remove(&ls->by_room, &lane->node);
	free(lane);
}

static void
count(struct lanes *ls, const struct post *p, int sign)
{
	if (sign > 0) {
		ls->posts++;
		ls->bytes += p->size;
	} else {
		ls->posts--;
		ls->bytes -= p->size;
	}
}

void
lanes_put(struct lanes *ls, struct post *p)
{
	list_add(&lane_of(ls, p->draft.room_id)->posts, &p->in_lane);
	count(ls, p, 1);
}

bool
lanes_have(const struct lanes *ls, const char *room_id, uint64_t conn_id)
{
	struct table_node *n = table_find(&ls->by_room, room_id);

	if (!n)
		return false;
	LIST_EACH(&CONTAINER(n, struct lane, node)->posts, item)
		if (CONTAINER(item, struct post, in_lane)->conn_id == conn_id)
			return true;
	return false;
}

static int
take_from(struct lanes *ls, struct lane *lane, int max, struct post *out[])
{
	int taken = 0;

	while (taken < max && !list_is_empty(&lane->posts)) {
		struct post *p =
			CONTAINER(list_first(&lane->posts), struct post, in_lane);

		list_remove(&p->in_lane);
		count(ls, p, -1);
		out[taken++] = p;
	}
	return taken;
}

/* One round: each lane that does not rest gives its share. */
static int
take_round(struct lanes *ls, int64_t now_ms, int max, struct post *out[])
{
	struct link later;
	int taken = 0;

	list_init(&later);
	LIST_EACH(&ls->active, item) {
		struct lane *lane = CONTAINER(item, struct lane, in_active);
		int share = max - taken < SHARE ? max - taken : SHARE;

		if (taken == max)
			break;
		if (lane->rest_until_ms > now_ms)
			continue;
		lane->rest_until_ms = 0;
		taken += take_from(ls, lane, share, out + taken);
		if (list_is_empty(&lane->posts))
			lane_free(ls, lane);
		else
			list_add(&later, item);
	}
	LIST_EACH(&later, item)
		list_add(&ls->active, item);
	return taken;
}

static struct post *
front_of(const struct lane *lane)
{
	return CONTAINER(list_first(&lane->posts), struct post, in_lane);
}

/* The posts of the first lane that has rested too often; 0: none is due now. */
static int
take_impatient(struct lanes *ls, int64_t now_ms, struct post *out[])
{
	int taken;

	ls->has_impatient = false;
	LIST_EACH(&ls->active, item) {
		struct lane *lane = CONTAINER(item, struct lane, in_active);

		if (front_of(lane)->rests < LANE_RESTS_MAX)
			continue;
		ls->has_impatient = true;
		if (lane->rest_until_ms > now_ms)
			continue;
		lane->rest_until_ms = 0;
		taken = take_from(ls, lane, ls->limit, out);
		if (list_is_empty(&lane->posts))
			lane_free(ls, lane);
		return taken;
	}
	return 0;
}

int
lanes_take(struct lanes *ls, int64_t now_ms, struct post *out[ROOMLOG_BATCH_MAX],
	   bool *is_impatient)
{
	int taken = ls->has_impatient ? take_impatient(ls, now_ms, out) : 0, got;

	*is_impatient = taken > 0;
	if (*is_impatient)
		return taken;
	do {
		got = take_round(ls, now_ms, ls->limit - taken, out + taken);
		taken += got;
	} while (got > 0 && taken < ls->limit);
	return taken;
}

void
lanes_return(struct lanes *ls, struct post *const posts[], int n)
{
	while (n-- > 0) {
		struct lane *lane = lane_of(ls, posts[n]->draft.room_id);

		list_add_first(&lane->posts, &posts[n]->in_lane);
		list_add_first(&ls->active, &lane->in_active);
		count(ls, posts[n], 1);
	}
}

void
lanes_succeeded(struct lanes *ls)
{
	ls->limit = ls->limit * 2 < ROOMLOG_BATCH_MAX ? ls->limit * 2 : ROOMLOG_BATCH_MAX;
}

void
lanes_refused(struct lanes *ls, int n)
{
	ls->limit = n > 1 ? n / 2 : ROOMLOG_BATCH_MAX;
}

void
lanes_rest(struct lanes *ls, const char *room_id, int64_t now_ms)
{
	struct lane *lane = lane_of(ls, room_id);

	if (lane->rest_until_ms > now_ms) /* called for each of its posts */
		return;
	lane->rest_until_ms = now_ms + LANE_REST_MS;
	if (++front_of(lane)->rests >= LANE_RESTS_MAX)
		ls->has_impatient = true;
}

void
lanes_calm(struct lanes *ls, const char *room_id)
{
	front_of(lane_of(ls, room_id))->rests = 0;
}

int64_t
lanes_next_ms(const struct lanes *ls)
{
	int64_t next = -1;

	LIST_EACH(&ls->active, item) {
		struct lane *lane = CONTAINER(item, struct lane, in_active);

		if (lane->rest_until_ms && (next < 0 || lane->rest_until_ms < next))
			next = lane->rest_until_ms;
	}
	return next;
}

void
lanes_expire(struct lanes *ls, int64_t before_ms, void (*drop)(struct post *p, void *arg),
	     void *arg)
{
	LIST_EACH(&ls->active, lane_item) {
		struct lane *lane = CONTAINER(lane_item, struct lane, in_active);

		LIST_EACH(&lane->posts, item) {
			struct post *p = CONTAINER(item, struct post, in_lane);

			if (p->since_ms >= before_ms)
				continue;
			list_remove(item);
			count(ls, p, -1);
			drop(p, arg);
		}
		if (list_is_empty(&lane->posts))
			lane_free(ls, lane);
	}
}

void
lanes_done(struct lanes *ls, void (*drop)(struct post *p, void *arg), void *arg)
{
	lanes_expire(ls, INT64_MAX, drop, arg);
	table_done(&ls->by_room);
}
