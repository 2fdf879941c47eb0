/* presence_tell.c -- presence.h: from a change to the people who may know of it. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/peers.h"
#include "broker/people_store.h"
#include "broker/presence_store.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/status.h"

static struct bytes
presence_frame(struct arena *a, const char *user_id, const char *status, const char *text,
	       int64_t last_seen_at)
{
	struct json *o = frame_object(a, "presence", NULL);

	json_put_text(o, "user_id", user_id);
	json_put_text(o, "status", status);
	json_put_text(o, "text", text);
	json_put_time(o, "last_seen_at", last_seen_at);
	return frame_json(a, o);
}

/* ---- who hears it -------------------------------------------------------- */

/* One telling: the same bytes for everybody who may know as much. */
struct telling {
	struct broker *broker;
	uint64_t serial;
	struct bytes frame;
};

static void
push(const struct visitor *v, struct bytes frame)
{
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);

		/* a token for one room hears of nobody */
		if (c->who.scopes & TOKEN_READ && !c->who.room_only.text[0])
			outbox_push_ephemeral(c, frame);
	}
}

static void
tell_visitor(struct visitor *v, void *arg)
{
	const struct telling *t = arg;

	if (v->told == t->serial)
		return;
	v->told = t->serial;
	push(v, t->frame);
}

/* Tells everybody in the list who is connected here; skip: marks them as told
 * instead. */
static void
each_listed(const struct telling *t, const char *list, bool skip)
{
	struct uuid id;

	while (list && ids_next(&list, &id)) {
		struct visitor *v = people_find(&t->broker->people, id.text);

		if (v && skip)
			v->told = t->serial;
		else if (v)
			tell_visitor(v, (void *)(uintptr_t)t);
	}
}

static void
tell_others(struct broker *b, const struct visitor *self, const char *user_id,
	    const struct presence_read *now)
{
	const char *to = now->show_last_seen ? now->show_last_seen : "";
	struct bytes plain = presence_frame(b->turn, user_id, now->shown, now->text, 0);
	struct bytes full = presence_frame(b->turn, user_id, now->shown, now->text,
					   now->last_seen_at);
	bool everyone = strcmp(to, "everyone") == 0;
	struct telling t = { b, ++b->presence.tellings, plain };
	struct uuid room;

	if (self)
		((struct visitor *)(uintptr_t)self)->told = t.serial;
	each_listed(&t, now->blocked, true);
	t.frame = everyone || strcmp(to, "contacts") == 0 ? full : plain;
	each_listed(&t, now->contacts, false);
	t.frame = everyone ? full : plain;
	for (const char *rooms = now->room_ids; rooms && ids_next(&rooms, &room);)
		audience_each_visitor(&b->audience, room.text, tell_visitor, &t);
}

static bool
is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Updates what is kept here of a person. */
static void
refresh(struct attendee *a, struct visitor *v, const struct presence_read *now)
{
	a->is_hidden = strcmp(now->chosen, "offline") == 0;
	if (!v)
		return;
	visitor_set_person(v, &now->person);
	visitor_set_blocked(v, now->blocked);
}

bool
presence_tell(struct broker *b, struct attendee *a, const struct presence_read *now)
{
	struct visitor *v = people_find(&b->people, a->id.text);
	struct announced *t = &a->told;
	bool is_new_text, shows;

	if (!now->person.login)
		return false; /* the account was removed */
	refresh(a, v, now);
	is_new_text = !is_same(t->text, now->text);
	shows = !t->is_known || is_new_text || strcmp(t->status, now->shown) != 0;
	if (shows)
		tell_others(b, v, a->id.text, now);
	if (v && (is_new_text || strcmp(t->chosen, now->chosen) != 0))
		push(v, presence_frame(b->turn, a->id.text, now->chosen, now->text,
				       now->last_seen_at));
	free(t->text);
	*t = (struct announced){ .is_known = true };
	t->text = now->text ? xstrdup(now->text) : NULL;
	strncpy(t->status, now->shown, sizeof(t->status) - 1);
	strncpy(t->chosen, now->chosen, sizeof(t->chosen) - 1);
	return shows;
}

/* ---- two people ---------------------------------------------------------- */

struct pair {
	struct broker *broker;
	struct uuid ids[2];
};

static void
tell_one(struct broker *b, const char *viewer_id, const char *user_id,
	 const struct rows *rows)
{
	const struct visitor *v = people_find(&b->people, viewer_id);
	struct user u;

	if (v && presence_pair_from(rows, &u))
		push(v, presence_frame(b->turn, user_id, u.status, u.status_text,
				       u.last_seen_at));
}

static void
on_pair(void *arg, enum err err, const struct rows *rows)
{
	struct pair *pair = arg;

	for (int i = 0; i < 2 && err == OK; i++)
		tell_one(pair->broker, pair->ids[i].text, pair->ids[!i].text, &rows[i]);
	free(pair);
}

void
presence_pair_changed(struct broker *b, const char *user_id, const char *other_id)
{
	const struct db_call calls[] = {
		presence_pair_call(b->turn, user_id, other_id),
		presence_pair_call(b->turn, other_id, user_id),
	};
	struct pair *pair;

	if (!people_find(&b->people, user_id) && !people_find(&b->people, other_id))
		return;
	if (people_find(&b->people, user_id))
		presence_changed(b, user_id);
	if (people_find(&b->people, other_id))
		presence_changed(b, other_id);
	pair = xcalloc(1, sizeof(*pair));
	pair->broker = b;
	strncpy(pair->ids[0].text, user_id, UUID_TEXT_SIZE - 1);
	strncpy(pair->ids[1].text, other_id, UUID_TEXT_SIZE - 1);
	if (store_send(b->store, LINE_NOTE, calls, 2, on_pair, pair) != OK)
		free(pair); /* REST shows them the right state */
}

/* ---- the frame `status` -------------------------------------------------- */

struct said_status {
	struct broker *broker;
	uint64_t conn_id;
	struct uuid user_id;
	char *ref;
};

static void
on_status(void *arg, enum err err, const struct rows *rows)
{
	struct said_status *s = arg;
	struct broker *b = s->broker;
	struct conn *c = conns_find(&b->conns, s->conn_id);
	struct problem p = { .retry_after_s = 1 };

	(void)rows;
	if (err == OK) {
		presence_changed(b, s->user_id.text);
		peers_tell(b, arena_printf(b->turn, "person %s", s->user_id.text));
	} else if (c) {
		conn_error(c, s->ref, NULL, err, &p);
	}
	free(s->ref);
	free(s);
}

static enum err
do_status(struct said *said)
{
	struct conn *c = said->conn;
	struct said_status *s;
	struct db_call call;

	if (c->who.room_only.text[0])
		return token_bound_problem(&said->problem);
	call = status_call(said->arena, c->visitor->id.text, said->body);
	s = xcalloc(1, sizeof(*s));
	*s = (struct said_status){ c->broker, c->id, c->visitor->id,
				   said->ref ? xstrdup(said->ref) : NULL };
	if (store_send(c->broker->store, LINE_NOTE, &call, 1, on_status, s) == OK)
		return OK;
	free(s->ref);
	free(s);
	return problem_retry(&said->problem, ERR_UNAVAILABLE, NULL, NULL, 1);
}

const struct command presence_commands[] = {
	{ "status", IN_READY, 1, TOKEN_POST, &status_body, NULL, do_status,
	  .about = "Set this person's status, for all devices, until it is changed; as "
		   "`PUT /users/status`." },
	{},
};
