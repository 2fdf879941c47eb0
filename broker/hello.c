/* hello.c -- see hello.h. */
#include "broker/hello.h"

#include <string.h>
#include <strings.h>

#include "broker/origin.h"
#include "shared/address.h"
#include "shared/text.h"

enum { KEY_LEN = 24 }; /* 16 bytes in base64 */

enum err
place_read(struct arena *a, const char *text, struct place *out)
{
	const char *dot = strchr(text, '.');
	const char *epoch = dot ? arena_strndup(a, text, (size_t)(dot - text)) : NULL;
	int64_t after;

	TRY(text_to_int(dot ? dot + 1 : text, &after));
	if (after < 0 || (epoch && !text_is_key(epoch)))
		return ERR_INVALID;
	*out = (struct place){ .given = true, .after = after, .epoch = epoch };
	return OK;
}

/* ---- paths --------------------------------------------------------------- */

static const char *
without_slash(struct arena *a, const char *path)
{
	size_t len = strlen(path);

	return len > 1 && path[len - 1] == '/' ? arena_strndup(a, path, len - 1) : path;
}

/* "/rooms/<id>/ws": the id; NULL if the path has another form. */
static const char *
id_in_path(struct arena *a, const char *path, const char *last)
{
	const char *id, *end;

	if (!text_starts(path, "/rooms/") && !text_starts(path, "/chats/"))
		return NULL;
	id = path + strlen("/rooms/");
	end = strchr(id, '/');
	if (!end || end == id || strcmp(end, last) != 0)
		return NULL;
	return arena_strndup(a, id, (size_t)(end - id));
}

static enum hello_kind
refuse(struct hello *out, struct bytes answer)
{
	out->answer = answer;
	return HELLO_REFUSED;
}

static enum hello_kind
refuse_origin(struct arena *a, const struct http_request *rq, struct hello *out)
{
	out->bad_origin = text_clip(a, rq->headers[HTTP_ORIGIN], 200);
	return refuse(out, http_problem_of(a, out->request_id, 403, "forbidden",
					   "This origin is not allowed.", ""));
}

/* Paths for monitoring, not for clients. */
static bool
is_service(const char *path, enum hello_kind *out)
{
	static const struct {
		const char *path;
		enum hello_kind kind;
	} table[] = {
		{ "/health", HELLO_HEALTH },
		{ "/health/ready", HELLO_HEALTH },
		{ "/health/live", HELLO_ALIVE },
		{ "/metrics", HELLO_METRICS },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(path, table[i].path) == 0) {
			*out = table[i].kind;
			return true;
		}
	return false;
}

static enum hello_kind
kind_of_path(struct arena *a, const struct config *config, const char *path,
	     struct hello *out)
{
	path = without_slash(a, path);
	if (is_service(path, &out->kind))
		return out->kind;
	if (text_starts(path, config->prefix))
		path += strlen(config->prefix);
	if (text_starts(path, "/api/v1/"))
		path += strlen("/api/v1");
	if (is_service(path, &out->kind))
		return out->kind;
	if (strcmp(path, "/ws") == 0)
		return HELLO_SOCKET;
	if (strcmp(path, "/rooms/ws") == 0)
		return HELLO_ROOM;
	out->room = id_in_path(a, path, "/ws");
	if (out->room)
		return HELLO_ROOM;
	out->room = id_in_path(a, path, "/events");
	if (out->room)
		return HELLO_EVENTS;
	return refuse(out, http_problem_of(a, out->request_id, 404, "not_found",
					   "There is nothing here.", ""));
}

/* ---- the handshake ------------------------------------------------------- */

static bool
is_base64(const char *s)
{
	size_t len = strlen(s), body = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
						 "nopqrstuvwxyz0123456789+/");

	return len == KEY_LEN && body == KEY_LEN - 2 && strcmp(s + body, "==") == 0;
}

static bool
has_body(const struct http_request *rq)
{
	const char *len = rq->headers[HTTP_CONTENT_LENGTH];

	return rq->headers[HTTP_TRANSFER_ENCODING] || (len && strcmp(len, "0") != 0);
}

/* RFC 6455, 4.2.1. False: out has the answer. */
static bool
is_handshake(struct arena *a, const struct http_request *rq, struct hello *out)
{
	static const char allow[] = "Allow: GET, OPTIONS\r\n";
	const char *const *h = rq->headers;

	if (strcmp(rq->method, "OPTIONS") == 0) {
		refuse(out, http_no_content(a, out->request_id, allow));
		return false;
	}
	if (strcmp(rq->method, "GET") != 0) {
		refuse(out,
		       http_problem_of(a, out->request_id, 405, "method_not_allowed",
				       "Use GET, with an upgrade to WebSocket.", allow));
		return false;
	}
	if (!h[HTTP_UPGRADE] || strcasecmp(h[HTTP_UPGRADE], "websocket") != 0 ||
	    !http_has_word(h[HTTP_CONNECTION], "upgrade") || !h[HTTP_WS_VERSION] ||
	    strcmp(h[HTTP_WS_VERSION], "13") != 0) {
		refuse(out, http_problem_of(a, out->request_id, 426, "upgrade_required",
					    "This address speaks WebSocket, version 13.",
					    "Upgrade: websocket\r\n"
					    "Sec-WebSocket-Version: 13\r\n"));
		return false;
	}
	if (!rq->is_http_1_1 || !h[HTTP_HOST] || !h[HTTP_WS_KEY] ||
	    !is_base64(h[HTTP_WS_KEY]) || has_body(rq)) {
		refuse(out, http_problem_of(a, out->request_id, 400, "malformed",
					    "This is not a valid WebSocket handshake "
					    "(RFC 6455).",
					    ""));
		return false;
	}
	out->ws_key = h[HTTP_WS_KEY];
	return true;
}

/* ---- tokens -------------------------------------------------------------- */

/* Browsers cannot set headers, so the token may be in the list of subprotocols. False:
 * the list lacks ours. */
static bool
read_protocols(struct arena *a, const char *list, struct hello *out)
{
	if (!list)
		return true;
	while (*list) {
		size_t len;

		list += strspn(list, ", \t");
		len = strcspn(list, ", \t");
		if (len == strlen(HELLO_PROTOCOL) &&
		    strncmp(list, HELLO_PROTOCOL, len) == 0)
			out->names_protocol = true;
		else if (len >= 7 && strncmp(list, "bearer.", 7) == 0 && !out->token)
			out->token = arena_strndup(a, list + 7, len - 7);
		list += len;
	}
	return out->names_protocol;
}

static void
read_authorization(struct arena *a, const char *value, struct hello *out)
{
	if (value && strncasecmp(value, "Bearer ", 7) == 0)
		out->token = arena_strdup(a, value + 7 + strspn(value + 7, " "));
}

/* ---- rooms and places ---------------------------------------------------- */

static void
read_room(struct arena *a, const char *query, struct hello *out)
{
	static const char *const names[] = { "room", "room_id", "chat_id" };
	const char *after = http_query(a, query, "after");
	const char *epoch = http_query(a, query, "epoch");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !out->room; i++)
		out->room = http_query(a, query, names[i]);
	if (!after)
		return;
	out->place_is_bad = place_read(a, after, &out->place) != OK;
	if (!out->place_is_bad && epoch)
		out->place.epoch = epoch;
}

static const char *
counted(struct arena *a, const struct config *config, const struct http_request *rq,
	const char *peer)
{
	const char *client = address_of_client(a, &config->trusted_proxies, peer,
					       rq->headers[HTTP_FORWARDED_FOR]);

	return address_counted(a, client);
}

static bool
is_local(const struct http_request *rq, const char *peer)
{
	return (strcmp(peer, "::1") == 0 || text_starts(peer, "127.")) &&
	       !rq->headers[HTTP_FORWARDED_FOR] && !rq->headers[HTTP_FORWARDED_HOST];
}

static void
read_ticket(struct arena *a, const struct http_request *rq, struct hello *out)
{
	if (!out->token)
		out->ticket = http_query(a, rq->query, "ticket");
}

/* Only for sockets: a stream is a GET that anything which follows links repeats. */
static void
read_url_token(struct arena *a, const struct http_request *rq, struct hello *out)
{
	if (!out->token && !out->ticket) {
		out->token = http_query(a, rq->query, "token");
		out->token_in_url = out->token != NULL;
	}
}

/* ---- event streams ------------------------------------------------------- */

#define EVENTS_METHODS "GET, HEAD, OPTIONS"

/* An EventSource that reconnects repeats its URL: the header is newer. */
static void
read_last_event(struct arena *a, const struct http_request *rq, struct hello *out)
{
	const char *last = rq->headers[HTTP_LAST_EVENT_ID];

	if (!last || !*last)
		return;
	out->place = (struct place){};
	out->place_is_bad = place_read(a, last, &out->place) != OK;
}

static void
read_events(struct arena *a, const struct config *config, const struct http_request *rq,
	    const char *peer, struct hello *out)
{
	bool is_preflight = strcmp(rq->method, "OPTIONS") == 0;
	const char *allow = "Allow: " EVENTS_METHODS "\r\n";

	out->cors = origin_cors(a, config, rq, is_preflight ? EVENTS_METHODS : NULL);
	if (is_preflight)
		out->kind = refuse(
			out, http_no_content(a, out->request_id,
					     arena_printf(a, "%s%s", allow, out->cors)));
	else if (strcmp(rq->method, "GET") != 0 && !out->head_only)
		out->kind =
			refuse(out, http_problem_of(a, out->request_id, 405,
						    "method_not_allowed",
						    "Event streams are read with GET or "
						    "HEAD.",
						    allow));
	else if (!origin_is_welcome(a, config, rq, peer))
		out->kind = refuse_origin(a, rq, out);
	else if (!format_choose(rq->headers[HTTP_ACCEPT], &out->format))
		out->kind = refuse(out, http_problem_of(a, out->request_id, 406,
							"not_acceptable",
							"The available types are "
							"text/event-stream, "
							"application/x-ndjson and "
							"text/plain.",
							out->cors));
	if (out->kind == HELLO_REFUSED)
		return;
	read_authorization(a, rq->headers[HTTP_AUTHORIZATION], out);
	read_ticket(a, rq, out);
	read_room(a, rq->query, out);
	read_last_event(a, rq, out);
	out->address = counted(a, config, rq, peer);
}

/* ---- WebSockets ---------------------------------------------------------- */

static void
read_socket(struct arena *a, const struct config *config, const struct http_request *rq,
	    const char *peer, struct hello *out)
{
	if (!is_handshake(a, rq, out)) {
		out->kind = HELLO_REFUSED;
		return;
	}
	if (!origin_is_welcome(a, config, rq, peer)) {
		out->kind = refuse_origin(a, rq, out);
		return;
	}
	read_authorization(a, rq->headers[HTTP_AUTHORIZATION], out);
	if (!read_protocols(a, rq->headers[HTTP_WS_PROTOCOL], out)) {
		out->kind = refuse(
			out, http_problem_of(a, out->request_id, 400, "malformed",
					     "The only subprotocol is foyer.v1.", ""));
		return;
	}
	read_ticket(a, rq, out);
	read_url_token(a, rq, out);
	if (out->kind == HELLO_ROOM)
		read_room(a, rq->query, out);
	out->address = counted(a, config, rq, peer);
}

void
hello_read(struct arena *a, const struct config *config, const struct http_request *rq,
	   const char *peer, struct hello *out)
{
	*out = (struct hello){ .request_id = http_request_id(a, rq),
			       .head_only = strcmp(rq->method, "HEAD") == 0 };
	out->kind = kind_of_path(a, config, rq->path, out);
	out->is_local = is_local(rq, peer);
	if (out->kind == HELLO_EVENTS)
		read_events(a, config, rq, peer, out);
	else if (out->kind == HELLO_SOCKET || out->kind == HELLO_ROOM)
		read_socket(a, config, rq, peer, out);
}
