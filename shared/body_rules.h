/* body_rules.h -- the rules for each kind of field: check a value, then store it. Only
 * body.c and body_rules.c use it. */
#pragma once

#include "shared/body.h"

/* One body being read. */
struct reading {
	const struct body *body;
	struct arena *arena;
	struct problem *problem;
	const char *ignore;
	char *out;
	struct body_head head;
	uint64_t seen; /* fields that were present, good or bad */
};

/* The field being read, and the name that the client gave it. */
struct place {
	struct reading *r;
	const struct field *field;
	const char *name;
};

/* Each stores the value in the struct that is being filled, or notes what is wrong with
 * it and returns false. */
bool body_store_text(const struct place *at, const char *text); /* six kinds of text */
bool body_store_int(const struct place *at, int64_t value);
bool body_store_bool(const struct place *at, bool value);
bool body_store_json(const struct place *at, struct json *value);
/* items: an item that is not text is NULL. */
bool body_store_list(const struct place *at, const char **items, size_t count);

/* Notes the problem; returns false. */
bool body_refuse(const struct place *at, const char *code, const char *message);
