/* flood.h -- how much one may send us, per person and per address.
 *
 * Counted in shared/limits.h, so over all of a person's connections, and together with
 * what the other processes of this host see of them. Many people may share an address,
 * so that may send `address_people` times what one person may.
 *
 * Who goes on when refused is cut off: conn.excess. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

struct broker;
struct said;

/* Somebody knocks. False: too often; they may come again after so many seconds, which
 * are different for each. */
bool flood_may_knock(struct broker *b, const char *address, int *out_retry_after_s);

/* A frame came: its bytes, and this cost in the limit of frames (0: none). */
enum err flood_take_frame(struct said *s, int64_t cost);
/* What a person says in rooms, and makes there: as many messages' worth. */
enum err flood_take_messages(struct said *s, int64_t cost);
enum err flood_take_signal(struct said *s);
