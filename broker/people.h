/* people.h -- who is connected: connections by person and by address.
 *
 * One visitor a person, however many devices; it knows the name that messages carry.
 * Posts that are being committed hold on to their author, who may have left.
 *
 * Owns: visitors and address counts; both go with their last connection or post. */
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
	struct person person; /* as messages show them; its words are ours */
	char *words;
	struct link conns;
	int conn_count, refs;
	struct seats seats;   /* the rooms they are in: audience.h */
	struct uuid *blocked; /* in order; with whom there is a block, either way */
	int blocked_count;
	uint64_t told; /* the last telling that reached them: presence.h */
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

/* A connection turned out to be this person's. */
void people_enter(struct people *p, struct conn *c, const struct user *user);
void people_leave(struct people *p, struct conn *c);

/* Names change; each connection brings them as they are now, and so does a change
 * (presence.h). p->id does not matter. */
void visitor_set_person(struct visitor *v, const struct person *p);
/* list: of ids, in order (people_store.h). Kept as long as the visitor, and read anew
 * when it changes. */
void visitor_set_blocked(struct visitor *v, const char *list);
bool visitor_is_blocked(const struct visitor *v, const char *user_id);

struct visitor *visitor_ref(struct visitor *v);
void visitor_unref(struct people *p, struct visitor *v); /* NULL is fine */

/* False: max are there already. */
bool address_enter(struct people *p, struct conn *c, const char *address, int64_t max);
void address_leave(struct people *p, struct conn *c);
