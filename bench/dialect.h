/* dialect.h -- how to talk to a server that is measured: Foyer, or one that it is
 * compared with, all over WebSocket.
 *
 * A published text begins with a stamp, STAMP_SIZE characters that no server has a reason
 * to change. Each stamp in the received data is one delivery, so deliveries are counted
 * without parsing frames, and a frame with several texts counts for as many.
 *
 * The functions write at most SAY_MAX bytes into a buffer of their own, which is valid
 * until the next call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/wsclient.h"

enum { STAMP_SIZE = 30, SAY_MAX = 32 * 1024 };

struct stamp {
	int64_t sent_us;
	uint32_t number; /* of the room, from 1 */
};

struct say {
	const char *data;
	size_t len; /* 0: nothing to send */
};

struct dialect {
	const char *name;
	bool is_binary;
	/* The head of the upgrade request. */
	const char *(*request)(uint32_t client, uint32_t room);
	/* Subscribes to the room, once the connection is open. */
	struct say (*enter)(uint32_t client, uint32_t room);
	/* Is this the answer to enter()? NULL: an open connection is enough. */
	bool (*is_entered)(const char *data, size_t len);
	struct say (*publish)(uint32_t client, uint32_t room, const char *text,
			      size_t len);
	/* If the frame acknowledges a text: when that was published, in us; else -1. */
	int64_t (*acked_us)(const char *data, size_t len);
	/* Does the frame refuse something? NULL: this server refuses nothing. */
	bool (*is_refusal)(const char *data, size_t len);
	/* What a listener has to answer to a frame; NULL: nothing. */
	struct say (*owe)(const char *data, size_t len);
};

/* NULL if there is no such dialect. keys_dir, kid: Foyer's, to sign tokens with. */
const struct dialect *dialect_by_name(const char *name, const char *keys_dir,
				      const char *kid);

void stamp_write(char *text, const struct stamp *stamp);
/* Finds the next stamp in the len bytes at data, and moves data and len past it; false:
 * none left. */
bool stamp_find(const char **data, size_t *len, struct stamp *out);
