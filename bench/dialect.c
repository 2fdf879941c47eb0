/* dialect.c -- see dialect.h. */
#include "bench/dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/die.h"
#include "shared/token.h"

static struct keys *keys;
static char said[SAY_MAX];

void
stamp_write(char *text, const struct stamp *stamp)
{
	char stamped[STAMP_SIZE + 1];

	snprintf(stamped, sizeof(stamped), "@@%016" PRIx64 "%012" PRIx32,
		 (uint64_t)stamp->sent_us, stamp->number);
	memcpy(text, stamped, STAMP_SIZE);
}

static int64_t
hex(const char *at, int digits)
{
	int64_t value = 0;

	for (int i = 0; i < digits; i++) {
		char c = at[i];

		value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return value;
}

bool
stamp_find(const char **data, size_t *len, struct stamp *out)
{
	const char *end = *data + *len;
	const char *at = *data;

	/* memchr() is many times as fast as memmem() */
	while ((at = memchr(at, '@', (size_t)(end - at))) && end - at > 1 && at[1] != '@')
		at++;
	/* a packet id that ends with the stamp's first character may precede it */
	if (at && end - at > 2 && at[2] == '@')
		at++;
	if (!at || end - at < STAMP_SIZE)
		return false;
	out->sent_us = hex(at + 2, 16);
	out->number = (uint32_t)hex(at + 18, 12);
	*data = at + STAMP_SIZE;
	*len = (size_t)(end - *data);
	return true;
}

/* Gives each client an address of its own, as a proxy would report it. */
static const char *
upgrade(uint32_t client, const char *path, const char *more)
{
	static char head[4096];

	snprintf(head, sizeof(head),
		 "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
		 "X-Forwarded-For: 10.%u.%u.%u\r\n%s\r\n",
		 path, client >> 16 & 255, client >> 8 & 255, client & 255, more);
	return head;
}

static struct say
say(int len)
{
	return (struct say){ said, (size_t)len };
}

/* ---- Foyer --------------------------------------------------------------- */

/* bench/lib/swarm.js creates the people, sessions and rooms with these numbers. */
static void
uuid(char out[UUID_TEXT_SIZE], int kind, uint32_t number)
{
	snprintf(out, UUID_TEXT_SIZE, "5eed000%d-0000-4000-8000-%012" PRIx32, kind,
		 number);
}

static const char *
foyer_request(uint32_t client, uint32_t room)
{
	struct arena *a = arena_new();
	struct claims claims = { .issued_at_s = clock_now_ms() / 1000 };
	char bearer[2048];
	const char *token;

	(void)room;
	claims.expires_at_s = claims.issued_at_s + 86400;
	uuid(claims.user_id.text, 0, client);
	uuid(claims.session_id.text, 1, client);
	if (token_sign(keys, a, "foyer", &claims, &token) != OK)
		die("no token");
	snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s\r\n", token);
	arena_free(a);
	return upgrade(client, "/ws", bearer);
}

static struct say
foyer_enter(uint32_t client, uint32_t room)
{
	char id[UUID_TEXT_SIZE];

	(void)client;
	uuid(id, 2, room);
	return say(snprintf(said, sizeof(said), "{\"type\":\"join\",\"room_id\":\"%s\"}",
			    id));
}

/* From the beginning: the client has missed everything in the room. */
static struct say
foyer_resume(uint32_t client, uint32_t room)
{
	char id[UUID_TEXT_SIZE];

	(void)client;
	uuid(id, 2, room);
	return say(snprintf(said, sizeof(said),
			    "{\"type\":\"join\",\"room_id\":\"%s\",\"after\":0}", id));
}

static bool
begins(const char *data, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(data, with, strlen(with)) == 0;
}

static bool
foyer_is_ready(const char *data, size_t len)
{
	return begins(data, len, "{\"type\":\"ready\"");
}

static bool
foyer_is_entered(const char *data, size_t len)
{
	return begins(data, len, "{\"type\":\"joined\"");
}

/* The stamp is also the message's key: it is unique in a room. */
static struct say
foyer_publish(uint32_t client, uint32_t room, const char *text, size_t len)
{
	char id[UUID_TEXT_SIZE];

	(void)client;
	uuid(id, 2, room);
	return say(snprintf(
		said, sizeof(said),
		"{\"type\":\"message\",\"room_id\":\"%s\",\"client_id\":\"%.*s\","
		"\"text\":\"%.*s\"}",
		id, STAMP_SIZE - 2, text + 2, (int)len, text));
}

static int64_t
foyer_acked_us(const char *data, size_t len)
{
	static const char mark[] = "\"client_id\":\"";
	const char *at;

	if (!begins(data, len, "{\"type\":\"ack\""))
		return -1;
	at = memmem(data, len, mark, sizeof(mark) - 1);
	return at ? hex(at + sizeof(mark) - 1, 16) : -1;
}

static bool
foyer_is_refusal(const char *data, size_t len)
{
	return begins(data, len, "{\"type\":\"error\"");
}

/* ---- servers that deliver a text as it is -------------------------------- */

static const char *
plain_request(uint32_t client, uint32_t room)
{
	char path[64];

	snprintf(path, sizeof(path), "/ws/%" PRIu32, room);
	return upgrade(client, path, "");
}

static struct say
plain_enter(uint32_t client, uint32_t room)
{
	(void)client, (void)room;
	return say(0);
}

static struct say
plain_publish(uint32_t client, uint32_t room, const char *text, size_t len)
{
	(void)client, (void)room;
	return (struct say){ text, len };
}

static int64_t
never_acked(const char *data, size_t len)
{
	(void)data, (void)len;
	return -1;
}

/* ---- MQTT 3.1.1 ------------------------------------------------------------ */

enum { CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBSCRIBE = 8, SUBACK = 9 };

static int qos;

static const char *
mqtt_request(uint32_t client, uint32_t room)
{
	(void)room;
	return upgrade(client, "/", "Sec-WebSocket-Protocol: mqtt\r\n");
}

/* Writes a name, a letter and a number, as an MQTT string (1.5.3). */
static uint8_t *
put_name(uint8_t *at, char letter, uint32_t number)
{
	int len = snprintf((char *)at + 2, 16, "%c%" PRIu32, letter, number);

	at[0] = 0;
	at[1] = (uint8_t)len;
	return at + 2 + len;
}

/* Puts a packet's fixed header before the body at said + 5; 2.2.3 has the length's
 * format. */
static struct say
packet(uint8_t first, size_t len)
{
	char head[5];
	size_t size = 0;

	head[size++] = (char)first;
	for (size_t left = len; size == 1 || left > 0;) {
		uint8_t digit = left & 127;

		left >>= 7;
		head[size++] = (char)(digit | (left ? 128 : 0));
	}
	memcpy(said + 5 - size, head, size);
	return (struct say){ said + 5 - size, size + len };
}

/* CONNECT and SUBSCRIBE at once: the client need not wait for the CONNACK (3.1). */
static struct say
mqtt_enter(uint32_t client, uint32_t room)
{
	static char both[256];
	uint8_t *at = (uint8_t *)said + 5;
	struct say connect, subscribe;

	memcpy(at, "\0\4MQTT\4\2\0\0", 10); /* a clean session, no keep-alive */
	at = put_name(at + 10, 'c', client);
	connect = packet(0x10, (size_t)(at - (uint8_t *)said - 5));
	memcpy(both, connect.data, connect.len);

	at = (uint8_t *)said + 5;
	*at++ = 0, *at++ = 1;
	at = put_name(at, 'r', room);
	*at++ = (uint8_t)qos;
	subscribe = packet(SUBSCRIBE << 4 | 2, (size_t)(at - (uint8_t *)said - 5));
	memcpy(both + connect.len, subscribe.data, subscribe.len);
	return (struct say){ both, connect.len + subscribe.len };
}

static bool
mqtt_is_entered(const char *data, size_t len)
{
	for (size_t at = 0; at + 2 <= len; at += 2 + (uint8_t)data[at + 1]) {
		int kind = (uint8_t)data[at] >> 4;

		if (kind == SUBACK)
			return true;
		if (kind != CONNACK)
			return false;
	}
	return false;
}

static struct say
mqtt_publish(uint32_t client, uint32_t room, const char *text, size_t len)
{
	static uint16_t id;
	uint8_t *at = (uint8_t *)said + 5;

	(void)client;
	at = put_name(at, 'r', room);
	if (qos > 0) {
		id = id == UINT16_MAX ? 1 : id + 1;
		*at++ = (uint8_t)(id >> 8);
		*at++ = (uint8_t)id;
	}
	memcpy(at, text, len);
	at += len;
	return packet((uint8_t)(PUBLISH << 4 | qos << 1),
		      (size_t)(at - (uint8_t *)said - 5));
}

/* A PUBACK for each PUBLISH of QoS 1 in the frame. */
static struct say
mqtt_owe(const char *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data;
	size_t owed = 0;

	for (size_t at = 0; at + 2 <= len;) {
		size_t size = 0, head = 1;

		for (int shift = 0; at + head < len; shift += 7) {
			uint8_t digit = p[at + head++];

			size |= (size_t)(digit & 127) << shift;
			if (!(digit & 128))
				break;
		}
		if (p[at] >> 4 == PUBLISH && p[at] >> 1 & 3 && owed + 4 <= SAY_MAX) {
			size_t topic = (size_t)p[at + head] << 8 | p[at + head + 1];
			const uint8_t *id = p + at + head + 2 + topic;

			memcpy(said + owed, (uint8_t[]){ PUBACK << 4, 2, id[0], id[1] },
			       4);
			owed += 4;
		}
		at += head + size;
	}
	return say((int)owed);
}

/* -------------------------------------------------------------------------- */

static const struct dialect dialects[] = {
	{ "foyer", false, foyer_request, foyer_enter, foyer_is_entered, foyer_publish,
	  foyer_acked_us, foyer_is_refusal, NULL },
	{ "foyer-ready", false, foyer_request, plain_enter, foyer_is_ready, foyer_publish,
	  foyer_acked_us, foyer_is_refusal, NULL },
	{ "foyer-open", false, foyer_request, plain_enter, NULL, foyer_publish,
	  foyer_acked_us, foyer_is_refusal, NULL },
	{ "foyer-resume", false, foyer_request, foyer_resume, foyer_is_entered,
	  foyer_publish, foyer_acked_us, foyer_is_refusal, NULL },
	{ "plain", false, plain_request, plain_enter, NULL, plain_publish, never_acked,
	  NULL, NULL },
	{ "mqtt0", true, mqtt_request, mqtt_enter, mqtt_is_entered, mqtt_publish,
	  never_acked, NULL, NULL },
	{ "mqtt1", true, mqtt_request, mqtt_enter, mqtt_is_entered, mqtt_publish,
	  never_acked, NULL, mqtt_owe },
};

const struct dialect *
dialect_by_name(const char *name, const char *keys_dir, const char *kid)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
		const struct dialect *d = &dialects[i];

		if (strcmp(d->name, name) != 0)
			continue;
		if (d->request == foyer_request && keys_open(keys_dir, kid, &keys) != OK)
			die("no keys in %s", keys_dir);
		qos = strcmp(name, "mqtt1") == 0;
		return d;
	}
	return NULL;
}
