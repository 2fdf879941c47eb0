/* route.c -- see route.h. */
#include <string.h>

#include "fcgi/access.h"
#include "fcgi/content.h"
#include "fcgi/route.h"
#include "shared/text.h"

const char *
route_segment(const char **pattern, size_t *out_len)
{
	const char *segment = *pattern;

	if (*segment == '\0')
		return NULL;
	segment++; /* the slash */
	*out_len = strcspn(segment, "/");
	*pattern = segment + *out_len;
	return segment;
}

bool
route_segment_is_id(const char *segment, size_t len)
{
	static const char id[] = "id}";
	size_t id_len = sizeof(id) - 1;

	return len > id_len && strncmp(segment + len - id_len, id, id_len) == 0 &&
	       (segment[len - id_len - 1] == '_' || segment[len - id_len - 1] == '{');
}

/* Take a parameter's value; ids are put into canonical form. */
static bool
take_arg(struct req *rq, const char *segment, size_t len, const char *value,
	 const char **out)
{
	struct uuid id;

	if (!route_segment_is_id(segment, len)) {
		*out = value;
		return *value != '\0';
	}
	if (uuid_parse(value, &id) != OK)
		return false;
	*out = arena_strdup(rq->arena, id.text);
	return true;
}

/* The same number of segments, with the same words where the pattern has words. */
static bool
shape_matches(const struct req *rq, const char *pattern)
{
	size_t len, at = 0;

	for (const char *s; (s = route_segment(&pattern, &len)); at++)
		if (at == rq->segment_count ||
		    (*s != '{' && (strncmp(rq->segment[at], s, len) != 0 ||
				   rq->segment[at][len] != '\0')))
			return false;
	return at == rq->segment_count;
}

static bool
path_matches(struct req *rq, const char *pattern)
{
	const char *args[REQUEST_ARGS_MAX] = {};
	size_t len, at = 0, count = 0;

	if (!shape_matches(rq, pattern))
		return false;
	for (const char *s; (s = route_segment(&pattern, &len)); at++)
		if (*s == '{' && !take_arg(rq, s, len, rq->segment[at], &args[count++]))
			return false;
	memcpy(rq->arg, args, sizeof(args));
	return true;
}

/* The seeds call rooms chats; nothing else differs. */
static void
rename_chats(struct req *rq)
{
	if (rq->segment_count > 0 && strcmp(rq->segment[0], "chats") == 0)
		rq->segment[0] = "rooms";
}

static const char *
allow_of(struct arena *a, unsigned methods)
{
	struct strbuf b = { .arena = a };

	for (int m = 0; m < METHOD_OTHER; m++) {
		if (!(methods >> m & 1))
			continue;
		if (b.len)
			strbuf_puts(&b, ", ");
		strbuf_puts(&b, method_names[m]);
		if (m == GET)
			strbuf_puts(&b, ", HEAD");
		if (m == PUT)
			strbuf_puts(&b, ", PATCH");
	}
	return b.data;
}

enum route_match
route_find(const struct route *const tables[], struct req *rq, const char **out_allow)
{
	const struct route *found = NULL;
	const char *found_arg[REQUEST_ARGS_MAX];
	unsigned methods = 0;

	if (rq->is_api)
		rename_chats(rq);
	for (; *tables; tables++)
		for (const struct route *r = *tables; r->pattern; r++) {
			if (!rq->is_api && !(r->flags & ROUTE_EVERYWHERE))
				continue;
			if (!path_matches(rq, r->pattern))
				continue;
			methods |= 1u << r->method;
			if (r->method == rq->method) {
				found = r;
				memcpy(found_arg, rq->arg, sizeof(found_arg));
			}
		}
	if (methods == 0)
		return ROUTE_NO_PATH;
	if (!found) {
		*out_allow = allow_of(rq->arena, methods | 1u << OPTIONS);
		return ROUTE_NO_METHOD;
	}
	rq->route = found;
	memcpy(rq->arg, found_arg, sizeof(found_arg));
	return ROUTE_FOUND;
}

/* Authorise, count, validate, act. A bad token costs as much as a good one; otherwise
 * guessing would be free. */
static enum err
run(struct req *rq, struct reply *out)
{
	const struct route *route = rq->route;
	enum err access = access_check(rq, route->who);

	TRY(limit_request(rq, route->limit, route->cost, &out->limit));
	TRY(access);
	TRY(content_read(rq));
	return route->handler(rq, out);
}

static void
answer_options(struct reply *out, const char *allow)
{
	out->status = 204;
	out->allow = allow;
	out->preflight = true;
}

void
route_answer(const struct route *const tables[], struct req *rq, enum err head,
	     struct reply *out)
{
	const char *allow = NULL;
	enum err err;

	if (head != OK) {
		reply_problem(rq, out, head);
		return;
	}
	switch (route_find(tables, rq, &allow)) {
	case ROUTE_NO_PATH:
		reply_problem(rq, out, ERR_NOT_FOUND);
		return;
	case ROUTE_NO_METHOD:
		if (rq->method == OPTIONS)
			answer_options(out, allow);
		else
			reply_method_not_allowed(rq, out, allow);
		return;
	case ROUTE_FOUND:
		break;
	}
	err = run(rq, out);
	if (err != OK)
		reply_problem(rq, out, err);
}
