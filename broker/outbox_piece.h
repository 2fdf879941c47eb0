/* outbox_piece.h -- what a connection has to be sent, piece by piece: between outbox.c,
 * which knows what there is, and outbox_write.c, which sends it.
 *
 * A piece is a run of contiguous whole frames: of the connection's own queue, of a page,
 * or of a ring. It is valid until it is passed, or something is added. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"

struct conn;
struct listener;

struct piece {
	struct bytes bytes;
	struct listener *of; /* NULL: the connection's own queue */
	bool is_page;
};

/* The next piece, cut to max bytes, but at least a frame. False: there is nothing to
 * send, and the list of ready listeners is empty. */
bool piece_next(struct conn *c, size_t max, struct piece *out);
/* It has been sent, or copied. */
void piece_pass(struct conn *c, const struct piece *p);
/* There is nothing beside it. */
bool piece_is_all(const struct conn *c, const struct piece *p);

/* Bytes and frames that wait, without pages. */
void outbox_backlog(const struct conn *c, int64_t *out_bytes, int64_t *out_frames);
