#include "fcgi/page.h"

#include "fcgi/content.h"

const struct body page_query =
	BODY(struct page_query, PAGE_LIMIT_FIELD(struct page_query),
	     PAGE_CURSOR_FIELD(struct page_query, 100));

void
page_refuse_cursor(struct req *rq)
{
	content_note(rq, "cursor", "format", "Must be the `next` of an earlier page.");
}

void
page_check_place(struct req *rq, enum cursor_list list)
{
	const struct page_query *in = rq->query;
	struct page_place *place = ARENA_NEW(rq->arena, struct page_place);

	if (in->cursor &&
	    cursor_parse_id(rq->arena, list, in->cursor, &place->time, &place->id) != OK)
		page_refuse_cursor(rq);
	rq->checked = place;
}

int64_t
page_limit(const struct req *rq, int64_t asked)
{
	const struct config *c = &rq->app->config;
	int64_t limit = asked ? asked : c->default_page;

	return limit < c->max_page ? limit : c->max_page;
}

struct json *
page_json(struct arena *a, struct json *items, const char *next)
{
	struct json *page = json_object_in(a);

	json_put(page, "items", items);
	json_put_text(page, "next", next);
	return page;
}
