/* heads.c -- see heads.h. */
#include "broker/heads.h"

#include <stdlib.h>

#include "broker/broker.h"
#include "shared/die.h"

static int
by_no(const void *x, const void *y)
{
	const struct head *a = x, *b = y;

	return (a->no > b->no) - (a->no < b->no);
}

struct heads *
heads_new(struct broker *b, void (*on_done)(const struct heads *h, enum err err))
{
	struct heads *h = xmalloc(sizeof(*h));

	h->broker = b;
	h->on_done = on_done;
	h->count = 0;
	return h;
}

static void
on_rows(void *arg, enum err err, const struct rows *rows)
{
	struct heads *h = arg;

	for (int i = 0; err == OK && i < rows->count; i++) {
		const struct head key = { .no = rows_int(rows, i, 0) };
		struct head *found =
			bsearch(&key, h->items, (size_t)h->count, sizeof(key), by_no);

		if (found)
			found->seq = rows_int(rows, i, 1);
	}
	h->on_done(h, err);
	free(h);
}

bool
heads_ask(struct heads *h, enum store_line line)
{
	struct broker *b = h->broker;
	int64_t *nos = ARENA_ARRAY(b->turn, int64_t, (size_t)h->count);
	struct db_call call;

	qsort(h->items, (size_t)h->count, sizeof(h->items[0]), by_no);
	for (int i = 0; i < h->count; i++) {
		nos[i] = h->items[i].no;
		h->items[i].seq = -1;
	}
	call = roomlog_heads_call(b->turn, nos, h->count);
	if (store_send(b->store, line, &call, 1, on_rows, h) == OK)
		return true;
	free(h);
	return false;
}
