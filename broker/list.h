/* list.h -- doubly linked lists whose links live inside the linked objects.
 *
 * A list is a link that belongs to no item; an item that is on no list is linked to
 * itself, so removing it once more does nothing. Lists own nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

#define CONTAINER(p, T, m) ((T *)(void *)((char *)(p)-offsetof(T, m)))

/* Walk a list; removing the present item (and no other) is fine. */
#define LIST_EACH(list, item)                                             \
	for (struct link *item = (list)->next, *item##_next = item->next; \
	     item != (list); item = item##_next, item##_next = item->next)

static inline void
list_init(struct link *l)
{
	l->prev = l->next = l;
}

static inline bool
list_is_empty(const struct link *l)
{
	return l->next == l;
}

static inline void
list_remove(struct link *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	list_init(item);
}

/* Insert before this item, or at the end if it is the list itself; an item that is on a
 * list leaves it. */
static inline void
list_add(struct link *before, struct link *item)
{
	list_remove(item);
	item->prev = before->prev;
	item->next = before;
	before->prev->next = item;
	before->prev = item;
}

static inline void
list_add_first(struct link *list, struct link *item)
{
	list_remove(item); /* it may be the first one already */
	list_add(list->next, item);
}

/* Append all items of a list to another, and empty it. */
static inline void
list_move_all(struct link *from, struct link *to)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

static inline struct link *
list_first(const struct link *list)
{
	return list_is_empty(list) ? NULL : list->next;
}
