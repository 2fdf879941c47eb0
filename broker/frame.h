/* frame.h -- frames to clients, as finished WebSocket frames (RFC 6455).
 *
 * Encoded once, written verbatim to as many sockets as need it. The words are the
 * contract's: an error carries the code that REST would answer, and each error that
 * ends a connection has one close code, in one table here.
 *
 * Lifetime: frames made here are in the turn's arena. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/json.h"
#include "shared/model.h"
#include "shared/problem.h"
#include "shared/roomlog.h"

enum close_code {
	CLOSE_NORMAL = 1000,
	CLOSE_GOING_AWAY = 1001, /* reason: "retry_after=1.234", in seconds */
	CLOSE_TRY_LATER = 1013,
	CLOSE_BAD_FRAME = 4400,
	CLOSE_UNAUTHENTICATED = 4401,
	CLOSE_FORBIDDEN = 4403,
	CLOSE_NOT_FOUND = 4404,
	CLOSE_TOO_SLOW = 4408,
	CLOSE_CONFLICT = 4409,
	CLOSE_TOO_MUCH = 4429,
};

/* One frame, or several in a row. */
struct bytes {
	const uint8_t *data;
	size_t len;
};

enum { FRAME_HEAD_MAX = 10, FRAME_REASON_MAX = 123 };

/* The header of an unmasked, final text frame; its size. */
size_t frame_head(size_t payload_len, uint8_t out[FRAME_HEAD_MAX]);

/* Bytes of the header of the frame that begins here (one of ours), and of the whole
 * frame. */
size_t frame_head_size(const uint8_t *frame);
size_t frame_size(const uint8_t *frame);
/* The whole frames at the beginning that fit into max bytes; at least one. */
size_t frame_fit(const uint8_t *frames, size_t len, size_t max);

struct bytes frame_text(struct arena *a, const char *text, size_t len);
struct bytes frame_json(struct arena *a, struct json *o);
struct bytes frame_ping(void);
struct bytes frame_close(struct arena *a, enum close_code code, const char *reason);

/* {"type": type, "ref": ref}; without ref if that is NULL. */
struct json *frame_object(struct arena *a, const char *type, const char *ref);

/* An event of a room's log: the same bytes for everybody. */
struct bytes frame_event(struct arena *a, const struct db_instance *in,
			 const struct event *e);

/* The outcome of a frame or of a connection: `error`. ref and room_id may be NULL. */
struct bytes frame_error(struct arena *a, const char *ref, const char *room_id,
			 enum err e, const struct problem *p);
enum close_code close_code_of(enum err e);
