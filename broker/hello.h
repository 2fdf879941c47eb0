/* hello.h -- what a connecting client wants: the rules of the upgrade, in one place.
 *
 * A web page cannot read the status of a failed upgrade, so only mistakes that our own
 * clients never make are refused here, over HTTP: in the path, the handshake, the
 * subprotocols, the origin. Whether the token is valid and the room exists is told
 * after the upgrade, by an error frame and a close code (conn.c). Event streams are
 * plain HTTP and are answered by HTTP (stream.c).
 *
 * Lifetime: text is in the arena that the request was read into. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/format.h"
#include "broker/http.h"
#include "shared/config.h"

enum hello_kind {
	HELLO_SOCKET,  /* all of a user's rooms, over one connection */
	HELLO_ROOM,    /* the same, joined to a room that is every frame's default */
	HELLO_EVENTS,  /* a stream of what happens in a room, over HTTP */
	HELLO_ALIVE,   /* GET /health/live: does it answer at all? */
	HELLO_HEALTH,  /* GET /health, /health/ready: can it do its work? */
	HELLO_METRICS, /* GET /metrics */
	HELLO_REFUSED, /* answer says why */
};

/* Where a listener was: the last event it has, in which epoch. */
struct place {
	bool given;
	int64_t after;
	const char *epoch; /* NULL: the present one */
};

struct hello {
	enum hello_kind kind;
	const char *request_id;
	struct bytes answer;	/* HELLO_REFUSED */
	const char *bad_origin; /* HELLO_REFUSED because of it, for the log; or NULL */
	bool is_local;		/* from this machine, not forwarded by a proxy */
	const char *address;	/* the client's, in the form that limits use */
	const char *token;	/* NULL: a ticket, or comes in the first frame */
	bool token_in_url;	/* only access tokens are accepted there */
	const char *ticket;	/* of the query, if there is no token */
	const char *room;	/* HELLO_ROOM, HELLO_EVENTS: as given; NULL: none */
	struct place place;
	bool place_is_bad;
	const char *ws_key;
	bool names_protocol; /* the client wants to see foyer.v1 chosen */
	/* HELLO_EVENTS: */
	enum format format;
	const char *cors; /* header lines for any answer */
	bool head_only;	  /* HEAD: send only the head of the stream */
};

#define HELLO_PROTOCOL "foyer.v1"

/* peer: the other end's address, "" for a Unix socket. */
void hello_read(struct arena *a, const struct config *config,
		const struct http_request *rq, const char *peer, struct hello *out);

/* "<seq>" or "<epoch>.<seq>". ERR_INVALID for anything else; out is untouched then. */
enum err place_read(struct arena *a, const char *text, struct place *out);
