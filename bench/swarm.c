/* swarm.c -- many clients of a broker in one small process: they connect, authenticate,
 * join, talk, and measure how long messages take to arrive.
 *
 *	swarm BROKER_PORT KEYS_DIR KID FIRST PER_ROOM
 *
 * FIRST is the number of the first person, PER_ROOM how many share a room.
 * bench/lib/swarm.js puts people, sessions and rooms with these numbers into the
 * database; this program signs the tokens. It reads commands, one a line, and answers
 * each with one line of JSON when it is done:
 *
 *	open COUNT                so many more connect, as fast as they are admitted
 *	drop                      all cut their connections at once
 *	back                      all reconnect at once, and resume where they were
 *	talk RATE SECONDS BYTES   so many messages a second, by all in turn
 *	count                     what was received since the last time
 *	end
 *
 * A delay is the time from just before a message is sent until a listener reads it here:
 * one clock, one process. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/drive.h"
#include "bench/stats.h"
#include "bench/wsclient.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/die.h"
#include "shared/token.h"

enum { CLIENTS_MAX = 65536, PORTS_AN_ADDRESS = 20000, HEAD_SIZE = 2048 };
enum { WAIT_FOR_ACKS_US = 10000000, OPENING_US = 300000000 };

enum client_state { AWAY, RESTING, OPENING, LISTENING };

struct client {
	struct ws ws;
	enum client_state state;
	uint32_t number;
	int64_t seq; /* the last event of its room; -1: unknown */
	int64_t began_us, again_us;
	char *token;
};

static struct {
	struct sockaddr_in broker;
	struct keys *keys;
	int epoll;
	uint32_t first, per_room;
	struct client *clients;
	uint32_t count, listening, resting;
	char epoch[32];
	/* of the current command */
	char command[16];
	int64_t began_us, until_us;
	double rate;
	size_t size;
	uint32_t next;
	int64_t sent, acked, refused, heard, gaps, cut, turned_away;
	struct stats delays, openings;
} s;

/* ---- connecting ---------------------------------------------------------- */

static void
knock(struct client *c)
{
	in_addr_t from =
		INADDR_LOOPBACK + 1 + (uint32_t)(c - s.clients) / PORTS_AN_ADDRESS;

	c->state = OPENING;
	if (!ws_connect(&c->ws, &s.broker, from, s.epoll, c))
		die("no socket for client %u: %s", c->number, strerror(errno));
}

static const char *
token_of(struct client *c)
{
	struct arena *a = arena_new();
	struct claims claims = { .issued_at_s = clock_now_ms() / 1000 };
	const char *token;

	if (c->token)
		return c->token;
	claims.expires_at_s = claims.issued_at_s + 86400;
	snprintf(claims.user_id.text, UUID_TEXT_SIZE, "5eed0000-0000-4000-8000-%012x",
		 c->number);
	snprintf(claims.session_id.text, UUID_TEXT_SIZE, "5eed0001-0000-4000-8000-%012x",
		 c->number);
	if (token_sign(s.keys, a, "foyer", &claims, &token) != OK)
		die("no token");
	c->token = xstrdup(token);
	arena_free(a);
	return c->token;
}

/* Gives each client an address of its own, as a proxy would report it. */
static const char *
head_of(struct client *c)
{
	static char head[HEAD_SIZE];

	snprintf(head, sizeof(head),
		 "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
		 "X-Forwarded-For: 10.%u.%u.%u\r\nAuthorization: Bearer %s\r\n\r\n",
		 c->number >> 16 & 255, c->number >> 8 & 255, c->number & 255,
		 token_of(c));
	return head;
}

static void
send_text(struct client *c, const char *text)
{
	if (!ws_send(&c->ws, text, strlen(text)))
		s.cut++;
}

static const char *
room_of(const struct client *c)
{
	static char room[UUID_TEXT_SIZE];

	snprintf(room, sizeof(room), "5eed0002-0000-4000-8000-%012x",
		 c->number / s.per_room);
	return room;
}

static void
join(struct client *c)
{
	char text[256], place[80] = "";

	if (c->seq >= 0)
		snprintf(place, sizeof(place), ",\"after\":%" PRId64 ",\"epoch\":\"%s\"",
			 c->seq, s.epoch);
	snprintf(text, sizeof(text), "{\"type\":\"join\",\"room_id\":\"%s\"%s}",
		 room_of(c), place);
	send_text(c, text);
}

/* ---- receiving ----------------------------------------------------------- */

static int64_t
number_after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at ? strtoll(at + strlen(mark), NULL, 10) : -1;
}

static void
on_joined(struct client *c, const char *text)
{
	const char *epoch = strstr(text, "\"epoch\":\"");

	if (c->seq < 0)
		c->seq = number_after(text, "\"seq\":");
	if (epoch)
		sscanf(epoch + strlen("\"epoch\":\""), "%31[^\"]", s.epoch);
	if (c->state == OPENING) {
		c->state = LISTENING;
		s.listening++;
		stats_add(&s.openings, clock_monotonic_us() - c->began_us);
	}
}

static void
on_event(struct client *c, const char *text, bool is_message)
{
	int64_t seq = number_after(text, "\"seq\":");
	int64_t said_us = is_message ? number_after(text, "\"text\":\"t") : -1;

	if (seq != c->seq + 1)
		s.gaps++;
	c->seq = seq;
	if (said_us < 0)
		return;
	s.heard++;
	stats_add(&s.delays, clock_monotonic_us() - said_us);
}

static bool
is(const char *text, const char *type)
{
	size_t len = strlen(type);

	return strncmp(text, "{\"type\":\"", 9) == 0 &&
	       strncmp(text + 9, type, len) == 0 && text[9 + len] == '"';
}

static void
on_text(void *who, char *text, size_t len)
{
	struct client *c = who;

	text[len] = '\0';
	if (is(text, "message"))
		on_event(c, text, true);
	else if (is(text, "ack"))
		s.acked++;
	else if (is(text, "ready"))
		join(c);
	else if (is(text, "joined"))
		on_joined(c, text);
	else if (is(text, "error")) {
		if (s.refused++ < 5)
			fprintf(stderr, "swarm: %.300s\n", text);
	} else if (is(text, "member") || is(text, "edited") || is(text, "deleted") ||
		   is(text, "reaction") || is(text, "room"))
		on_event(c, text, false);
}

static void
on_open(void *who)
{
	(void)who; /* the handshake carried the token; `ready` comes by itself */
}

/* A client that was turned away retries when it was told to, or after about a second. */
static void
on_end(void *who, int code, double retry_after_s)
{
	struct client *c = who;

	if (c->state == LISTENING)
		s.listening--, s.cut++;
	else
		s.turned_away++;
	if (s.turned_away + s.cut <= 3)
		fprintf(stderr, "swarm: an end: %d, again in %.1f s\n", code,
			retry_after_s);
	if (retry_after_s < 0)
		retry_after_s = 0.5 + (double)(random() % 1000) / 1000;
	c->state = RESTING;
	s.resting++;
	c->again_us = clock_monotonic_us() + (int64_t)(retry_after_s * 1e6);
}

static const struct ws_events on = { on_open, on_text, on_end };

static void
wake_the_rested(int64_t now_us)
{
	for (uint32_t i = 0; s.resting > 0 && i < s.count; i++) {
		struct client *c = &s.clients[i];

		if (c->state != RESTING || c->again_us > now_us)
			continue;
		s.resting--;
		knock(c);
	}
}

/* ---- talking ------------------------------------------------------------- */

static void
say(struct client *c)
{
	char text[8192];
	int len = snprintf(text, sizeof(text),
			   "{\"type\":\"message\",\"room_id\":\"%s\",\"client_id\":"
			   "\"%x-%" PRId64 "\",\"text\":\"t%" PRId64 " ",
			   room_of(c), c->number, clock_monotonic_us(),
			   clock_monotonic_us());

	while ((size_t)len < s.size && len < (int)sizeof(text) - 4)
		text[len++] = 'x';
	strcpy(text + len, "\"}");
	send_text(c, text);
	s.sent++;
}

static void
talk(int64_t now_us)
{
	int64_t end_us = now_us < s.until_us ? now_us : s.until_us;
	int64_t due = (int64_t)(s.rate * (double)(end_us - s.began_us) / 1e6);

	for (uint32_t tries = 0; s.sent < due && tries < s.count;) {
		struct client *c = &s.clients[s.next++ % s.count];

		tries = c->state == LISTENING ? 0 : tries + 1;
		if (c->state == LISTENING)
			say(c);
	}
}

/* ---- commands ------------------------------------------------------------ */

static void
begin_counting(void)
{
	s.sent = s.acked = s.refused = s.heard = s.gaps = s.cut = s.turned_away = 0;
	stats_reset(&s.delays);
	stats_reset(&s.openings);
	s.began_us = clock_monotonic_us();
}

static void
report(void)
{
	printf("{\"command\":\"%s\",\"seconds\":%.3f,\"clients\":%u,\"listening\":%u,"
	       "\"sent\":%" PRId64 ",\"acked\":%" PRId64 ",\"refused\":%" PRId64
	       ",\"heard\":%" PRId64 ",\"gaps\":%" PRId64 ",\"cut\":%" PRId64
	       ",\"turned_away\":%" PRId64,
	       s.command, (double)(clock_monotonic_us() - s.began_us) / 1e6, s.count,
	       s.listening, s.sent, s.acked, s.refused, s.heard, s.gaps, s.cut,
	       s.turned_away);
	stats_print(&s.delays, "delay");
	stats_print(&s.openings, "opening");
	printf("}\n");
	fflush(stdout);
	s.command[0] = '\0';
}

static void
open_more(uint32_t count)
{
	if (s.count + count > CLIENTS_MAX)
		die("at most %d clients", CLIENTS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		struct client *c = &s.clients[s.count];

		*c = (struct client){ .number = s.first + s.count++, .seq = -1 };
		token_of(c);
	}
}

static void
all_knock(void)
{
	int64_t now_us = clock_monotonic_us();

	for (uint32_t i = 0; i < s.count; i++)
		if (s.clients[i].state == AWAY) {
			s.clients[i].began_us = now_us;
			knock(&s.clients[i]);
		}
	s.until_us = now_us + OPENING_US;
}

static void
drop_all(void)
{
	for (uint32_t i = 0; i < s.count; i++) {
		ws_close(&s.clients[i].ws);
		s.clients[i].state = AWAY;
	}
	s.listening = s.resting = 0;
}

static void
begin(const char *line)
{
	uint32_t count = 0;
	double seconds = 0;

	if (sscanf(line, "%15s", s.command) != 1)
		return;
	if (strcmp(s.command, "count") == 0) {
		report();
		begin_counting();
		return;
	}
	if (sscanf(line, "open %u", &count) == 1)
		open_more(count);
	begin_counting();
	if (sscanf(line, "talk %lf %lf %zu", &s.rate, &seconds, &s.size) == 3)
		s.until_us = s.began_us + (int64_t)(seconds * 1e6);
	else if (strcmp(s.command, "open") == 0 || strcmp(s.command, "back") == 0)
		all_knock();
	else if (strcmp(s.command, "drop") == 0)
		drop_all();
	else
		die("what is %s?", s.command);
}

/* Does what the current command has to do now; returns whether it is complete. */
static void
report_if_done(int64_t now_us)
{
	bool is_late = now_us > s.until_us + WAIT_FOR_ACKS_US;

	if (strcmp(s.command, "talk") == 0) {
		talk(now_us);
		if (now_us >= s.until_us && (s.acked + s.refused >= s.sent || is_late))
			report();
	} else if (s.command[0] && (strcmp(s.command, "drop") == 0 ||
				    s.listening == s.count || now_us > s.until_us)) {
		report();
	}
}

static int
go_on(int64_t now_us)
{
	wake_the_rested(now_us);
	report_if_done(now_us);
	return strcmp(s.command, "talk") == 0 ? 1 : 10;
}

static void
step(void *client, unsigned events)
{
	struct client *c = client;

	if (c->ws.state != WS_NONE)
		ws_step(&c->ws, s.epoll, events,
			c->ws.state == WS_CONNECTING ? head_of(c) : "", c, &on);
}

int
main(int argc, char **argv)
{
	if (argc != 6)
		die("usage: swarm BROKER_PORT KEYS_DIR KID FIRST PER_ROOM");
	s.broker = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)atoi(argv[1])),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	s.first = (uint32_t)strtoul(argv[4], NULL, 10);
	s.per_room = (uint32_t)strtoul(argv[5], NULL, 10);
	s.clients = xcalloc(CLIENTS_MAX, sizeof(*s.clients));
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (keys_open(argv[2], argv[3], &s.keys) != OK)
		die("no keys in %s", argv[2]);
	drive(&(struct driver){ s.epoll, -1, begin, step, go_on });
}
