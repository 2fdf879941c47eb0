/* frame.c -- see frame.h. */
#include "broker/frame.h"

#include <string.h>

enum { FIN_TEXT = 0x81, FIN_CLOSE = 0x88, FIN_PING = 0x89, LEN_16 = 126, LEN_64 = 127 };

size_t
frame_head(size_t len, uint8_t out[FRAME_HEAD_MAX])
{
	out[0] = FIN_TEXT;
	if (len < LEN_16) {
		out[1] = (uint8_t)len;
		return 2;
	}
	if (len <= UINT16_MAX) {
		out[1] = LEN_16;
		out[2] = (uint8_t)(len >> 8);
		out[3] = (uint8_t)len;
		return 4;
	}
	out[1] = LEN_64;
	for (int i = 0; i < 8; i++)
		out[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
	return 10;
}

size_t
frame_head_size(const uint8_t *f)
{
	return f[1] < LEN_16 ? 2 : f[1] == LEN_16 ? 4 : 10;
}

size_t
frame_size(const uint8_t *f)
{
	size_t len = 0;

	if (f[1] < LEN_16)
		return 2u + f[1];
	if (f[1] == LEN_16)
		return 4u + ((size_t)f[2] << 8 | f[3]);
	for (int i = 0; i < 8; i++)
		len = len << 8 | f[2 + i];
	return 10 + len;
}

size_t
frame_fit(const uint8_t *frames, size_t len, size_t max)
{
	size_t fit;

	if (len <= max)
		return len;
	fit = frame_size(frames);
	while (fit < len && fit + frame_size(frames + fit) <= max)
		fit += frame_size(frames + fit);
	return fit;
}

struct bytes
frame_text(struct arena *a, const char *text, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];
	size_t head_len = frame_head(len, head);
	uint8_t *frame = arena_alloc(a, head_len + len);

	memcpy(frame, head, head_len);
	memcpy(frame + head_len, text, len);
	return (struct bytes){ frame, head_len + len };
}

struct bytes
frame_json(struct arena *a, struct json *o)
{
	size_t len;
	const char *text = json_print(a, o, &len);

	return frame_text(a, text, len);
}

struct bytes
frame_ping(void)
{
	/* With a payload, which the pong returns: libwebsockets 4.1 does not report a
	 * pong without one. */
	static const uint8_t ping[3] = { FIN_PING, 1, '.' };

	return (struct bytes){ ping, sizeof(ping) };
}

struct bytes
frame_close(struct arena *a, enum close_code code, const char *reason)
{
	size_t len = strnlen(reason, FRAME_REASON_MAX);
	uint8_t *frame = arena_alloc(a, 4 + len);

	frame[0] = FIN_CLOSE;
	frame[1] = (uint8_t)(2 + len);
	frame[2] = (uint8_t)(code >> 8);
	frame[3] = (uint8_t)code;
	memcpy(frame + 4, reason, len);
	return (struct bytes){ frame, 4 + len };
}

struct json *
frame_object(struct arena *a, const char *type, const char *ref)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "type", type);
	if (ref)
		json_put_text(o, "ref", ref);
	return o;
}

struct bytes
frame_event(struct arena *a, const struct db_instance *in, const struct event *e)
{
	return frame_json(a, json_event(a, in, e));
}

struct bytes
frame_error(struct arena *a, const char *ref, const char *room_id, enum err e,
	    const struct problem *p)
{
	struct json *o = frame_object(a, "error", ref);

	if (room_id)
		json_put_text(o, "room_id", room_id);
	json_put_text(o, "code", p->code ? p->code : err_code(e));
	json_put_text(o, "detail", p->detail ? p->detail : err_detail(e));
	if (p->retry_after_s > 0)
		json_put_int(o, "retry_after", p->retry_after_s);
	if (p->call_id)
		json_put_text(o, "call_id", p->call_id);
	if (p->error_count > 0)
		json_put(o, "errors", problem_errors(a, p));
	return frame_json(a, o);
}

enum close_code
close_code_of(enum err e)
{
	static const enum close_code codes[ERR_COUNT] = {
		[ERR_MALFORMED] = CLOSE_BAD_FRAME,
		[ERR_INVALID] = CLOSE_BAD_FRAME,
		[ERR_UNAUTHENTICATED] = CLOSE_UNAUTHENTICATED,
		[ERR_FORBIDDEN] = CLOSE_FORBIDDEN,
		[ERR_NOT_FOUND] = CLOSE_NOT_FOUND,
		[ERR_CONFLICT] = CLOSE_CONFLICT,
		[ERR_TOO_LARGE] = CLOSE_BAD_FRAME,
		[ERR_TOO_MANY] = CLOSE_TOO_MUCH,
		[ERR_UNAVAILABLE] = CLOSE_TRY_LATER,
		[ERR_INTERNAL] = CLOSE_TRY_LATER,
	};

	return e < ERR_COUNT && codes[e] ? codes[e] : CLOSE_NORMAL;
}
