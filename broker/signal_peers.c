/* signal_peers.c -- see signal_peers.h.
 *
 *	signal <id> <part> <parts> <call> <from> <to> <a part of data>
 *	heard <id> */
#include "broker/signal_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/signal.h"
#include "shared/die.h"
#include "shared/text.h"

struct waiting {
	struct table_node node;
	struct link in_waiting;
	struct uuid id, room_id;
	uint64_t conn_id;
	char *ref;
	int64_t until_ms;
};

/* A line of another broker. */
struct part {
	struct uuid id, call_id, from, to;
	int number, count;
	const char *text;
};

void
signals_init(struct signals *ss)
{
	*ss = (struct signals){};
	table_init(&ss->by_id);
	list_init(&ss->waiting);
}

static void
forget(struct signals *ss, struct waiting *w)
{
	table_remove(&ss->by_id, &w->node);
	list_remove(&w->in_waiting);
	free(w->ref);
	free(w);
}

static void
drop_parts(struct signals *ss)
{
	free(ss->text);
	ss->text = NULL;
	ss->len = 0;
	ss->next_part = 0;
	ss->id = (struct uuid){};
}

void
signals_done(struct signals *ss)
{
	LIST_EACH(&ss->waiting, item)
		forget(ss, CONTAINER(item, struct waiting, in_waiting));
	drop_parts(ss);
	table_done(&ss->by_id);
}

bool
signal_has_peers(const struct broker *b)
{
	return b->peers.others > 0;
}

/* A lost line is not heard, and reported so after a while. */
static bool
tell(struct broker *b, const char *const *texts, int count)
{
	return bus_send(b, NULL, texts, count);
}

/* ---- out ----------------------------------------------------------------- */

/* At most SIGNAL_PART_BYTES, without splitting a character. */
static size_t
part_len(const char *text, size_t len)
{
	size_t fit = SIGNAL_PART_BYTES;

	if (len <= fit)
		return len;
	while ((text[fit] & 0xc0) == 0x80)
		fit--;
	return fit;
}

static int
cut(const char *data, size_t len, size_t out[])
{
	int count = 0;

	for (size_t at = 0; at < len; at += out[count++])
		out[count] = part_len(data + at, len - at);
	return count;
}

static bool
tell_parts(struct broker *b, const struct uuid *id, const struct call_part *from,
	   const struct call_part *to, const char *data, size_t len)
{
	size_t most = len / (SIGNAL_PART_BYTES - 4) + 1;
	size_t *lens = ARENA_ARRAY(b->turn, size_t, most);
	const char **texts = ARENA_ARRAY(b->turn, const char *, most);
	int count = cut(data, len, lens);

	for (int i = 0; i < count; data += lens[i++])
		texts[i] =
			arena_printf(b->turn, "signal %s %d %d %s %s %s %.*s", id->text,
				     i, count, from->call->id.text, from->user_id.text,
				     to->user_id.text, (int)lens[i], data);
	return tell(b, texts, count);
}

bool
signal_tell_peers(struct said *s, const struct call_part *from,
		  const struct call_part *to, const char *data, size_t len)
{
	struct broker *b = s->conn->broker;
	struct signals *ss = &b->signals;
	struct waiting *w;
	struct uuid id;

	uuid_random(&id);
	if (ss->by_id.count >= SIGNALS_WAITING_MAX ||
	    !tell_parts(b, &id, from, to, data, len))
		return false;
	w = xcalloc(1, sizeof(*w));
	w->id = id;
	w->room_id = from->call->room_id;
	w->conn_id = s->conn->id;
	w->ref = s->ref ? xstrdup(s->ref) : NULL;
	w->until_ms = b->clock_ms + SIGNAL_HEARD_MS;
	list_init(&w->in_waiting);
	list_add(&ss->waiting, &w->in_waiting);
	table_add(&ss->by_id, &w->node, w->id.text);
	return true;
}

void
signals_tick(struct broker *b)
{
	struct problem p = { .detail = SIGNAL_NOT_HERE };

	for (struct link *first; (first = list_first(&b->signals.waiting));) {
		struct waiting *w = CONTAINER(first, struct waiting, in_waiting);
		struct conn *c = conns_find(&b->conns, w->conn_id);

		if (w->until_ms > b->clock_ms)
			return;
		if (c)
			conn_error(c, w->ref, w->room_id.text, ERR_CONFLICT, &p);
		forget(&b->signals, w);
	}
}

/* ---- in ------------------------------------------------------------------ */

static bool
read_part(const char *text, struct part *out)
{
	int end = 0;

	*out = (struct part){};
	if (sscanf(text, "signal %36s %d %d %36s %36s %36s%n", out->id.text, &out->number,
		   &out->count, out->call_id.text, out->from.text, out->to.text,
		   &end) != 6 ||
	    text[end] != ' ')
		return false;
	out->text = text + end + 1;
	return true;
}

/* The next part of the signal being received, or the first of another. True: it is
 * complete. */
static bool
keep_part(struct broker *b, const struct part *p)
{
	struct signals *ss = &b->signals;
	size_t len = strlen(p->text);

	if (p->number == 0) {
		drop_parts(ss);
		ss->id = p->id;
	}
	if (strcmp(ss->id.text, p->id.text) != 0 || p->number != ss->next_part ||
	    ss->len + len > (size_t)b->config->max_signal_bytes) {
		drop_parts(ss);
		return false;
	}
	ss->text = xrealloc(ss->text, ss->len + len + 1);
	memcpy(ss->text + ss->len, p->text, len + 1);
	ss->len += len;
	ss->next_part++;
	return ss->next_part == p->count;
}

/* It becomes part of a frame verbatim, so it must be JSON, whoever sent it. */
static bool
is_json(const struct broker *b, const char *text, size_t len)
{
	struct json *value;

	return json_parse(b->turn, text, len, (int)b->config->max_json_depth, NULL,
			  &value) == OK;
}

static void
hand_on(struct broker *b, const struct part *p)
{
	const struct live_call *call = calls_find(&b->calls, p->call_id.text);
	const struct call_part *from = call ? live_call_part(call, p->from.text) : NULL;
	const struct call_part *to = call ? live_call_part(call, p->to.text) : NULL;
	const char *heard = arena_printf(b->turn, "heard %s", p->id.text);

	if (!from || !to || !call_part_is_in(from) || !call_part_is_in(to) ||
	    !is_json(b, b->signals.text, b->signals.len))
		return;
	if (signal_hand_over(b, from, to, b->signals.text) == SIGNAL_REACHED)
		tell(b, &heard, 1);
}

bool
signal_hear(struct broker *b, const char *text)
{
	struct part p;

	if (text_starts(text, "heard ")) {
		struct table_node *n = table_find(&b->signals.by_id, text + 6);

		if (n)
			forget(&b->signals, CONTAINER(n, struct waiting, node));
		return true;
	}
	if (!text_starts(text, "signal "))
		return false;
	if (read_part(text, &p) && keep_part(b, &p)) {
		hand_on(b, &p);
		drop_parts(&b->signals);
	}
	return true;
}
