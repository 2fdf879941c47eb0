#include <string.h>

#include "fcgi/bound.h"
#include "fcgi/content.h"
#include "fcgi/form.h"
#include "fcgi/route.h"
#include "fcgi/upload.h"
#include "shared/json.h"
#include "shared/text.h"

enum { FORM_PAIRS_MAX = 64 };

static const struct body no_fields = { sizeof(struct body_head),
				       (const struct field[]){ {} } };

/* Bad fields are noted and reading goes on; any other error stops it. */
static enum err
unless_noted(const struct req *rq, enum err err)
{
	return err == ERR_INVALID && rq->problem.error_count > 0 ? OK : err;
}

static enum err
read_pairs(struct req *rq, const struct body *table, const struct body_pair *pairs,
	   size_t count, void *out)
{
	return unless_noted(
		rq, body_read_pairs(table, rq->arena, pairs, count, &rq->problem, out));
}

static enum err
read_query(struct req *rq)
{
	const struct body *table = rq->route->query ? rq->route->query : &no_fields;
	void *out = arena_alloc(rq->arena, table->size);

	rq->query = out;
	return read_pairs(rq, table, rq->query_pairs, rq->query_count, out);
}

static enum err
read_json(struct req *rq, void *out)
{
	int depth = (int)rq->app->config.max_json_depth;
	struct json *value = NULL;

	if (rq->raw_len == 0)
		value = json_object_in(rq->arena);
	else
		TRY(json_parse(rq->arena, rq->raw, rq->raw_len, depth, &rq->problem,
			       &value));
	return unless_noted(rq, body_read_json(rq->route->body, rq->arena, value, NULL,
					       &rq->problem, out));
}

static enum err
read_form(struct req *rq, void *out)
{
	struct body_pair pairs[FORM_PAIRS_MAX];
	size_t count = 0;

	if (form_parse(rq->arena, rq->raw, rq->raw_len, FORM_PAIRS_MAX, pairs, &count))
		return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
				    "The form cannot be parsed.");
	return read_pairs(rq, rq->route->body, pairs, count, out);
}

static enum err
read_text(struct req *rq, void *out)
{
	struct body_pair text = { "text", rq->raw };

	if (!text_is_utf8(rq->raw, rq->raw_len) || strlen(rq->raw) != rq->raw_len)
		return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
				    "The text is not UTF-8, or it contains U+0000.");
	return read_pairs(rq, rq->route->body, &text, 1, out);
}

static bool
is_json(const char *type)
{
	size_t len = strlen(type);

	return *type == '\0' || strcmp(type, "application/json") == 0 ||
	       (len > 5 && strcmp(type + len - 5, "+json") == 0);
}

/* `curl -d '{…}'` labels its JSON as a form; a route that takes no forms reads it as what
 * it looks like. */
static enum err
read_content(struct req *rq, void *out)
{
	static const char form[] = "application/x-www-form-urlencoded";
	bool takes_text = rq->route->flags & ROUTE_TEXT;

	if (rq->raw_len == 0 || is_json(rq->content_type))
		return read_json(rq, out);
	if (takes_text && strcmp(rq->content_type, form) == 0)
		return form_is_meant(rq->arena, rq->route->body, rq->raw, rq->raw_len)
			       ? read_form(rq, out)
			       : read_text(rq, out);
	if (takes_text && strcmp(rq->content_type, "text/plain") == 0)
		return read_text(rq, out);
	if (strcmp(rq->content_type, form) == 0 && *rq->raw == '{')
		return read_json(rq, out);
	return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
			    takes_text ? "Send application/json, text/plain or a form."
				       : "Send application/json.");
}

/* In a form from a page, an empty field counts as absent. */
static enum err
read_upload(struct req *rq, void *out)
{
	struct upload *up = ARENA_NEW(rq->arena, struct upload);
	size_t filled = 0;

	TRY(unless_noted(rq, upload_receive(rq, NULL, up)));
	if (up->fd >= 0)
		rq->upload = up;
	for (size_t i = 0; i < up->pair_count; i++)
		if (*up->pairs[i].value)
			up->pairs[filled++] = up->pairs[i];
	return read_pairs(rq, rq->route->body, up->pairs, filled, out);
}

static enum err
read_body(struct req *rq)
{
	void *out;

	if (!rq->route->body)
		return OK;
	out = arena_alloc(rq->arena, rq->route->body->size);
	rq->body = out;
	if (rq->route->flags & ROUTE_UPLOAD && upload_is_form(rq))
		return read_upload(rq, out);
	TRY(request_body(rq, rq->app->config.max_body_bytes));
	return read_content(rq, out);
}

enum err
content_read(struct req *rq)
{
	TRY(read_query(rq));
	TRY(read_body(rq));
	TRY(bound_check(rq));
	if (rq->route->check)
		rq->route->check(rq);
	return problem_fields_check(&rq->problem);
}

/* ---- noting what the tables cannot say ----------------------------------- */

static bool
is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	}
	return false;
}

/* Are these two names of one field? */
static bool
is_same_field(const struct body *table, const char *field, const char *name)
{
	const struct field *f = table ? table->fields : NULL;

	while (f && f->name && strcmp(f->name, field) != 0)
		f++;
	return strcmp(field, name) == 0 || (f && f->name && is_listed(f->also, name));
}

bool
content_is_noted(const struct req *rq, const char *field)
{
	for (size_t i = 0; i < rq->problem.error_count; i++)
		if (is_same_field(rq->route->body, field, rq->problem.errors[i].field))
			return true;
	return false;
}

void
content_note(struct req *rq, const char *field, const char *code, const char *message)
{
	if (!content_is_noted(rq, field))
		problem_field(&rq->problem, field, code, message);
}

void
content_note_all(struct req *rq, const struct problem *more)
{
	for (size_t i = 0; i < more->error_count; i++)
		content_note(rq, more->errors[i].field, more->errors[i].code,
			     more->errors[i].message);
}

const char *
content_either(struct req *rq, const char *field, const char *body, const char *query)
{
	if (!body || !*body)
		return query && *query ? query : NULL;
	if (query && *query && strcmp(body, query) != 0)
		content_note(
			rq, field, "duplicate",
			"Must not be one thing in the body and another in the query.");
	return body;
}
