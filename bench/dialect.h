/* dialect.h -- how to speak to a server that is measured: Foyer, or one of those beside
 * it. All of them over WebSocket.
 *
 * A text that is published begins with a stamp, STAMP_SIZE characters that no server has
 * reason to change: where it stands in what comes back, there a delivery is. So a frame
 * need not be understood to be counted, and one that carries several texts counts for as
 * many.
 *
 * What the functions write is at most SAY_MAX bytes, in a buffer of theirs that lasts
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
	size_t len; /* 0: nothing need be said */
};

struct dialect {
	const char *name;
	bool is_binary;
	/* The head of the upgrade. */
	const char *(*request)(uint32_t client, uint32_t room);
	/* To hear of the room, once it is open. */
	struct say (*enter)(uint32_t client, uint32_t room);
	/* Is this the answer to that? NULL: being open is enough. */
	bool (*is_entered)(const char *data, size_t len);
	struct say (*publish)(uint32_t client, uint32_t room, const char *text,
			      size_t len);
	/* The frame says that a text was stored that was published at so many us; -1. */
	int64_t (*acked_us)(const char *data, size_t len);
	/* The frame says that something was refused; NULL: nothing ever is. */
	bool (*is_refusal)(const char *data, size_t len);
	/* What a listener owes for a frame; NULL: nothing. */
	struct say (*owe)(const char *data, size_t len);
};

/* NULL: there is no such. keys_dir, kid: Foyer's, to sign tokens with. */
const struct dialect *dialect_by_name(const char *name, const char *keys_dir,
				      const char *kid);

void stamp_write(char *text, const struct stamp *stamp);
/* The next one in the len bytes at data, whose place it sets; false: there is no more. */
bool stamp_find(const char **data, size_t *len, struct stamp *out);
