/* history.c -- reading a room: its messages, and its log for clients without a live
 * connection. A client that polls the log's end gets 304 after one cheap statement while
 * nothing has happened; a page of messages is not composed if it would be the same. */
#include <inttypes.h>
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/history_store.h"
#include "fcgi/message_answer.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/clock.h"
#include "shared/text.h"

/* Of a page without events: a client that has the room's last seq has everything that
 * happened there. Events name people, whose names and pictures change without one. */
static const char *
tag_of_end(struct req *rq, int64_t seq)
{
	return reply_etag_of_seq(rq, db_instance(rq->app->db)->epoch, seq);
}

static enum err
end_if_fresh(struct req *rq, int64_t after, struct reply *out, bool *out_fresh)
{
	const char *tag;
	int64_t seq;

	*out_fresh = false;
	if (!request_header(rq, "HTTP_IF_NONE_MATCH"))
		return OK;
	TRY(room_seq(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &seq));
	tag = tag_of_end(rq, seq);
	*out_fresh = after >= seq && reply_is_fresh(rq, tag);
	if (*out_fresh)
		reply_not_modified(out, tag);
	return OK;
}

/* ---- a place in the log -------------------------------------------------- */

#define AFTER_FIELDS(query, words)                                 \
	FIELD_TEXT(query, after, OPTIONAL, 1, 64, .about = words), \
		FIELD_TEXT(query, epoch, OPTIONAL, 1, 64,          \
			   .about = "The epoch to which `after` belongs.")

/* Where the client stopped reading. */
struct log_place {
	const char *epoch; /* NULL: not given */
	int64_t seq;
};

static struct log_place
place_of(struct req *rq, const char *after, const char *epoch)
{
	const char *dot = strchr(after, '.');
	struct log_place place = { .epoch = epoch };

	if (dot)
		place.epoch = arena_strndup(rq->arena, after, (size_t)(dot - after));
	if (text_to_int(dot ? dot + 1 : after, &place.seq) != OK || place.seq < 0)
		problem_field(&rq->problem, "after", "format",
			      "Must be a seq, or <epoch>.<seq>.");
	return place;
}

static bool
is_of_our_epoch(const struct req *rq, const struct log_place *place)
{
	return !place->epoch ||
	       strcmp(place->epoch, db_instance(rq->app->db)->epoch) == 0;
}

/* ---- messages ------------------------------------------------------------ */

struct history_query {
	struct body_head head;
	struct uuid room_id;
	int64_t before, around, limit;
	const char *after, *epoch;
};

#define HISTORY_FIELDS                                                            \
	FIELD_INT(struct history_query, before, OPTIONAL, 0, INT64_MAX,           \
		  .about = "Messages just before this seq."),                     \
		FIELD_INT(struct history_query, around, OPTIONAL, 0, INT64_MAX,   \
			  .about = "The message with this seq, and messages on "  \
				   "both sides of it."),                          \
		AFTER_FIELDS(struct history_query,                                \
			     "Messages just after this seq or <epoch>.<seq>. If " \
			     "the epoch is another one: the newest messages."),   \
		PAGE_LIMIT_FIELD(struct history_query)

static const struct body history_query = BODY(struct history_query, HISTORY_FIELDS);
static const struct body named_history_query =
	BODY(struct history_query, HISTORY_FIELDS,
	     FIELD_ID(struct history_query, room_id, REQUIRED, .also = "room,chat_id"));

/* Which way, and from where. */
struct direction {
	int side;
	struct log_place place;
};

static void
check_history(struct req *rq)
{
	const struct history_query *in = rq->query;
	struct direction *d = ARENA_NEW(rq->arena, struct direction);
	int given = 0;

	*d = (struct direction){ .side = HISTORY_NEWEST };
	if (body_given(&history_query, in, before)) {
		*d = (struct direction){ HISTORY_BEFORE, { .seq = in->before } };
		given++;
	}
	if (in->after) {
		*d = (struct direction){ HISTORY_AFTER,
					 place_of(rq, in->after, in->epoch) };
		given++;
	}
	if (body_given(&history_query, in, around)) {
		*d = (struct direction){ HISTORY_AROUND, { .seq = in->around } };
		given++;
	}
	if (given > 1)
		problem_field(&rq->problem, "after", "duplicate",
			      "Only one of before, after and around may be given.");
	rq->checked = d;
}

static struct json *
history_json(struct req *rq, const struct history *h)
{
	const struct db_instance *instance = db_instance(rq->app->db);
	struct json *o = json_object_in(rq->arena), *items = json_array_in(rq->arena);

	for (int i = 0; i < h->count; i++)
		json_push(items, message_answer(rq, &h->items[i]));
	json_put(o, "items", items);
	json_put_text(o, "epoch", instance->epoch);
	json_put_int(o, "seq", h->seq);
	json_put_bool(o, "has_before", h->has_before);
	json_put_bool(o, "has_after", h->has_after);
	return o;
}

/* The people who wrote the page, as it shows them. */
static int64_t
people_of(struct arena *a, const struct history *h)
{
	enum { SHOWN = 5 };
	const char **parts = ARENA_ARRAY(a, const char *, SHOWN *(size_t)h->count + 1);
	int count = 0;

	for (int i = 0; i < h->count; i++) {
		const struct person *p = &h->items[i].actor;
		const char *const shown[SHOWN] = { p->id, p->login, p->first_name,
						   p->last_name, p->avatar };

		if (i > 0 && p->id && h->items[i - 1].actor.id &&
		    strcmp(p->id, h->items[i - 1].actor.id) == 0)
			continue;
		memcpy(parts + count, shown, sizeof(shown));
		count += SHOWN;
	}
	return fingerprint(parts, count);
}

/* Everything that changes a page: the room's log; how far others have read; names and
 * pictures; and the session and the hour, with which URLs of files change. */
static const char *
tag_of_history(struct req *rq, const struct history *h)
{
	const struct receipts *r = &h->receipts;
	const char *moving = arena_printf(
		rq->arena, "%s.%d.%" PRId64 ".%" PRId64 ".%" PRIx64 ".%" PRId64 ".%.8s",
		db_instance(rq->app->db)->epoch, r->shown, r->read_seq, r->delivered_seq,
		(uint64_t)people_of(rq->arena, h), clock_now_ms() / (3600 * 1000),
		rq->session_id);

	return reply_etag_of_seq(rq, moving, h->seq);
}

static enum err
read_history(struct req *rq, const char *room_id, struct reply *out)
{
	const struct history_query *in = rq->query;
	const struct direction *d = rq->checked;
	struct history history;
	const char *tag;

	TRY(history_read(rq->app->db, rq->arena, rq->user_id, room_id, d->side,
			 d->place.seq, page_limit(rq, in->limit), &history));
	/* A seq of another epoch. Our epoch is certain only now that the database has
	 * answered. */
	if (!is_of_our_epoch(rq, &d->place))
		TRY(history_read(rq->app->db, rq->arena, rq->user_id, room_id,
				 HISTORY_NEWEST, 0, page_limit(rq, in->limit), &history));
	tag = tag_of_history(rq, &history);
	if (reply_is_fresh(rq, tag)) {
		reply_not_modified(out, tag);
		return OK;
	}
	reply_json(rq, out, 200, history_json(rq, &history));
	out->etag = tag;
	return OK;
}

static enum err
list_messages(struct req *rq, struct reply *out)
{
	return read_history(rq, rq->arg[0], out);
}

static enum err
list_messages_of_room(struct req *rq, struct reply *out)
{
	const struct history_query *in = rq->query;

	return read_history(rq, in->room_id.text, out);
}

/* ---- the log ------------------------------------------------------------- */

struct log_query {
	struct body_head head;
	const char *after, *epoch;
	int64_t limit;
};

static const struct body log_query =
	BODY(struct log_query,
	     AFTER_FIELDS(struct log_query, "A seq, or <epoch>.<seq>. Default: 0."),
	     PAGE_LIMIT_FIELD(struct log_query));

static void
check_log(struct req *rq)
{
	const struct log_query *in = rq->query;
	struct log_place *place = ARENA_NEW(rq->arena, struct log_place);

	*place = place_of(rq, in->after ? in->after : "0", in->epoch);
	rq->checked = place;
}

/* Never leaves a silent gap: after another epoch, a seq ahead of the log, or one from
 * before what is kept, the client has to read the room again. */
static bool
is_recovered(const struct req *rq, const struct log_place *at,
	     const struct log_page *page)
{
	return is_of_our_epoch(rq, at) && at->seq <= page->seq &&
	       at->seq >= page->first_seq - 1;
}

static struct json *
log_json(struct req *rq, const struct log_page *page, bool recovered)
{
	const struct db_instance *instance = db_instance(rq->app->db);
	struct json *o = json_object_in(rq->arena), *items = json_array_in(rq->arena);
	int count = recovered ? page->count : 0;

	for (int i = 0; i < count; i++)
		json_push(items, json_event(rq->arena, instance, &page->items[i]));
	json_put(o, "items", items);
	json_put_text(o, "epoch", instance->epoch);
	json_put_int(o, "seq", page->seq);
	json_put_bool(o, "more", count > 0 && page->items[count - 1].seq < page->seq);
	json_put_bool(o, "recovered", recovered);
	return o;
}

static enum err
list_log(struct req *rq, struct reply *out)
{
	const struct log_query *in = rq->query;
	const struct log_place *at = rq->checked;
	struct log_page page;
	struct json *body;
	bool fresh;

	TRY(end_if_fresh(rq, at->seq, out, &fresh));
	if (fresh)
		return OK;
	TRY(log_read(rq->app->db, rq->arena, rq->user_id, rq->arg[0], at->seq,
		     page_limit(rq, in->limit), &page));
	body = log_json(rq, &page, is_recovered(rq, at, &page));
	if (page.count > 0) {
		reply_json_tagged(rq, out, body);
		return OK;
	}
	reply_json(rq, out, 200, body);
	out->etag = tag_of_end(rq, page.seq);
	return OK;
}

const struct route history_routes[] = {
	{ GET, "/rooms/{id}/messages", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &history_query, .check = check_history, HANDLER(list_messages),
	  .tag = "messages", .summary = "Read the messages of a room, oldest first",
	  .about = "Returns the newest messages unless before, after or around is "
		   "given.",
	  .status = 200, .gives = "History" },
	{ GET, "/messages", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED | ROUTE_ALIAS,
	  .query = &named_history_query, .check = check_history,
	  HANDLER(list_messages_of_room), .tag = "messages",
	  .summary = "The same as /rooms/{id}/messages", .status = 200,
	  .gives = "History", FAILS(404) },
	{ GET, "/messages/chat/{room_id}", AUTH_READ, LIMIT_REQUESTS, 1,
	  ROUTE_TAGGED | ROUTE_ALIAS, .query = &history_query, .check = check_history,
	  HANDLER_AS(list_messages, "list_messages_of_chat"), .tag = "messages",
	  .summary = "The same as /rooms/{id}/messages", .status = 200,
	  .gives = "History" },
	{ GET, "/rooms/{id}/log", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &log_query, .check = check_log, HANDLER(list_log), .tag = "messages",
	  .summary = "Read all events of a room after a seq",
	  .about = "The same events as the live stream, for clients that poll.",
	  .status = 200, .gives = "Log" },
	{},
};
