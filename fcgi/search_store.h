/* search_store.h -- SQL of searching, and of the index behind it.
 *
 * The index (search_index and its helpers in schema.sql) is made from the log alone.
 * One writes to it at a time, under a lock of the whole database, but nobody holds it
 * across a round trip: what is to be indexed is read without it, and written only for
 * rooms that nobody else has indexed since. */
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
	int64_t *seq, *done; /* the last event, and up to which one it is indexed */
	int64_t *since;	     /* I see nothing that was said before */
};

/* My rooms, or the one with this id (NULL: all). */
enum err search_scope_read(struct db *db, struct arena *a, const char *viewer,
			   const char *room_id, struct search_scope *out);

/* Who has this login; NULL: nobody. */
enum err search_author(struct db *db, struct arena *a, const char *login_key,
		       const char **out);

struct search_slot;

enum { SEARCH_VARIANTS_MAX = 256 };

/* The words that a slot stands for. */
struct search_variants {
	int count; /* above SEARCH_VARIANTS_MAX: more than are of use */
	const int64_t *terms;
};
enum err search_words_find(struct db *db, struct arena *a,
			   const struct search_slot *slots, int count,
			   struct search_variants out[]);

/* Lists of a term: the nearest ones below a place. */
struct search_list {
	int64_t term;
	int64_t below; /* asked for; found are places below it */
	int wanted;    /* how many lists */
	int64_t first; /* ... down to this one, none missing; 0: there are no more */
	int count;
	int64_t *places; /* newest first, each once */
};
/* Fills in all these lists; term, below and wanted are given. */
enum err search_lists_read(struct db *db, struct arena *a, struct search_list *lists[],
			   int count);

/* Newest first: by place, room, seq. */
struct search_place {
	int64_t place, room_no, seq;
};

struct search_ask {
	const char *rooms;	/* array of room numbers */
	const char *const *any; /* arrays of terms: one of each at least */
	int any_count;
	const char *author_id;	    /* NULL: anybody */
	struct search_place before; /* only what comes after this */
};

struct search_candidate {
	struct search_place place;
	const char *text; /* NULL: gone, or somebody else's */
};
/* What there is at these places; who may see it is for the caller to say. */
enum err search_candidates(struct db *db, struct arena *a, const struct search_ask *ask,
			   const int64_t *places, int count, int *out_count,
			   struct search_candidate **out);

/* These messages, as far as the viewer may see them. */
enum err search_messages(struct db *db, struct arena *a, const char *viewer,
			 const struct search_place *places, int count, int *out_count,
			 struct event **out);

/* ---- filling the index --------------------------------------------------- */

/* Rooms with something that is not indexed yet. */
enum err search_behind(struct db *db, struct arena *a, int *out_count, int64_t **out);

/* An event that is to be indexed, rooms after one another, by seq. */
struct search_event {
	int64_t room_no, done, seq; /* done: how far its room is indexed */
	int64_t message;	    /* the message it is about; 0: none */
	bool is_change;		    /* it was edited or deleted */
	int64_t at_ms;
	const char *author_id, *text; /* text NULL: it has none any more */
};
/* The oldest events of these rooms, of which there are some: `limit` of them at most. */
enum err search_pending(struct db *db, struct arena *a, const int64_t *rooms, int count,
			int limit, int *out_count, struct search_event **out);

/* Columns, as arrays of the same length each. */
struct search_batch {
	int word_count;
	const char **words, **stems, **grams;
	int room_count;
	const char **room_nos, **was, **upto;
	int message_count;
	/* in_words: places in words, from 1; NULL: it is in no list */
	const char **in_room, **seqs, **places, **terms, **in_words;
	int old_count; /* those that may be in the index as they were */
	const char **old_in_room, **old_seqs, **old_places;
};
enum err search_write(struct db *db, struct arena *a, const struct search_batch *b);

/* A piece of what is left of removed rooms; true: there may be more. */
enum err search_forget_room(struct db *db, struct arena *a, bool *out_more);
extern const struct stmt *const search_statements[];
extern const struct stmt *const search_index_statements[];
