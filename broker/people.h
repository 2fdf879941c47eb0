/* people.h -- who is connected: connections by person and by address.
 *
 * One visitor per person, however many devices; it holds the name that messages carry.
 * Posts that are being committed hold a reference to their author, who may have left.
 *
 * Owns: visitors and address counts; both are freed with their last connection or
 * post. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/audience.h"
#include "broker/list.h"
#include "broker/table.h"
#include "shared/model.h"
#include "shared/uuid.h"

struct conn;

struct visitor {
	struct table_node node;
	struct uuid id;
	struct person person; /* as messages show them; its strings are ours */
	char *words;
	struct link conns;
	int conn_count, refs;
	struct seats seats;   /* the rooms they are in: audience.h */
	struct uuid *blocked; /* sorted; everybody with a block, either way */
	int blocked_count;
	uint64_t told; /* serial of the last telling to them: presence.h */
};

struct address_count {
	struct table_node node;
	int conns;
	char text[];
};

struct people {
	struct table visitors, addresses;
};

void people_init(struct people *p);
void people_done(struct people *p);

struct visitor *people_find(const struct people *p, const char *user_id); /* or NULL */

/* A connection turned out to belong to this person. */
void people_enter(struct people *p, struct conn *c, const struct user *user);
void people_leave(struct people *p, struct conn *c);

/* Names change: each connection brings the present ones, and so does a change
 * (presence.h). p->id is ignored. */
void visitor_set_person(struct visitor *v, const struct person *p);
/* list: of ids, sorted (people_store.h). Kept as long as the visitor, and read anew
 * when it changes. */
void visitor_set_blocked(struct visitor *v, const char *list);
bool visitor_is_blocked(const struct visitor *v, const char *user_id);

struct visitor *visitor_ref(struct visitor *v);
void visitor_unref(struct people *p, struct visitor *v); /* NULL is fine */

/* False: max are connected already. */
bool address_enter(struct people *p, struct conn *c, const char *address, int64_t max);
void address_leave(struct people *p, struct conn *c);
