/* bus_words.h -- the lines that only brokers send each other, beside the wake-ups
 * (shared/wake.h) and the signals of calls (signal_peers.h):
 *
 *	typing <room> <user> <0 or 1>
 *	event <room> <seq> <a message, as clients get it>
 *
 * A line that cannot be parsed is ERR_INVALID, and is skipped. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct bus_typing {
	struct uuid room_id, user_id;
	bool on;
};

/* The line without its last word. */
const char *bus_typing_words(struct arena *a, const char *room_id, const char *user_id);
bool bus_is_typing(const char *line);
enum err bus_read_typing(const char *line, struct bus_typing *out);

/* A message of a room's log. */
struct bus_event {
	struct uuid room_id, author_id;
	int64_t seq;
	const char *text; /* points into the line: a JSON object */
};

const char *bus_event_line(struct arena *a, const char *room_id, int64_t seq,
			   const char *text, size_t len);
bool bus_is_event(const char *line);
/* Checks the text as well: a message of that room with that seq and an author. */
enum err bus_read_event(struct arena *a, const char *line, struct bus_event *out);
