/* search_store.h -- SQL of searching, and of the index behind it.
 *
 * The index (search_index and its helpers in schema.sql) is made from the log alone. Only
 * one process writes to it at a time, under an advisory lock of the database, but never
 * holds that across a round trip: what to index is read without the lock, and written
 * only for rooms that no other process has indexed since. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* ---- where to look ------------------------------------------------------- */

struct search_scope {
	int count;
	int64_t *room_no;    /* ascending */
	int64_t *seq, *done; /* the last event, and the last one indexed */
	int64_t *since;	     /* the viewer sees nothing from before */
};

/* The viewer's rooms, or the one with this id (NULL: all). */
enum err search_scope_read(struct db *db, struct arena *a, const char *viewer,
			   const char *room_id, struct search_scope *out);

/* The person with this login; NULL: nobody. */
enum err search_author(struct db *db, struct arena *a, const char *login_key,
		       const char **out);

struct search_slot;

enum { SEARCH_VARIANTS_MAX = 256 };

/* The words for which a slot stands. */
struct search_variants {
	int count; /* above SEARCH_VARIANTS_MAX: too many to be useful */
	const int64_t *terms;
};
enum err search_words_find(struct db *db, struct arena *a,
			   const struct search_slot *slots, int count,
			   struct search_variants out[]);

/* Lists of a term: the nearest ones below a place. */
struct search_list {
	int64_t term;
	int64_t below; /* given; only places below it are found */
	int wanted;    /* given; how many lists */
	int64_t first; /* found: complete down to here; 0: no more lists */
	int count;
	int64_t *places; /* newest first, each once */
};
/* Reads all these lists; term, below and wanted are given. */
enum err search_lists_read(struct db *db, struct arena *a, struct search_list *lists[],
			   int count);

/* Sorted newest first: by place, room, seq. */
struct search_place {
	int64_t place, room_no, seq;
};

struct search_ask {
	const char *rooms;	/* array of room numbers */
	const char *const *any; /* arrays of terms: at least one of each */
	int any_count;
	const char *author_id;	    /* NULL: anybody */
	struct search_place before; /* only what comes after this */
};

struct search_candidate {
	struct search_place place;
	const char *text; /* NULL: deleted, or by another author */
};
/* The messages at these places; the caller decides who may see them. */
enum err search_candidates(struct db *db, struct arena *a, const struct search_ask *ask,
			   const int64_t *places, int count, int *out_count,
			   struct search_candidate **out);

/* These messages, if the viewer may see them. */
enum err search_messages(struct db *db, struct arena *a, const char *viewer,
			 const struct search_place *places, int count, int *out_count,
			 struct event **out);

/* ---- filling the index --------------------------------------------------- */

/* Rooms with events that are not indexed yet. */
enum err search_behind(struct db *db, struct arena *a, int *out_count, int64_t **out);

/* An event to index; sorted by room, then seq. */
struct search_event {
	int64_t room_no, done, seq; /* done: how far the room is indexed */
	int64_t message;	    /* the message it is about; 0: none */
	bool is_change;		    /* it was edited or deleted */
	int64_t at_ms;
	const char *author_id, *text; /* text NULL: it no longer has any */
};
/* The oldest events of these rooms, at most `limit`. Each room must have some. */
enum err search_pending(struct db *db, struct arena *a, const int64_t *rooms, int count,
			int limit, int *out_count, struct search_event **out);

/* Columns, as arrays; those of one group have equal lengths. */
struct search_batch {
	int word_count;
	const char **words, **stems, **grams;
	int room_count;
	const char **room_nos, **was, **upto;
	int message_count;
	/* in_words: places in words, from 1; NULL: it is in no list */
	const char **in_room, **seqs, **places, **terms, **in_words;
	int old_count; /* messages that may be in the index with former content */
	const char **old_in_room, **old_seqs, **old_places;
};
enum err search_write(struct db *db, struct arena *a, const struct search_batch *b);

/* Deletes a part of what is left of removed rooms; true: there may be more. */
enum err search_forget_room(struct db *db, struct arena *a, bool *out_more);
extern const struct stmt *const search_statements[];
extern const struct stmt *const search_index_statements[];
