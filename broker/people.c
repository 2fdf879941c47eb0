/* people.c -- see people.h. */
#include "broker/people.h"

#include <stdlib.h>
#include <string.h>

#include "broker/conn.h"
#include "broker/people_store.h"
#include "shared/die.h"

void
people_init(struct people *p)
{
	table_init(&p->visitors);
	table_init(&p->addresses);
}

void
people_done(struct people *p)
{
	table_done(&p->visitors);
	table_done(&p->addresses);
}

struct visitor *
people_find(const struct people *p, const char *user_id)
{
	struct table_node *n = table_find(&p->visitors, user_id);

	return n ? CONTAINER(n, struct visitor, node) : NULL;
}

static const char *
copy_word(char **to, const char *word)
{
	char *begin = *to;

	if (!word)
		return NULL;
	*to = stpcpy(begin, word) + 1;
	return begin;
}

static size_t
size_of(const char *word)
{
	return word ? strlen(word) + 1 : 0;
}

void
visitor_set_person(struct visitor *v, const struct person *p)
{
	size_t size = size_of(p->login) + size_of(p->first_name) + size_of(p->last_name) +
		      size_of(p->avatar);
	char *words = xmalloc(size + 1), *to = words;

	v->person = (struct person){
		.id = v->id.text,
		.login = copy_word(&to, p->login),
		.first_name = copy_word(&to, p->first_name),
		.last_name = copy_word(&to, p->last_name),
		.avatar = copy_word(&to, p->avatar),
	};
	free(v->words);
	v->words = words;
}

static struct visitor *
visitor_new(struct people *p, const char *user_id)
{
	struct visitor *v = xcalloc(1, sizeof(*v));

	list_init(&v->conns);
	strncpy(v->id.text, user_id, sizeof(v->id.text) - 1);
	table_add(&p->visitors, &v->node, v->id.text);
	return v;
}

struct visitor *
visitor_ref(struct visitor *v)
{
	v->refs++;
	return v;
}

void
visitor_unref(struct people *p, struct visitor *v)
{
	if (!v || --v->refs > 0)
		return;
	table_remove(&p->visitors, &v->node);
	free(v->words);
	free(v->blocked);
	free(v);
}

void
visitor_set_blocked(struct visitor *v, const char *list)
{
	size_t most = list ? strlen(list) / UUID_TEXT_SIZE : 0; /* each with a comma */
	struct uuid id;

	free(v->blocked);
	v->blocked = most ? xcalloc(most, sizeof(*v->blocked)) : NULL;
	v->blocked_count = 0;
	while (list && ids_next(&list, &id))
		v->blocked[v->blocked_count++] = id;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(a, ((const struct uuid *)b)->text);
}

bool
visitor_is_blocked(const struct visitor *v, const char *user_id)
{
	return v->blocked && bsearch(user_id, v->blocked, (size_t)v->blocked_count,
				     sizeof(*v->blocked), by_id);
}

void
people_enter(struct people *p, struct conn *c, const struct user *user)
{
	struct visitor *v = people_find(p, user->id);
	const struct person person = { .login = user->login,
				       .first_name = user->first_name,
				       .last_name = user->last_name,
				       .avatar = user->avatar };

	if (!v)
		v = visitor_new(p, user->id);
	visitor_set_person(v, &person);
	c->visitor = visitor_ref(v);
	list_add(&v->conns, &c->in_visitor);
	v->conn_count++;
}

void
people_leave(struct people *p, struct conn *c)
{
	struct visitor *v = c->visitor;

	if (!v)
		return;
	c->visitor = NULL;
	list_remove(&c->in_visitor);
	v->conn_count--;
	visitor_unref(p, v);
}

static struct address_count *
address_new(struct people *p, const char *address)
{
	size_t size = strlen(address) + 1;
	struct address_count *n = xcalloc(1, sizeof(*n) + size);

	memcpy(n->text, address, size);
	table_add(&p->addresses, &n->node, n->text);
	return n;
}

bool
address_enter(struct people *p, struct conn *c, const char *address, int64_t max)
{
	struct table_node *found = table_find(&p->addresses, address);
	struct address_count *n = found ? CONTAINER(found, struct address_count, node)
					: address_new(p, address);

	if (n->conns >= max)
		return false;
	n->conns++;
	c->address = n;
	return true;
}

void
address_leave(struct people *p, struct conn *c)
{
	struct address_count *n = c->address;

	if (!n)
		return;
	c->address = NULL;
	if (--n->conns > 0)
		return;
	table_remove(&p->addresses, &n->node);
	free(n);
}
