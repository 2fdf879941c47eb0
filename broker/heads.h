/* heads.h -- asks the database in one query how far the logs of some rooms have come:
 * shared by the comparisons of fanout.h and activity.h.
 *
 * Owns:     nothing; the caller fills a struct heads, and heads_ask() takes it over.
 * Lifetime: until its on_done has returned. The rooms may have gone meanwhile. */
#pragma once

#include <stdint.h>

#include "broker/store.h"
#include "shared/err.h"
#include "shared/uuid.h"

enum { HEADS_MAX = 1000 };

struct head {
	int64_t no, seq; /* seq -1 in the answer: there is no such room */
	struct uuid id;
	int64_t known;	 /* the caller's own */
	uint32_t serial; /* likewise */
};

struct heads {
	struct broker *broker;
	/* OK, or why there is no answer. */
	void (*on_done)(const struct heads *h, enum err err);
	int count;
	struct head items[HEADS_MAX];
};

struct heads *heads_new(struct broker *b,
			void (*on_done)(const struct heads *h, enum err err));
/* False: the line is down; on_done is not called. */
bool heads_ask(struct heads *h, enum store_line line);
