/* body.h -- the fields that a request or a frame may contain, as a table that fills a C
 * struct.
 *
 *	struct create_room_body {
 *		struct body_head head;
 *		const char *name;
 *		int64_t max_members;
 *	};
 *	static const struct body create_room_body = BODY(struct create_room_body,
 *		FIELD_TEXT(struct create_room_body, name, REQUIRED, 1, 100),
 *		FIELD_INT(struct create_room_body, max_members, OPTIONAL, 2, 10000,
 *			  .also = "max_user"));
 *
 * A member of the wrong type does not compile. The same table validates JSON objects,
 * forms and query strings, and prints the JSON schema of the OpenAPI document. `also` is
 * a comma-separated list of other names for the field (the contract's seed names). A
 * field that is not in the table is refused by name; so is a field that is given twice,
 * even under two names. JSON null counts as absent, but body_cleared() tells the two
 * apart (for PUT: an absent field keeps its value, null clears it). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/json.h"
#include "shared/offset.h"
#include "shared/problem.h"
#include "shared/uuid.h"

enum field_kind {
	FIELD_KIND_TEXT,  /* const char *; min..max code points */
	FIELD_KIND_NAME,  /* the same, text_is_name() */
	FIELD_KIND_KEY,	  /* const char *; text_is_key() */
	FIELD_KIND_ID,	  /* struct uuid */
	FIELD_KIND_ENUM,  /* int; index into names[] */
	FIELD_KIND_INT,	  /* int64_t; min..max */
	FIELD_KIND_BOOL,  /* bool */
	FIELD_KIND_TIME,  /* int64_t; RFC 3339, ms */
	FIELD_KIND_IDS,	  /* struct id_list; min..max items */
	FIELD_KIND_TEXTS, /* struct body_texts; min..max items, each 1..256 */
	FIELD_KIND_JSON,  /* struct json *; any value of kind object */
};

enum { OPTIONAL = 0, REQUIRED = 1 };

struct id_list {
	size_t count;
	struct uuid *items;
};

struct body_texts {
	size_t count;
	const char **items;
};

/* First member of every body struct: which fields the client sent. */
struct body_head {
	uint64_t given;	  /* bit i: field i of the table has a value */
	uint64_t cleared; /* bit i: field i was null */
};

struct field {
	const char *name;
	const char *also;  /* "max_user" or "content,body"; NULL none */
	const char *about; /* words for the reference; NULL none */
	enum field_kind kind;
	bool required;
	int64_t min, max;
	const char *const *names; /* FIELD_ENUM: NULL-terminated */
	/* FIELD_ENUM: other words, "private=direct,voice=audio"; NULL none */
	const char *names_also;
	size_t offset;
};

struct body {
	size_t size;
	const struct field *fields; /* ends with a field without a name */
};

/* clang-format off */
#define BODY(T, ...) \
	{ BODY_SIZE_(T, __VA_ARGS__), (const struct field[]){ __VA_ARGS__, {} } }
/* clang-format on */

/* Does not compile if head is not the first member, or if there are more fields than
 * bits. */
#define BODY_SIZE_(T, ...)                                                        \
	(sizeof(T) +                                                              \
	 0 * sizeof(char[BODY_COUNT_(__VA_ARGS__) <= 64 && !offsetof(T, head) ? 1 \
									      : -1]))
#define BODY_COUNT_(...) \
	(sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field))

#define FIELD_(T, m, type, k, req, lo, hi, ...)                                       \
	{                                                                             \
		.name = #m, .kind = (k), .required = (req), .min = (lo), .max = (hi), \
		.offset = OFFSET_OF(T, m, type), __VA_ARGS__                          \
	}

#define FIELD_TEXT(T, m, req, lo, hi, ...) \
	FIELD_(T, m, const char *, FIELD_KIND_TEXT, req, lo, hi, __VA_ARGS__)
#define FIELD_NAME(T, m, req, lo, hi, ...) \
	FIELD_(T, m, const char *, FIELD_KIND_NAME, req, lo, hi, __VA_ARGS__)
#define FIELD_KEY(T, m, req, ...) \
	FIELD_(T, m, const char *, FIELD_KIND_KEY, req, 1, 64, __VA_ARGS__)
#define FIELD_ID(T, m, req, ...) \
	FIELD_(T, m, struct uuid, FIELD_KIND_ID, req, 0, 0, __VA_ARGS__)
#define FIELD_ENUM(T, m, req, words, ...) \
	FIELD_(T, m, int, FIELD_KIND_ENUM, req, 0, 0, .names = (words), __VA_ARGS__)
#define FIELD_INT(T, m, req, lo, hi, ...) \
	FIELD_(T, m, int64_t, FIELD_KIND_INT, req, lo, hi, __VA_ARGS__)
#define FIELD_BOOL(T, m, req, ...) \
	FIELD_(T, m, bool, FIELD_KIND_BOOL, req, 0, 0, __VA_ARGS__)
#define FIELD_TIME(T, m, req, ...) \
	FIELD_(T, m, int64_t, FIELD_KIND_TIME, req, 0, 0, __VA_ARGS__)
#define FIELD_IDS(T, m, req, lo, hi, ...) \
	FIELD_(T, m, struct id_list, FIELD_KIND_IDS, req, lo, hi, __VA_ARGS__)
#define FIELD_TEXTS(T, m, req, lo, hi, ...) \
	FIELD_(T, m, struct body_texts, FIELD_KIND_TEXTS, req, lo, hi, __VA_ARGS__)
#define FIELD_JSON(T, m, req, ...) \
	FIELD_(T, m, struct json *, FIELD_KIND_JSON, req, 0, 0, __VA_ARGS__)

/* Fills out (b->size bytes, zeroed first) from an object. Every bad field is noted in p,
 * all at once; the result is then ERR_INVALID. A negative max stands for a setting: -1 is
 * max_text_chars (see body_set_max_text). `ignore`: names that are handled elsewhere and
 * not refused ("type,ref"); NULL: none. */
enum err body_read_json(const struct body *b, struct arena *a, const struct json *object,
			const char *ignore, struct problem *p, void *out);

/* The same from decoded name/value pairs (a form or a query string). Numbers, booleans
 * and comma-separated lists are parsed from their text. */
struct body_pair {
	const char *name, *value;
};
enum err body_read_pairs(const struct body *b, struct arena *a,
			 const struct body_pair *pairs, size_t count, struct problem *p,
			 void *out);

/* Was this member given (present and not null)? Was it null? */
#define body_given(b, in, m) body_bit_((b), (in)->head.given, #m)
#define body_cleared(b, in, m) body_bit_((b), (in)->head.cleared, #m)
bool body_bit_(const struct body *b, uint64_t bits, const char *name);

/* Does the table know this name, as a field or as another name of one? */
bool body_knows(const struct body *b, const char *name);

/* Settings as limits: FIELD_TEXT(..., 1, BODY_MAX_TEXT) stands for the setting
 * max_text_chars. Called once at start. */
enum { BODY_MAX_TEXT = -1 };
void body_set_max_text(int64_t chars);

/* The field's max with the setting filled in. */
int64_t body_field_max(const struct field *f);

/* The JSON schema (2020-12) of one field (a query parameter), and of the whole table. */
struct json *body_field_schema(struct arena *a, const struct field *f);
struct json *body_schema(struct arena *a, const struct body *b);
