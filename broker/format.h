/* format.h -- the three forms of an event stream, made from WebSocket frames.
 *
 *	text/event-stream	id: <epoch>.<seq>, event: the type, data: the frame's JSON
 *	application/x-ndjson	the frame's JSON, one a line
 *	text/plain		lines for people (plain.h)
 *
 * A frame says what it is at its beginning: ours begin {"type":"…", and what clients
 * wrote stands behind the seq. So only text/plain has to parse it. Which frames belong
 * to a stream is said here too: the room's log, and what becomes of the listener. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/text.h"

enum format { FORMAT_EVENTS, FORMAT_NDJSON, FORMAT_PLAIN, FORMAT_COUNT };

/* The best one that an Accept header takes (RFC 9110, 12.5.1); NULL or "": the first.
 * False: none; out is untouched then. */
bool format_choose(const char *accept, enum format *out);
const char *format_media_type(enum format f);

/* A frame that a stream tells. */
struct told {
	const char *json; /* not NUL-terminated */
	size_t len;
	const char *type;
	bool is_in_log;
	int64_t seq;	     /* -1: none */
	const char *room_id; /* "": none */
};

/* frame: one text frame of ours. False: it is none of a stream's. */
bool told_read(struct arena *a, const uint8_t *frame, struct told *out);
/* A member of it that holds a plain word (an id, an epoch); "": there is none. */
const char *told_word(struct arena *a, const struct told *t, const char *key);

/* What the stream knows that its frames do not. */
struct format_context {
	const char *epoch;
	uint64_t id_key; /* of the instance */
	int64_t now_ms;
};

/* The beginning: everything after seq is still to come, and who loses the stream comes
 * back in about retry_ms. */
void format_begin(struct strbuf *out, enum format f, const struct format_context *x,
		  int64_t seq, unsigned retry_ms);
/* out's arena is used to work in. */
void format_told(struct strbuf *out, enum format f, const struct format_context *x,
		 const struct told *t);
/* Nothing; so that nobody on the way takes the silence for the end. */
void format_heartbeat(struct strbuf *out, enum format f);
/* Who comes back waits that long. Only event streams have words for it. */
void format_retry(struct strbuf *out, enum format f, unsigned retry_ms);
