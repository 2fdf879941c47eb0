/* redis.c -- see redis.h. */
#include "broker/redis.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <hiredis/sds.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "broker/loop.h"
#include "shared/clock.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/random.h"

enum {
	RETRY_FIRST_MS = 50,
	RETRY_MAX_MS = 3000,
	READ_SIZE = 64 * 1024,
	READS_A_TURN = 8
};
enum { MESSAGE_WORDS = 3, WORD_SIZE = 24 };

struct redis {
	struct loop *loop;
	const struct bus_place *place;
	const char *password, *name;
	struct redis_owner owner;
	redisContext *c;		       /* NULL: none, until the timer makes one */
	redisReplyObjectFunctions whole, ours; /* reply constructors; see few_alone() */
	struct loop_watch *watch;
	struct loop_timer *timer;
	int64_t retry_ms;
	int64_t asked_ms;   /* since when a reply is awaited; 0: none is */
	const char *broken; /* why to give it up; NULL: do not */
	bool is_up, wants_write;
};

static int64_t
now_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* ---- the end, and another beginning -------------------------------------- */

static void
retry(struct redis *r)
{
	uint8_t jitter;

	random_bytes(&jitter, sizeof(jitter));
	r->retry_ms = r->retry_ms ? r->retry_ms * 2 : RETRY_FIRST_MS;
	if (r->retry_ms > RETRY_MAX_MS)
		r->retry_ms = RETRY_MAX_MS;
	loop_timer_in(r->timer, r->retry_ms + r->retry_ms * jitter / 256);
}

static void
drop(struct redis *r)
{
	loop_unwatch(r->watch);
	r->watch = NULL;
	if (r->c)
		redisFree(r->c);
	r->c = NULL;
	r->is_up = false;
	r->broken = NULL;
	r->asked_ms = 0;
}

/* Never from within a reply: redis_flush() does it then. */
static void
give_up(struct redis *r, const char *why)
{
	bool was_up = r->is_up;

	drop(r);
	retry(r);
	log_event(LOG_WARN, "bus.down", LOG_S("line", r->name), LOG_S("reason", why),
		  LOG_I("retry_ms", r->retry_ms));
	if (was_up)
		r->owner.on_down(r->owner.arg);
}

/* ---- what it says -------------------------------------------------------- */

/* Logs its first word, which names the error; more might repeat what we said. */
static void
take_error(struct redis *r, const redisReply *reply)
{
	char word[WORD_SIZE] = "";

	memcpy(word, reply->str, strnlen(reply->str, sizeof(word) - 1));
	word[strcspn(word, " ")] = '\0';
	log_event(LOG_ERROR, "bus.refused", LOG_S("line", r->name), LOG_S("code", word));
	r->broken = "refused";
}

static bool
is_message(const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != MESSAGE_WORDS)
		return false;
	for (int i = 0; i < MESSAGE_WORDS; i++)
		if (reply->element[i]->type != REDIS_REPLY_STRING)
			return false;
	return strcmp(reply->element[0]->str, "message") == 0;
}

static void
take(struct redis *r, const redisReply *reply)
{
	r->asked_ms = 0;
	if (reply->type == REDIS_REPLY_ERROR) {
		take_error(r, reply);
	} else if (is_message(reply) && r->is_up) {
		r->owner.on_message(r->owner.arg, reply->element[1]->str,
				    reply->element[2]->str, reply->element[2]->len);
	} else if (reply->type == REDIS_REPLY_STATUS && !r->is_up &&
		   strcmp(reply->str, "PONG") == 0) {
		r->is_up = true;
		r->retry_ms = 0;
		log_event(LOG_INFO, "bus.up", LOG_S("line", r->name));
		r->owner.on_up(r->owner.arg);
	}
}

static void
take_all(struct redis *r)
{
	void *reply = NULL;

	while (redisReaderGetReply(r->c->reader, &reply) == REDIS_OK && reply) {
		if (!r->broken)
			take(r, reply);
		freeReplyObject(reply);
		reply = NULL;
	}
	if (r->c->reader->err || r->c->reader->len > REDIS_IN_MAX)
		r->broken = "protocol";
}

static void
read_some(struct redis *r)
{
	static char bytes[READ_SIZE];

	for (int i = 0; i < READS_A_TURN && !r->broken; i++) {
		ssize_t len = recv(r->c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len <= 0) {
			r->broken = len == 0 ? "closed" : strerrordesc_np(errno);
			return;
		}
		if (redisReaderFeed(r->c->reader, bytes, (size_t)len) != REDIS_OK)
			die("out of memory");
		take_all(r);
		if (len < (ssize_t)sizeof(bytes))
			return;
	}
}

static void
on_ready(void *arg, bool readable, bool writable)
{
	struct redis *r = arg;

	(void)writable;
	if (readable)
		read_some(r);
	redis_flush(r);
}

/* ---- connecting ---------------------------------------------------------- */

#if HIREDIS_MAJOR < 1
typedef int array_len;
#else
typedef size_t array_len;
#endif

/* We expect no array larger than a message, and hiredis would allocate it before it
 * came. */
static void *
few_alone(const redisReadTask *task, array_len count)
{
	const redisReplyObjectFunctions *whole = task->privdata;

	return count <= MESSAGE_WORDS ? whole->createArray(task, count) : NULL;
}

static void
say_hello(struct redis *r)
{
	const char *const auth[] = { "AUTH", r->password }, *const ping[] = { "PING" };

	if (*r->password)
		redisAppendCommandArgv(r->c, 2, (const char **)(uintptr_t)auth, NULL);
	redisAppendCommandArgv(r->c, 1, (const char **)(uintptr_t)ping, NULL);
	r->whole = r->ours = *r->c->reader->fn;
	r->ours.createArray = few_alone;
	r->c->reader->fn = &r->ours;
	r->c->reader->privdata = &r->whole;
	r->asked_ms = now_ms();
	r->watch = loop_watch(r->loop, r->c->fd, on_ready, r);
	loop_watch_for(r->watch, true, true);
	r->wants_write = true;
}

static void
on_timer(void *arg)
{
	struct redis *r = arg;

	r->c = *r->place->path ? redisConnectUnixNonBlock(r->place->path)
			       : redisConnectNonBlock(r->place->host, r->place->port);
	if (!r->c)
		die("out of memory");
	if (r->c->err)
		give_up(r, r->c->err == REDIS_ERR_IO ? strerrordesc_np(errno)
						     : "no such place");
	else
		say_hello(r);
}

struct redis *
redis_new(struct loop *loop, const struct bus_place *place, const char *password,
	  const char *name, const struct redis_owner *owner)
{
	struct redis *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->place = place;
	r->password = password;
	r->name = name;
	r->owner = *owner;
	r->timer = loop_timer_new(loop, on_timer, r);
	loop_timer_in(r->timer, 1);
	return r;
}

void
redis_free(struct redis *r)
{
	if (!r)
		return;
	drop(r);
	loop_timer_free(r->timer);
	free(r);
}

/* ---- using it ------------------------------------------------------------ */

bool
redis_is_up(const struct redis *r)
{
	return r->is_up && !r->broken;
}

bool
redis_say(struct redis *r, int count, const char *const words[], const size_t lens[])
{
	if (!redis_is_up(r))
		return false;
	if (sdslen(r->c->obuf) > REDIS_OUT_MAX) {
		r->broken = "slow";
		return false;
	}
	if (redisAppendCommandArgv(r->c, count, (const char **)(uintptr_t)words, lens) !=
	    REDIS_OK)
		die("out of memory");
	return true;
}

void
redis_flush(struct redis *r)
{
	int is_done = 0;

	if (!r->c || (!r->broken && sdslen(r->c->obuf) == 0 && !r->wants_write))
		return;
	if (r->broken) {
		give_up(r, r->broken);
		return;
	}
	if (redisBufferWrite(r->c, &is_done) != REDIS_OK) {
		give_up(r, strerrordesc_np(errno));
		return;
	}
	if (r->wants_write == !is_done)
		return;
	r->wants_write = !is_done;
	loop_watch_for(r->watch, true, r->wants_write);
}

void
redis_tick(struct redis *r)
{
	const char *const ping[] = { "PING" };

	if (!r->c)
		return;
	if (r->asked_ms && now_ms() - r->asked_ms > REDIS_SILENT_MS) {
		give_up(r, "silent");
	} else if (!r->asked_ms && redis_say(r, 1, ping, NULL)) {
		r->asked_ms = now_ms();
		redis_flush(r);
	}
}
