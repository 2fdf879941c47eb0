#include "fcgi/page.h"

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
