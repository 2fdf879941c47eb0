/* reference_text.c -- see reference.h: the frames as tables in Markdown. */
#include <stdio.h>

#include "broker/commands.h"
#include "broker/frame_rows.h"
#include "broker/reference.h"
#include "shared/auto.h"
#include "shared/text.h"

static const char *
type_of_field(const struct field *f)
{
	switch (f->kind) {
	case FIELD_KIND_ID:
		return "id";
	case FIELD_KIND_INT:
		return "integer";
	case FIELD_KIND_BOOL:
		return "true or false";
	case FIELD_KIND_TIME:
		return "time";
	case FIELD_KIND_IDS:
		return "ids";
	case FIELD_KIND_TEXTS:
		return "texts";
	case FIELD_KIND_JSON:
		return "object";
	default:
		return "text";
	}
}

static const char *
type_of_member(struct arena *a, const struct schema_member *m)
{
	switch (m->kind) {
	case SCHEMA_ID:
		return "id";
	case SCHEMA_TIME:
		return "time";
	case SCHEMA_INT:
		return "integer";
	case SCHEMA_REAL:
		return "number";
	case SCHEMA_BOOL:
		return "true or false";
	case SCHEMA_ANY:
	case SCHEMA_INTS:
		return "object";
	case SCHEMA_VALUE:
		return "any value";
	case SCHEMA_ONE:
		return m->of;
	case SCHEMA_LIST:
		return m->of ? arena_printf(a, "list of %s", m->of) : "list";
	case SCHEMA_TEXTS:
		return "texts";
	case SCHEMA_PLACE:
		return "integer or text";
	default:
		return "text";
	}
}

static void
put_words(struct strbuf *b, const char *const *words)
{
	for (int i = 0; words && words[i]; i++)
		strbuf_printf(b, "%s`%s`", i ? ", " : " (", words[i]);
	if (words)
		strbuf_puts(b, ")");
}

static void
put_field(struct strbuf *b, const char *name, const char *type, const char *const *words,
	  const char *needed, const char *about)
{
	strbuf_printf(b, "- `%s`: %s", name, type);
	put_words(b, words);
	strbuf_printf(b, "%s%s%s\n", needed, about ? "; " : "", about ? about : "");
}

static void
put_members(struct strbuf *b, const struct schema_member *m, const char *sometimes)
{
	for (; m && m->name; m++)
		put_field(b, m->name, type_of_member(b->arena, m), m->words,
			  m->sometimes	? sometimes
			  : m->nullable ? ", or null"
					: "",
			  m->about);
}

static void
put_said(struct strbuf *b, const struct command *c)
{
	strbuf_printf(b, "\n#### `%s`\n\n%s", c->name, c->about);
	if (c->answer)
		strbuf_printf(b, " Answered by `%s`.", c->answer);
	strbuf_puts(b, "\n");
	if (c->body->fields->name || c->beside)
		strbuf_puts(b, "\n");
	for (const struct field *f = c->body->fields; f->name; f++)
		put_field(b, f->name, type_of_field(f), f->names,
			  f->required ? "" : ", optional", f->about);
	put_members(b, c->beside, ", optional");
}

static void
put_heard(struct strbuf *b, const struct frame_row *f)
{
	strbuf_printf(b, "\n#### `%s`\n\n%s", f->type, f->about);
	if (f->sort == FRAME_EVENT)
		strbuf_printf(b, " As `%s` in the REST reference.",
			      frame_event_schema(b->arena, f));
	strbuf_puts(b, "\n");
	if (f->members && f->members->name)
		strbuf_puts(b, "\n");
	put_members(b, f->members, ", may be absent");
}

static void
put_sort(struct strbuf *b, enum frame_sort sort, const char *title)
{
	strbuf_printf(b, "\n### %s\n", title);
	for (const struct frame_row *f = frame_rows; f->type; f++)
		if (f->sort == sort)
			put_heard(b, f);
}

const char *
reference_text(struct arena *a)
{
	struct strbuf b = { .arena = a };

	strbuf_puts(&b, "\n### Frames from the client\n");
	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++)
			put_said(&b, c);
	put_sort(&b, FRAME_ANSWER, "Answers");
	put_sort(&b, FRAME_EVENT, "Events of a room's log");
	put_sort(&b, FRAME_NEWS, "Other frames from the server");
	strbuf_puts(&b, "\n### Why a connection is closed\n\n| code | |\n|---|---|\n");
	for (const struct close_row *c = close_rows; c->code; c++)
		strbuf_printf(&b, "| %d | %s |\n", (int)c->code, c->about);
	return b.data;
}

void
reference_print_text(void)
{
	AUTO(arena) struct arena *a = arena_new();

	fputs(reference_text(a), stdout);
}
