/* bus_words.h -- what brokers alone say to each other, as lines of text, beside the
 * wake-ups (shared/wake.h) and the signals of calls (signal_peers.h):
 *
 *	typing <room> <user> <0 or 1>
 *
 * What cannot be read is ERR_INVALID, and passed by. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct bus_typing {
	struct uuid room_id, user_id;
	bool on;
};

/* The line but for its last word. */
const char *bus_typing_words(struct arena *a, const char *room_id, const char *user_id);
bool bus_is_typing(const char *line);
enum err bus_read_typing(const char *line, struct bus_typing *out);
