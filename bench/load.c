/* load.c -- clients of any of the servers that are compared: they connect, enter rooms,
 * publish, and count deliveries.
 *
 *	load DIALECT PORT ROOMS PER_ROOM WRITERS [KEYS_DIR KID]
 *
 * ROOMS rooms have PER_ROOM clients each; the first WRITERS of a room publish. With one
 * writer a room, each listener must receive the room's numbers in sequence; anything else
 * is counted as lost, doubled or out of order. The program reads commands, one a line,
 * and answers each with one line of JSON when it is done:
 *
 *	open                        all clients connect and enter
 *	resume MESSAGES             the same, and each receives so many missed messages
 *	flood WINDOW SECONDS BYTES  each writer keeps so many texts in flight to itself
 *	offer RATE SECONDS BYTES    so many texts a second, by all rooms in turn
 *	end
 *
 * A delay is the time from just before a text is sent until a listener reads it here: one
 * clock, one process. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/dialect.h"
#include "bench/drive.h"
#include "bench/stats.h"
#include "bench/wsclient.h"
#include "shared/clock.h"
#include "shared/die.h"

enum { PORTS_AN_ADDRESS = 20000, TEXT_MAX = 8000 };
enum { OPENING_US = 120000000, DRAINING_US = 10000000 };
enum { OPENING_AT_ONCE = 200 };

struct client {
	struct ws ws;
	bool is_entered;
	uint32_t number, heard_to; /* in its room */
	uint32_t on_their_way;
};

struct room {
	uint32_t last; /* published number */
};

static struct {
	const struct dialect *d;
	struct sockaddr_in server;
	int epoll, writers_epoll;
	uint32_t rooms, per_room, writers, count;
	struct client *clients;
	struct room *room;
	char text[TEXT_MAX];
	/* of the current command */
	char command[16];
	uint32_t knocked, entered, next_writer;
	int64_t began_us, until_us, cpu_us;
	int64_t missed; /* messages for each client to receive */
	uint32_t window;
	double rate;
	size_t size;
	int64_t published, heard, lost, wrong, acked, refused, cut;
	struct stats delays, acks;
} s;

static uint32_t
room_of(const struct client *c)
{
	return c->number / s.per_room;
}

static bool
is_writer(const struct client *c)
{
	return c->number % s.per_room < s.writers;
}

/* Writers must not wait behind the listeners' load: in reality they are elsewhere. */
static int
epoll_of(const struct client *c)
{
	return is_writer(c) ? s.writers_epoll : s.epoll;
}

static void
send_to(struct client *c, struct say what)
{
	bool sent = s.d->is_binary ? ws_send_binary(&c->ws, what.data, what.len)
				   : ws_send(&c->ws, what.data, what.len);

	if (!sent)
		s.cut++;
}

/* ---- publishing ---------------------------------------------------------- */

static void
publish(struct client *c)
{
	struct room *room = &s.room[room_of(c)];
	struct stamp stamp = { clock_monotonic_us(), ++room->last };

	stamp_write(s.text, &stamp);
	send_to(c, s.d->publish(c->number, room_of(c), s.text, s.size));
	c->on_their_way++;
	s.published++;
}

static bool
is_flooding(void)
{
	return strcmp(s.command, "flood") == 0 && clock_monotonic_us() < s.until_us;
}

static void
flood(void)
{
	for (uint32_t i = 0; i < s.count; i++)
		for (uint32_t n = 0; is_writer(&s.clients[i]) && n < s.window; n++)
			publish(&s.clients[i]);
}

/* Publishes what is due by now. */
static void
offer(int64_t now_us)
{
	int64_t until = now_us < s.until_us ? now_us : s.until_us;
	int64_t due = (int64_t)((double)(until - s.began_us) * s.rate / 1e6);

	while (s.published < due) {
		publish(&s.clients[s.next_writer * s.per_room]);
		s.next_writer = (s.next_writer + 1) % s.rooms;
	}
}

/* ---- receiving ----------------------------------------------------------- */

static void
on_delivery(struct client *c, const struct stamp *stamp, int64_t now_us)
{
	s.heard++;
	stats_add(&s.delays, now_us - stamp->sent_us);
	if (s.writers == 1) {
		if (stamp->number > c->heard_to + 1)
			s.lost += stamp->number - c->heard_to - 1;
		else if (stamp->number <= c->heard_to)
			s.wrong++;
		if (stamp->number > c->heard_to)
			c->heard_to = stamp->number;
	}
	/* with several writers any text of the room counts as this one's */
	if (is_writer(c) && c->on_their_way > 0) {
		c->on_their_way--;
		if (s.writers == 1 && is_flooding())
			publish(c);
	}
}

static void
on_entered(struct client *c)
{
	c->is_entered = true;
	s.entered++;
}

static void
on_open(void *who)
{
	struct client *c = who;
	struct say hello = s.d->enter(c->number, room_of(c));

	if (hello.len > 0)
		send_to(c, hello);
	if (!s.d->is_entered)
		on_entered(c);
}

static void
on_text(void *who, char *text, size_t len)
{
	struct client *c = who;
	const char *at = text;
	size_t left = len;
	int64_t now_us = clock_monotonic_us(), acked_us;
	struct stamp stamp;

	if (!c->is_entered && s.d->is_entered(text, len))
		on_entered(c);
	if (s.d->is_refusal && s.d->is_refusal(text, len)) {
		if (s.refused++ == 0)
			fprintf(stderr, "load: client %u was told %.*s\n", c->number,
				(int)len, text);
		return;
	}
	if (s.d->owe) {
		struct say owed = s.d->owe(text, len);

		if (owed.len > 0)
			send_to(c, owed);
	}
	acked_us = s.d->acked_us(text, len);
	if (acked_us >= 0) {
		s.acked++;
		stats_add(&s.acks, now_us - acked_us);
		if (s.writers > 1 && is_flooding())
			publish(c);
		return;
	}
	while (stamp_find(&at, &left, &stamp))
		on_delivery(c, &stamp, now_us);
}

static void
on_end(void *who, int code, double retry_after_s)
{
	struct client *c = who;

	(void)retry_after_s;
	if (c->is_entered)
		s.entered--;
	c->is_entered = false;
	fprintf(stderr, "load: client %u was ended with %d\n", c->number, code);
	s.cut++;
}

static const struct ws_events on = { on_open, on_text, on_end };

/* ---- commands ------------------------------------------------------------ */

static int64_t
own_cpu_us(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * INT64_C(1000000) +
	       use.ru_utime.tv_usec + use.ru_stime.tv_usec;
}

static void
report(void)
{
	printf("{\"command\":\"%s\",\"seconds\":%.3f,\"own_cpu_s\":%.3f,\"entered\":%u,"
	       "\"published\":%" PRId64 ",\"heard\":%" PRId64 ",\"lost\":%" PRId64
	       ",\"wrong\":%" PRId64 ",\"acked\":%" PRId64 ",\"refused\":%" PRId64
	       ",\"cut\":%" PRId64,
	       s.command, (double)(clock_monotonic_us() - s.began_us) / 1e6,
	       (double)(own_cpu_us() - s.cpu_us) / 1e6, s.entered, s.published, s.heard,
	       s.lost, s.wrong, s.acked, s.refused, s.cut);
	stats_print(&s.delays, "delays");
	stats_print(&s.acks, "acks");
	printf("}\n");
	fflush(stdout);
	s.command[0] = '\0';
}

static void
begin_counting(void)
{
	s.published = s.heard = s.lost = s.wrong = s.acked = s.refused = s.cut = 0;
	stats_reset(&s.delays);
	stats_reset(&s.acks);
	for (uint32_t i = 0; i < s.count; i++)
		s.clients[i].on_their_way = 0;
	s.began_us = clock_monotonic_us();
	s.cpu_us = own_cpu_us();
}

static bool
is_opening(void)
{
	return strcmp(s.command, "open") == 0 || strcmp(s.command, "resume") == 0;
}

static void
begin(const char *line)
{
	double seconds = 0;

	if (sscanf(line, "%15s", s.command) != 1)
		return;
	begin_counting();
	s.missed = 0;
	if (is_opening())
		s.until_us = s.began_us + OPENING_US;
	if (strcmp(s.command, "open") == 0 ||
	    sscanf(line, "resume %" SCNd64, &s.missed) == 1)
		return;
	if (sscanf(line, "flood %u %lf %zu", &s.window, &seconds, &s.size) == 3 ||
	    sscanf(line, "offer %lf %lf %zu", &s.rate, &seconds, &s.size) == 3)
		s.until_us = s.began_us + (int64_t)(seconds * 1e6);
	else
		die("what is %s?", line);
	if (s.size >= TEXT_MAX || (s.size && s.size < STAMP_SIZE))
		die("texts have %d to %d bytes", STAMP_SIZE, TEXT_MAX);
	memset(s.text, 'x', sizeof(s.text));
	if (strcmp(s.command, "flood") == 0)
		flood();
}

/* Connects some at a time, since the listen queue is short. */
static void
open_more(void)
{
	while (s.knocked < s.count && s.knocked < s.entered + OPENING_AT_ONCE) {
		struct client *c = &s.clients[s.knocked];
		in_addr_t from = INADDR_LOOPBACK + 1 + s.knocked / PORTS_AN_ADDRESS;

		c->number = s.knocked++;
		if (!ws_connect(&c->ws, &s.server, from, epoll_of(c), c))
			die("no socket for client %u: %s", c->number, strerror(errno));
	}
}

/* Does what the current command has to do now; returns whether it is complete. */
static void
report_if_done(int64_t now_us)
{
	if (is_opening()) {
		open_more();
		if ((s.entered == s.count && s.heard >= s.missed * s.count) ||
		    now_us > s.until_us)
			report();
		return;
	}
	if (strcmp(s.command, "offer") == 0)
		offer(now_us);
	if (s.command[0] && now_us >= s.until_us &&
	    (s.heard >= s.published * s.per_room || now_us > s.until_us + DRAINING_US))
		report();
}

static int
go_on(int64_t now_us)
{
	report_if_done(now_us);
	return s.command[0] ? 1 : 100;
}

static void
step(void *client, unsigned events)
{
	struct client *c = client;

	if (c->ws.state == WS_CONNECTING)
		ws_step(&c->ws, epoll_of(c), events, s.d->request(c->number, room_of(c)),
			c, &on);
	else if (c->ws.state != WS_NONE)
		ws_step(&c->ws, epoll_of(c), events, "", c, &on);
}

int
main(int argc, char **argv)
{
	if (argc != 6 && argc != 8)
		die("usage: load DIALECT PORT ROOMS PER_ROOM WRITERS [KEYS_DIR KID]");
	s.d = dialect_by_name(argv[1], argv[6], argc == 8 ? argv[7] : NULL);
	if (!s.d)
		die("no dialect %s", argv[1]);
	s.server = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)atoi(argv[2])),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	s.rooms = (uint32_t)strtoul(argv[3], NULL, 10);
	s.per_room = (uint32_t)strtoul(argv[4], NULL, 10);
	s.writers = (uint32_t)strtoul(argv[5], NULL, 10);
	s.count = s.rooms * s.per_room;
	s.clients = xcalloc(s.count, sizeof(*s.clients));
	s.room = xcalloc(s.rooms, sizeof(*s.room));
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	s.writers_epoll = epoll_create1(EPOLL_CLOEXEC);
	drive(&(struct driver){ s.epoll, s.writers_epoll, begin, step, go_on });
}
