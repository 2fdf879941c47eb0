/* page.h -- lists: {items, next} with ?limit= and ?cursor=. */
#pragma once

#include "fcgi/request.h"
#include "shared/body.h"
#include "shared/json.h"

/* For query structs; the limit's upper bound is the setting max_page. */
#define PAGE_LIMIT_FIELD(T)                              \
	FIELD_INT(T, limit, OPTIONAL, 1, PAGE_LIMIT_MAX, \
		  .about = "Items in one answer; by default as /status says.")
enum { PAGE_LIMIT_MAX = 100 };

/* The page size: what was asked for, else the setting. */
int64_t page_limit(const struct req *rq, int64_t asked);

/* {items, next}; next NULL at the end. */
struct json *page_json(struct arena *a, struct json *items, const char *next);
