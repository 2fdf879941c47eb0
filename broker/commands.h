/* commands.h -- what a client may say: the table of frames.
 *
 * To add one: a row in commands.c, a body, a handler. The table routes, checks state,
 * cost and fields; a handler acts. An error in one frame never closes the connection,
 * but a frame that is no JSON object does: what follows it cannot be trusted. */
#pragma once

#include <stddef.h>

struct conn;

/* A whole text frame, as it came. */
void commands_run(struct conn *c, const char *frame, size_t len);
