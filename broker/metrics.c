/* metrics.c -- see metrics.h. */
#include "broker/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/store.h"
#include "shared/offset.h"
#include "shared/text.h"

/* ---- histograms ---------------------------------------------------------- */

static const int64_t sizes[HISTOGRAM_BOUNDS] = { 1,  2,	  5,   10,  20,	 35,  50,
						 75, 100, 150, 250, 500, 750, 1000 };
static const int64_t times_us[HISTOGRAM_BOUNDS] = { 100,     250,    500,    1000,
						    2500,    5000,   10000,  25000,
						    50000,   100000, 250000, 500000,
						    1000000, 5000000 };

static void
add(struct histogram *h, const int64_t bounds[], int64_t value)
{
	int i = 0;

	while (i < HISTOGRAM_BOUNDS && value > bounds[i])
		i++;
	h->counts[i]++;
	h->sum += value;
}

void
metrics_size(struct histogram *h, int64_t count)
{
	add(h, sizes, count);
}

void
metrics_time(struct histogram *h, int64_t us)
{
	add(h, times_us, us);
}

/* ---- ends ---------------------------------------------------------------- */

static const enum close_code codes[END_COUNT] = {
	[END_NORMAL] = CLOSE_NORMAL,
	[END_GOING_AWAY] = CLOSE_GOING_AWAY,
	[END_TRY_LATER] = CLOSE_TRY_LATER,
	[END_BAD_FRAME] = CLOSE_BAD_FRAME,
	[END_UNAUTHENTICATED] = CLOSE_UNAUTHENTICATED,
	[END_FORBIDDEN] = CLOSE_FORBIDDEN,
	[END_NOT_FOUND] = CLOSE_NOT_FOUND,
	[END_TOO_SLOW] = CLOSE_TOO_SLOW,
	[END_CONFLICT] = CLOSE_CONFLICT,
	[END_TOO_MUCH] = CLOSE_TOO_MUCH,
};

void
metrics_closed(struct metrics *m, enum close_code code)
{
	for (int i = END_NORMAL; i < END_COUNT; i++)
		if (codes[i] == code)
			m->ended[i]++;
}

/* ---- what can be looked up ----------------------------------------------- */

struct view {
	struct metrics counted;
	int64_t in_state[CONN_STATE_COUNT];
	int64_t people, addresses, rooms, listeners;
	int64_t posts, post_bytes, reads, page_bytes;
	int64_t outbox_bytes, outbox_most, outbox_stuck;
	int64_t is_up, is_draining, lag_us, others, hears, carries;
	int64_t memory_bytes, processor_us;
};

static void
look_at_connections(const struct broker *b, struct view *out)
{
	for (int state = 0; state < CONN_STATE_COUNT; state++)
		LIST_EACH(&b->conns.states[state], item) {
			const struct conn *c = CONTAINER(item, struct conn, in_state);
			const struct outbox *o = &c->out;
			int64_t bytes = (int64_t)(o->kept + o->end - o->begin);

			out->in_state[state]++;
			out->listeners += c->listener_count;
			out->outbox_bytes += bytes;
			out->outbox_stuck += o->kept > 0;
			if (bytes > out->outbox_most)
				out->outbox_most = bytes;
		}
}

static void
look_at_process(struct view *out)
{
	struct rusage used = {};
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	out->memory_bytes = pages * sysconf(_SC_PAGESIZE);
	if (getrusage(RUSAGE_SELF, &used) == 0)
		out->processor_us =
			(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
			used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static void
look(const struct broker *b, struct view *out)
{
	*out = (struct view){
		.counted = b->metrics,
		.people = (int64_t)b->people.visitors.count,
		.addresses = (int64_t)b->people.addresses.count,
		.rooms = (int64_t)rooms_count(&b->rooms),
		.posts = (int64_t)b->writer.lanes.posts + b->writer.batch_count,
		.post_bytes = (int64_t)b->writer.lanes.bytes,
		.reads = b->resumes.reads,
		.page_bytes = (int64_t)b->resumes.bytes,
		.is_up = 1,
		.is_draining = b->draining,
		.lag_us = b->lag_us,
		.others = b->peers.others,
		.hears = bus_hears(b),
		.carries = bus_carries(b),
	};
	for (int line = 0; line < LINE_COUNT; line++)
		if (!store_is_up(b->store, (enum store_line)line))
			out->is_up = 0;
	look_at_connections(b, out);
	look_at_process(out);
}

/* ---- the table ----------------------------------------------------------- */

enum kind { COUNTER, GAUGE, SECONDS_COUNTER, SECONDS_GAUGE, SIZES, TIMES };

static const char *const kind_words[] = {
	[COUNTER] = "counter",	   [GAUGE] = "gauge",	  [SECONDS_COUNTER] = "counter",
	[SECONDS_GAUGE] = "gauge", [SIZES] = "histogram", [TIMES] = "histogram",
};

struct metric {
	enum kind kind;
	const char *name;
	const char *label; /* NULL: none; rows of one name are adjacent */
	size_t offset;	   /* in struct view */
	const char *about; /* taken from the first row of each name */
};

#define AT(m) OFFSET_OF(struct view, m, int64_t)
#define HISTOGRAM(m) OFFSET_OF(struct view, counted.m, struct histogram)
#define STATE(word, state)                                                             \
	{                                                                              \
		GAUGE, "foyer_connections", "state=\"" word "\"", AT(in_state[state]), \
			"Connections by state"                                         \
	}
#define END(word, end)                                                                \
	{                                                                             \
		COUNTER, "foyer_connections_ended_total", "by=\"" word "\"",          \
			AT(counted.ended[end]),                                       \
			"Connections ended: by our close code, or gone by themselves" \
	}
#define LIMITED(word, m)                                                             \
	{                                                                            \
		COUNTER, "foyer_limited_total", "limit=\"" word "\"", AT(counted.m), \
			"Refusals by the limit that was exceeded"                    \
	}

static const struct metric metrics[] = {
	STATE("stranger", CONN_STRANGER),
	STATE("waiting", CONN_WAITING),
	STATE("checking", CONN_CHECKING),
	STATE("ready", CONN_READY),
	STATE("closing", CONN_CLOSING),
	{ COUNTER, "foyer_connections_opened_total", NULL, AT(counted.opened),
	  "Connections that completed the handshake" },
	END("gone", END_GONE),
	END("1000", END_NORMAL),
	END("1001", END_GOING_AWAY),
	END("1013", END_TRY_LATER),
	END("4400", END_BAD_FRAME),
	END("4401", END_UNAUTHENTICATED),
	END("4403", END_FORBIDDEN),
	END("4404", END_NOT_FOUND),
	END("4408", END_TOO_SLOW),
	END("4409", END_CONFLICT),
	END("4429", END_TOO_MUCH),
	{ GAUGE, "foyer_people", NULL, AT(people), "People connected" },
	{ GAUGE, "foyer_addresses", NULL, AT(addresses),
	  "Client addresses with connections" },
	{ GAUGE, "foyer_rooms", NULL, AT(rooms), "Rooms with listeners" },
	{ GAUGE, "foyer_listeners", NULL, AT(listeners),
	  "Pairs of a connection and a room that it listens to" },

	{ COUNTER, "foyer_frames_received_total", NULL, AT(counted.frames_in),
	  "Frames from clients" },
	{ COUNTER, "foyer_received_bytes_total", NULL, AT(counted.bytes_in),
	  "Payload bytes received from clients" },
	{ COUNTER, "foyer_frames_sent_total", NULL, AT(counted.frames_out),
	  "Frames to clients" },
	{ COUNTER, "foyer_sent_bytes_total", NULL, AT(counted.bytes_out),
	  "Bytes sent to clients, frame headers included" },
	{ COUNTER, "foyer_writes_total", NULL, AT(counted.writes),
	  "Writes to sockets; one carries everything pending for a connection" },

	{ COUNTER, "foyer_messages_committed_total", NULL, AT(counted.committed),
	  "Messages committed and acknowledged" },
	{ COUNTER, "foyer_messages_refused_total", NULL, AT(counted.refused),
	  "Messages refused by the database or given up after waiting too long" },
	{ GAUGE, "foyer_messages_waiting", NULL, AT(posts),
	  "Messages not committed yet" },
	{ GAUGE, "foyer_messages_waiting_bytes", NULL, AT(post_bytes),
	  "Bytes of messages not yet sent to the database" },
	{ SIZES, "foyer_batch_messages", NULL, HISTOGRAM(batch_messages),
	  "Messages per commit" },
	{ TIMES, "foyer_commit_seconds", NULL, HISTOGRAM(commit_us),
	  "From sending a batch to the database to its answer" },
	{ TIMES, "foyer_message_seconds", NULL, HISTOGRAM(post_us),
	  "From a message's arrival to its acknowledgement" },

	{ GAUGE, "foyer_outbox_bytes", NULL, AT(outbox_bytes),
	  "Bytes in the connections' own queues" },
	{ GAUGE, "foyer_outbox_largest_bytes", NULL, AT(outbox_most),
	  "Bytes in the largest of these queues" },
	{ GAUGE, "foyer_outbox_stuck", NULL, AT(outbox_stuck),
	  "Connections whose sockets accept no more data for now" },
	{ COUNTER, "foyer_ephemeral_dropped_total", NULL, AT(counted.dropped),
	  "Ephemeral frames dropped because of a backlog" },

	{ COUNTER, "foyer_resumes_total", "from=\"ring\"", AT(counted.resumed_ring),
	  "Resumed rooms: from memory, from the log, or not at all (the client reloads)" },
	{ COUNTER, "foyer_resumes_total", "from=\"log\"", AT(counted.resumed_log), NULL },
	{ COUNTER, "foyer_resumes_total", "from=\"nothing\"", AT(counted.resumed_not),
	  NULL },
	{ GAUGE, "foyer_pages_reading", NULL, AT(reads),
	  "Log pages being read for listeners that catch up" },
	{ GAUGE, "foyer_pages_bytes", NULL, AT(page_bytes),
	  "Bytes of log pages read but not sent yet" },

	{ COUNTER, "foyer_wakes_total", "by=\"socket\"", AT(counted.wakes_socket),
	  "Wake-ups received from other writers" },
	{ COUNTER, "foyer_wakes_total", "by=\"notify\"", AT(counted.wakes_notify), NULL },
	{ COUNTER, "foyer_wakes_total", "by=\"redis\"", AT(counted.wakes_redis), NULL },
	{ COUNTER, "foyer_wakes_told_total", NULL, AT(counted.wakes_told),
	  "Wake-ups sent to other brokers" },
	{ GAUGE, "foyer_other_brokers", NULL, AT(others),
	  "Other live brokers on this database" },
	{ GAUGE, "foyer_bus_up", NULL, AT(hears),
	  "1 while both connections to Redis are up" },
	{ GAUGE, "foyer_bus_used", NULL, AT(carries),
	  "1 while brokers talk by Redis; 0: by NOTIFY, or there is no other broker" },
	{ COUNTER, "foyer_bus_connects_total", NULL, AT(counted.bus_connects),
	  "Connections to Redis opened, including the first ones" },
	{ COUNTER, "foyer_bus_sent_bytes_total", NULL, AT(counted.bus_sent_bytes),
	  "Bytes published through Redis" },
	{ COUNTER, "foyer_bus_refused_total", NULL, AT(counted.bus_refused),
	  "Packets from Redis without a valid seal or unreadable" },
	{ COUNTER, "foyer_bus_messages_total", "as=\"next\"", AT(counted.bus_next),
	  "Messages received through Redis and delivered: at once, or after missing "
	  "ones" },
	{ COUNTER, "foyer_bus_messages_total", "as=\"early\"", AT(counted.bus_early),
	  NULL },
	{ GAUGE, "foyer_database_up", NULL, AT(is_up),
	  "1 while all connections to PostgreSQL are up" },
	{ COUNTER, "foyer_database_connects_total", NULL, AT(counted.db_connects),
	  "Connections to PostgreSQL opened, including the first ones" },

	LIMITED("frames", limited_frames),
	LIMITED("bytes", limited_bytes),
	LIMITED("address_frames", limited_address_frames),
	LIMITED("messages", limited_messages),
	LIMITED("signals", limited_signals),
	LIMITED("handshakes", limited_handshakes),
	LIMITED("address_connections", limited_address),
	LIMITED("user_connections", limited_user),

	{ TIMES, "foyer_turn_seconds", NULL, HISTOGRAM(turn_us),
	  "Duration of a turn of the event loop; input arriving meanwhile waits" },
	{ SECONDS_GAUGE, "foyer_loop_lag_seconds", NULL, AT(lag_us),
	  "Recent duration of writing to all connections that have output" },
	{ GAUGE, "foyer_draining", NULL, AT(is_draining),
	  "1 from SIGTERM on: no new connections are accepted" },
	{ GAUGE, "process_resident_memory_bytes", NULL, AT(memory_bytes),
	  "Resident memory" },
	{ SECONDS_COUNTER, "process_cpu_seconds_total", NULL, AT(processor_us),
	  "User and system CPU time" },
};

/* ---- the text ------------------------------------------------------------ */

static void
print_seconds(struct strbuf *s, int64_t us)
{
	strbuf_printf(s, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

static void
print_number(struct strbuf *s, bool is_time, int64_t value)
{
	if (is_time)
		print_seconds(s, value);
	else
		strbuf_printf(s, "%" PRId64, value);
}

static void
print_histogram(struct strbuf *s, const struct metric *m, const struct histogram *h)
{
	const int64_t *bounds = m->kind == TIMES ? times_us : sizes;
	int64_t total = 0;

	for (int i = 0; i < HISTOGRAM_BOUNDS; i++) {
		total += h->counts[i];
		strbuf_printf(s, "%s_bucket{le=\"", m->name);
		print_number(s, m->kind == TIMES, bounds[i]);
		strbuf_printf(s, "\"} %" PRId64 "\n", total);
	}
	total += h->counts[HISTOGRAM_BOUNDS];
	strbuf_printf(s, "%s_bucket{le=\"+Inf\"} %" PRId64 "\n%s_sum ", m->name, total,
		      m->name);
	print_number(s, m->kind == TIMES, h->sum);
	strbuf_printf(s, "\n%s_count %" PRId64 "\n", m->name, total);
}

static void
print_row(struct strbuf *s, const struct metric *m, const struct view *v)
{
	const void *at = (const char *)v + m->offset;
	int64_t value;

	if (m->kind == SIZES || m->kind == TIMES) {
		print_histogram(s, m, at);
		return;
	}
	memcpy(&value, at, sizeof(value));
	strbuf_puts(s, m->name);
	if (m->label)
		strbuf_printf(s, "{%s}", m->label);
	strbuf_puts(s, " ");
	print_number(s, m->kind == SECONDS_COUNTER || m->kind == SECONDS_GAUGE, value);
	strbuf_puts(s, "\n");
}

const char *
metrics_print(struct broker *b, struct arena *a)
{
	struct strbuf s = { .arena = a };
	const char *before = "";
	struct view v;

	look(b, &v);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *m = &metrics[i];

		if (strcmp(m->name, before) != 0)
			strbuf_printf(&s, "# HELP %s %s\n# TYPE %s %s\n", m->name,
				      m->about, m->name, kind_words[m->kind]);
		before = m->name;
		print_row(&s, m, &v);
	}
	return s.data;
}
