/* bus_redis.c -- see bus_redis.h. */
#include "broker/bus_redis.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/bus_packet.h"
#include "broker/bus_words.h"
#include "broker/early.h"
#include "broker/redis.h"
#include "broker/store.h"
#include "broker/wakes.h"
#include "shared/die.h"

enum { SUBSCRIBE_MAX = 256 };

struct bus_redis {
	struct broker *broker;
	struct bus_place place;
	struct redis *ear, *mouth; /* NULL: the key is not known yet */
	char key_text[UUID_TEXT_SIZE], epoch[sizeof(((struct db_instance *)0)->epoch)];
	struct siphash_key key;
};

/* room_id NULL: the channel of all brokers. */
static const char *
channel_of(const struct bus_redis *br, const struct uuid *room_id)
{
	return arena_printf(br->broker->turn, "foyer:%s:%s", br->epoch,
			    room_id ? room_id->text : "all");
}

/* ---- what is heard ------------------------------------------------------- */

static void
hear_line(struct broker *b, const char *line)
{
	b->metrics.wakes_redis++;
	if (bus_is_event(line))
		early_hear(b, line);
	else
		wakes_hear(b, line);
}

static void
on_message(void *arg, const char *channel, const char *bytes, size_t len)
{
	struct bus_redis *br = arg;
	struct broker *b = br->broker;
	char *lines;

	if (bus_packet_is_of(bytes, len, b->peers.id.text))
		return; /* our own */
	if (bus_packet_open(b->turn, &br->key, channel, bytes, len, &lines) != OK) {
		b->metrics.bus_refused++;
		return;
	}
	for (char *line; (line = strsep(&lines, "\n"));)
		hear_line(b, line);
}

/* ---- joining ------------------------------------------------------------- */

static void
say_to_ear(struct bus_redis *br, const char *command, const struct uuid *room_id)
{
	const char *const words[] = { command, channel_of(br, room_id) };

	if (br->ear && redis_is_up(br->ear))
		(void)redis_say(br->ear, 2, words, NULL);
}

void
bus_redis_join(struct bus_redis *br, const struct uuid *room_id)
{
	say_to_ear(br, "SUBSCRIBE", room_id);
}

void
bus_redis_leave(struct bus_redis *br, const struct uuid *room_id)
{
	say_to_ear(br, "UNSUBSCRIBE", room_id);
}

struct joining {
	struct bus_redis *redis;
	int count;
	const char *words[1 + SUBSCRIBE_MAX];
};

static void
join_room(struct table_node *n, void *arg)
{
	struct joining *j = arg;

	j->words[1 + j->count++] =
		channel_of(j->redis, &CONTAINER(n, struct live_room, node)->id);
	if (j->count == SUBSCRIBE_MAX) {
		(void)redis_say(j->redis->ear, 1 + j->count, j->words, NULL);
		j->count = 0;
	}
}

/* Everything published until now was missed. */
static void
on_ear_up(void *arg)
{
	struct bus_redis *br = arg;
	struct joining j = { .redis = br, .words = { "SUBSCRIBE" } };

	bus_redis_join(br, NULL);
	table_each(&br->broker->rooms.by_id, join_room, &j);
	if (j.count > 0)
		(void)redis_say(br->ear, 1 + j.count, j.words, NULL);
	fanout_compare(br->broker);
}

/* ---- coming and going ---------------------------------------------------- */

/* Other brokers are told through the database, as soon as possible. */
static void
on_change(void *arg)
{
	struct bus_redis *br = arg;

	if (br->ear && br->mouth)
		peers_beat(br->broker);
}

static void
on_up(void *arg)
{
	struct bus_redis *br = arg;

	br->broker->metrics.bus_connects++;
	on_change(br);
}

static void
on_ear_ready(void *arg)
{
	on_ear_up(arg);
	on_up(arg);
}

static void
begin(struct bus_redis *br)
{
	struct broker *b = br->broker;
	const struct redis_owner ear = { br, on_ear_ready, on_change, on_message };
	const struct redis_owner mouth = { br, on_up, on_change, on_message };

	br->ear = redis_new(b->loop, &br->place, b->config->bus_password, "hears", &ear);
	br->mouth =
		redis_new(b->loop, &br->place, b->config->bus_password, "says", &mouth);
}

static void
end(struct bus_redis *br)
{
	redis_free(br->ear);
	redis_free(br->mouth);
	br->ear = br->mouth = NULL;
}

struct bus_redis *
bus_redis_open(struct broker *b)
{
	struct bus_redis *br = xcalloc(1, sizeof(*br));

	br->broker = b;
	(void)bus_place_parse(b->config->bus, &br->place);
	return br;
}

void
bus_redis_close(struct bus_redis *br)
{
	if (!br)
		return;
	end(br);
	free(br);
}

/* Another database, or another epoch of it: reconnect. */
void
bus_redis_take_key(struct bus_redis *br, const char *key)
{
	const char *epoch = store_instance(br->broker->store)->epoch;

	if (br->ear && strcmp(br->key_text, key) == 0 && strcmp(br->epoch, epoch) == 0)
		return;
	if (!*epoch || bus_packet_key(key, &br->key) != OK)
		return;
	strncpy(br->key_text, key, sizeof(br->key_text) - 1);
	strcpy(br->epoch, epoch);
	end(br);
	begin(br);
}

/* ---- using it ------------------------------------------------------------ */

bool
bus_redis_is_up(const struct bus_redis *br)
{
	return br->ear && br->mouth && redis_is_up(br->ear) && redis_is_up(br->mouth);
}

bool
bus_redis_send(struct bus_redis *br, const struct uuid *room_id,
	       const char *const lines[], int count)
{
	struct broker *b = br->broker;
	const char *channel = channel_of(br, room_id);
	size_t lens[3] = { strlen("PUBLISH"), strlen(channel) };
	const char *words[3] = { "PUBLISH", channel };

	words[2] = bus_packet_seal(b->turn, &br->key, channel, b->peers.id.text, lines,
				   count, &lens[2]);
	b->metrics.bus_sent_bytes += (int64_t)lens[2];
	return redis_say(br->mouth, 3, words, lens);
}

void
bus_redis_tick(struct bus_redis *br)
{
	if (br->ear)
		redis_tick(br->ear);
	if (br->mouth)
		redis_tick(br->mouth);
}

void
bus_redis_flush(struct bus_redis *br)
{
	if (br->ear)
		redis_flush(br->ear);
	if (br->mouth)
		redis_flush(br->mouth);
}
