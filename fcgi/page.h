/* page.h -- lists: {items, next} with ?limit= and ?cursor=. */
#pragma once

#include "fcgi/cursor.h"
#include "fcgi/request.h"
#include "shared/body.h"
#include "shared/json.h"
#include "shared/uuid.h"

/* For query structs; the limit's upper bound is the setting max_page. */
#define PAGE_LIMIT_FIELD(T)                              \
	FIELD_INT(T, limit, OPTIONAL, 1, PAGE_LIMIT_MAX, \
		  .about = "At most this many items. For the default see /status.")
enum { PAGE_LIMIT_MAX = 100 };
#define PAGE_CURSOR_FIELD(T, most)                 \
	FIELD_TEXT(T, cursor, OPTIONAL, 1, (most), \
		   .about = "`next` of the previous page.")

/* The query of a list without other parameters. */
struct page_query {
	struct body_head head;
	int64_t limit;
	const char *cursor;
};
extern const struct body page_query;

/* Notes that the cursor is not one of ours. */
void page_refuse_cursor(struct req *rq);

/* Where a page begins in a list by time: after this entry. time 0: at the latest. */
struct page_place {
	int64_t time;
	struct uuid id;
};

/* The check of a route with page_query, as cursor_print_id() prints places of this list:
 * rq->checked is the struct page_place. */
void page_check_place(struct req *rq, enum cursor_list list);

/* The page size: as requested, else the setting. */
int64_t page_limit(const struct req *rq, int64_t asked);

/* {items, next}; next NULL at the end. */
struct json *page_json(struct arena *a, struct json *items, const char *next);
