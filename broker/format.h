/* format.h -- the three forms of an event stream, made from WebSocket frames.
 *
 *	text/event-stream	id: <epoch>.<seq>, event: the type, data: the frame's JSON
 *	application/x-ndjson	the frame's JSON, one a line
 *	text/plain		lines for people (plain.h)
 *
 * A frame's beginning says what it is: ours begin {"type":"…", and text from clients
 * comes only after the seq. So only text/plain has to parse it. This file also says
 * which frames belong to a stream: events of the room's log, and what becomes of the
 * listener. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/text.h"

enum format { FORMAT_EVENTS, FORMAT_NDJSON, FORMAT_PLAIN, FORMAT_COUNT };

/* The best form that an Accept header takes (RFC 9110, 12.5.1); NULL or "": the first.
 * False: none; out is untouched then. */
bool format_choose(const char *accept, enum format *out);
const char *format_media_type(enum format f);

/* A frame that a stream shows. */
struct told {
	const char *json; /* not NUL-terminated */
	size_t len;
	const char *type;
	bool is_in_log;
	int64_t seq;	     /* -1: none */
	const char *room_id; /* "": none */
};

/* frame: one text frame of ours. False: it does not belong in a stream. */
bool told_read(struct arena *a, const uint8_t *frame, struct told *out);
/* A member of it that holds a plain word (an id, an epoch); "": there is none. */
const char *told_word(struct arena *a, const struct told *t, const char *key);

/* What the stream knows and its frames do not say. */
struct format_context {
	const char *epoch;
	uint64_t id_key; /* of the instance */
	int64_t now_ms;
};

/* The beginning: everything after seq is still to come, and a client that loses the
 * stream comes back in about retry_ms. */
void format_begin(struct strbuf *out, enum format f, const struct format_context *x,
		  int64_t seq, unsigned retry_ms);
/* Works in out's arena. */
void format_told(struct strbuf *out, enum format f, const struct format_context *x,
		 const struct told *t);
/* Something empty, so that no proxy takes the silence for the end. */
void format_heartbeat(struct strbuf *out, enum format f);
/* Clients that come back wait that long. Only text/event-stream has words for it. */
void format_retry(struct strbuf *out, enum format f, unsigned retry_ms);
