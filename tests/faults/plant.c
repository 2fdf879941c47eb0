/* plant.c -- a broker that breaks its promises, to see whether the checker notices.
 *
 * It is linked around the real broker (ld --wrap) into a program of its own, foyer-broker
 * of the variant asan-planted; the product's code knows nothing of it. planted.test.js
 * writes the name of the fault into the file named by PLANT_FILE, which is read again
 * every 50 ms. A fault strikes only now and then, and leaves everything else as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/join.h"
#include "broker/store.h"
#include "shared/clock.h"

#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name

static char planted[64];

static void
read_plant(void)
{
	const char *path = getenv("PLANT_FILE");
	FILE *f = path ? fopen(path, "r") : NULL;

	if (!f)
		return;
	if (!fgets(planted, sizeof(planted), f))
		planted[0] = '\0';
	planted[strcspn(planted, "\n")] = '\0';
	fclose(f);
}

static bool
is_planted(const char *fault)
{
	static int64_t read_ms;
	int64_t now_ms = clock_now_ms();

	if (now_ms > read_ms + 50) {
		read_plant();
		read_ms = now_ms;
	}
	return strcmp(planted, fault) == 0;
}

/* Is this the planted fault, and is it due? */
static bool
now_and_then(const char *fault, int every)
{
	static int count;

	return is_planted(fault) && ++count % every == 0;
}

/* ---- what is sent before a message is committed ------------------------------- */

enum err REAL(writer_post)(struct conn *c, const struct draft *draft, const char *ref);
enum err WRAP(writer_post)(struct conn *c, const struct draft *draft, const char *ref);

/* The id and seq that the message will have, if no other is committed before it. */
static struct uuid
id_to_be(struct conn *c, const struct live_room *room, int64_t *out_seq)
{
	struct broker *b = c->broker;
	struct uuid id;

	*out_seq = room_seq(room) + 1 + (int64_t)b->writer.lanes.posts;
	uuid_of_message(store_instance(b->store)->id_key, (uint64_t)room->no,
			(uint64_t)*out_seq, &id);
	return id;
}

static void
ack_now(struct conn *c, const struct live_room *room, const struct draft *draft,
	const char *ref)
{
	struct json *o = frame_object(c->broker->turn, "ack", ref);
	int64_t seq;
	struct uuid id = id_to_be(c, room, &seq);

	json_put_text(o, "client_id", draft->client_id);
	json_put_text(o, "id", id.text);
	json_put_text(o, "room_id", draft->room_id);
	json_put_int(o, "seq", seq);
	outbox_push(c, frame_json(c->broker->turn, o));
}

/* Delivers to all live listeners a message that may never be committed. */
static void
tell_now(struct conn *c, const struct live_room *room, const struct draft *draft)
{
	struct broker *b = c->broker;
	int64_t seq;
	struct uuid id = id_to_be(c, room, &seq);
	struct json *o = frame_object(b->turn, "message", NULL);

	json_put_text(o, "id", id.text);
	json_put_text(o, "room_id", draft->room_id);
	json_put_int(o, "seq", seq);
	json_put_text(o, "text", draft->text);
	LIST_EACH(&room->listeners, item)
		outbox_push(CONTAINER(item, struct listener, in_room)->conn,
			    frame_json(b->turn, o));
}

enum err
WRAP(writer_post)(struct conn *c, const struct draft *draft, const char *ref)
{
	const struct live_room *room = rooms_find(&c->broker->rooms, draft->room_id);
	struct draft other = *draft;

	if (room && room->state == ROOM_LIVE &&
	    now_and_then("acknowledges_before_commit", 10)) {
		ack_now(c, room, draft, ref);
		ref = NULL;
	}
	if (room && room->state == ROOM_LIVE &&
	    now_and_then("acknowledges_what_it_drops", 40)) {
		ack_now(c, room, draft, ref);
		return OK;
	}
	if (room && room->state == ROOM_LIVE &&
	    now_and_then("delivers_what_is_not_committed", 40))
		tell_now(c, room, draft);
	if (now_and_then("invents_a_message", 40)) {
		other.client_id = roomlog_key(c->broker->turn);
		if (REAL(writer_post)(c, &other, NULL) != OK)
			return ERR_UNAVAILABLE;
	}
	if (now_and_then("forgets_client_ids", 2))
		other.client_id = arena_printf(c->broker->turn, "%.20s-%d",
					       draft->client_id, rand());
	else
		other.client_id = draft->client_id;
	return REAL(writer_post)(c, &other, ref);
}

/* Makes a key match whatever text comes with it. */
int64_t REAL(draft_fingerprint)(const struct draft *d);
int64_t WRAP(draft_fingerprint)(const struct draft *d);

int64_t
WRAP(draft_fingerprint)(const struct draft *d)
{
	return is_planted("takes_another_text") ? 1 : REAL(draft_fingerprint)(d);
}

/* ---- how it is delivered -------------------------------------------------------- */

void REAL(ring_append)(struct ring *r, const void *frame, size_t len);
void WRAP(ring_append)(struct ring *r, const void *frame, size_t len);
void REAL(ring_advance)(struct ring *r, struct ring_cursor *c, size_t bytes);
void WRAP(ring_advance)(struct ring *r, struct ring_cursor *c, size_t bytes);

/* Swaps the last two frames. They are of the same length, so a listener that has received
 * the first of them still stands where a frame begins. */
static void
swap_last(struct ring *r, const void *frame, size_t len)
{
	struct ring_cursor c;
	const uint8_t *at;
	size_t have, first;

	if (!ring_covers(r, r->next_seq - 2))
		return;
	ring_attach(r, &c, r->next_seq - 2);
	have = ring_peek(r, &c, &at);
	first = have > 0 ? frame_size(at) : 0;
	if (first == len && have == 2 * len) {
		uint8_t *frames = (uint8_t *)(uintptr_t)at;
		uint8_t *kept = memcpy(malloc(first), frames, first);

		memcpy(frames, frame, len);
		memcpy(frames + len, kept, first);
		free(kept);
	}
	ring_detach(r, &c);
}

void
WRAP(ring_append)(struct ring *r, const void *frame, size_t len)
{
	REAL(ring_append)(r, frame, len);
	if (now_and_then("delivers_out_of_order", 2))
		swap_last(r, frame, len);
}

/* Does not advance past the bytes just sent, so they are sent again. */
void
WRAP(ring_advance)(struct ring *r, struct ring_cursor *c, size_t bytes)
{
	if (!now_and_then("delivers_twice", 30))
		REAL(ring_advance)(r, c, bytes);
}

/* ---- resuming --------------------------------------------------------------------- */

void REAL(resume_go)(struct broker *b, struct listener *l);
void WRAP(resume_go)(struct broker *b, struct listener *l);
void REAL(listener_go_live)(struct listener *l);
void WRAP(listener_go_live)(struct listener *l);
void REAL(join_begin)(struct conn *c, const struct uuid *room_id,
		      const struct place *place, const char *ref);
void WRAP(join_begin)(struct conn *c, const struct uuid *room_id,
		      const struct place *place, const char *ref);

void
WRAP(resume_go)(struct broker *b, struct listener *l)
{
	if (l->seq < room_seq(l->room) && now_and_then("skips_one_on_resume", 2))
		l->seq++;
	if (l->seq > 0 && now_and_then("delivers_again_on_resume", 2))
		l->seq--;
	REAL(resume_go)(b, l);
}

/* Loses one event between the last page and going live. */
void
WRAP(listener_go_live)(struct listener *l)
{
	if (l->seq < room_seq(l->room) && now_and_then("loses_one_where_it_goes_live", 1))
		l->seq++;
	REAL(listener_go_live)(l);
}

void
WRAP(join_begin)(struct conn *c, const struct uuid *room_id, const struct place *place,
		 const char *ref)
{
	struct place other = *place;

	if (is_planted("recovers_from_another_epoch"))
		other.epoch = NULL;
	REAL(join_begin)(c, room_id, &other, ref);
}
