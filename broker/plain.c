/* plain.c -- see plain.h. */
#include "broker/plain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/die.h"
#include "shared/json.h"
#include "shared/uuid.h"

enum { DEPTH_MAX = 64 };

/* ---- escaping ------------------------------------------------------------ */

static bool
is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||	   /* control */
	       c == 0x61c || c == 0x200e || c == 0x200f || /* direction marks */
	       (c >= 0x2028 && c <= 0x202e) || /* line separators; embedding, override */
	       (c >= 0x2066 && c <= 0x2069);   /* isolates */
}

static void
put_escape(struct strbuf *out, uint32_t c)
{
	static const char plain[] = "\n\t\r\\", letters[] = "ntr\\";
	const char *at = c < 0x80 ? strchr(plain, (int)c) : NULL;

	if (c && at)
		strbuf_printf(out, "\\%c", letters[at - plain]);
	else
		strbuf_printf(out, "\\u%04" PRIx32, c);
}

void
plain_text(struct strbuf *out, const char *text)
{
	const char *from = text;
	size_t left = strlen(text), len;
	uint32_t c;

	for (; (len = text_next(text, left, &c)) > 0; text += len, left -= len) {
		if (c != '\\' && !is_unsafe(c))
			continue;
		strbuf_add(out, from, (size_t)(text - from));
		put_escape(out, c);
		from = text + len;
	}
	strbuf_add(out, from, (size_t)(text - from));
}

/* ---- parts of a line ----------------------------------------------------- */

/* An event being turned into its line. */
struct line {
	struct strbuf *out;
	const struct format_context *x;
	const struct json *o;
};

static const char *
text_in(const struct json *o, const char *key)
{
	const char *text = json_text_of(json_get(o, key));

	return text ? text : "";
}

static void
put(const struct line *l, const char *key)
{
	plain_text(l->out, text_in(l->o, key));
}

static void
begin(const struct line *l, const char *login)
{
	struct json *seq = json_get(l->o, "seq");
	const char *at = text_in(l->o, "created_at");
	char now[CLOCK_TEXT_SIZE];

	if (seq)
		strbuf_printf(l->out, "%" PRId64, json_int_of(seq));
	else
		strbuf_puts(l->out, "-");
	strbuf_printf(l->out, "\t%s\t%s\t", *at ? at : clock_format(l->x->now_ms, now),
		      login);
}

static void
put_login(const struct line *l, const struct json *person)
{
	const char *login = text_in(person, "login");

	strbuf_puts(l->out, *login ? login : "a removed account");
}

/* The seq of the message that the event is about. */
static void
put_target(const struct line *l)
{
	int64_t room_no, seq = 0;

	if (uuid_to_message(l->x->id_key, text_in(l->o, "id"), &room_no, &seq) == OK)
		strbuf_printf(l->out, "%" PRId64 " ", seq);
}

/* ---- lines --------------------------------------------------------------- */

static void
put_attachment(const struct line *l)
{
	const struct json *data = json_get(l->o, "data");
	const char *kind = text_in(l->o, "kind");

	if (strcmp(kind, "text") == 0 || json_kind_of(data) != JSON_OBJECT)
		return;
	strbuf_printf(l->out, "[%s", kind);
	if (json_get(data, "lat"))
		strbuf_printf(l->out, " %g,%g", json_real_of(json_get(data, "lat")),
			      json_real_of(json_get(data, "lon")));
	for (int i = 0; i < 2; i++) {
		const char *name = text_in(data, i ? "label" : "name");

		strbuf_puts(l->out, *name ? " " : "");
		plain_text(l->out, name);
	}
	strbuf_puts(l->out, *text_in(l->o, "text") ? "] " : "]");
}

static void
on_message(const struct line *l)
{
	const struct json *sender = json_get(l->o, "sender");
	const char *login = text_in(sender, "login");

	if (json_kind_of(json_get(l->o, "deleted_at")) != JSON_NULL) {
		begin(l, "*");
		strbuf_puts(l->out, "a deleted message");
		return;
	}
	begin(l, strcmp(text_in(l->o, "kind"), "system") == 0 ? "*"
		 : *login				      ? login
							      : "-");
	put_attachment(l);
	put(l, "text");
}

static void
on_edited(const struct line *l)
{
	begin(l, "*");
	put_target(l);
	if (!json_text_of(json_get(l->o, "text"))) {
		strbuf_puts(l->out, "was edited");
		return;
	}
	strbuf_puts(l->out, "now reads: ");
	put(l, "text");
}

static void
on_deleted(const struct line *l)
{
	begin(l, "*");
	put_target(l);
	strbuf_puts(l->out, "was deleted");
}

static void
on_reaction(const struct line *l)
{
	begin(l, "*");
	put_target(l);
	if (!json_text_of(json_get(l->o, "emoji"))) {
		strbuf_puts(l->out, "got or lost a reaction");
		return;
	}
	strbuf_puts(l->out, json_bool_of(json_get(l->o, "on")) ? "got " : "lost ");
	put(l, "emoji");
}

static void
on_member(const struct line *l)
{
	const struct json *user = json_get(l->o, "user");
	const char *action = text_in(l->o, "action"),
		   *until = text_in(l->o, "muted_until");
	bool by_another = strcmp(text_in(user, "id"), text_in(l->o, "by")) != 0;

	begin(l, "*");
	put_login(l, user);
	if (strcmp(action, "role") == 0)
		strbuf_printf(l->out, " is %s now", text_in(l->o, "role"));
	else if (strcmp(action, "muted") == 0 && !*until)
		strbuf_puts(l->out, " may speak again");
	else if (strcmp(action, "muted") == 0)
		strbuf_printf(l->out, " is muted until %s", until);
	else if (strcmp(action, "left") == 0 && by_another)
		strbuf_puts(l->out, " was removed");
	else if (strcmp(action, "banned") == 0 || strcmp(action, "unbanned") == 0)
		strbuf_printf(l->out, " was %s", action);
	else
		strbuf_printf(l->out, " %s", action);
}

static void
on_room(const struct line *l)
{
	begin(l, "*");
	strbuf_puts(l->out, "the room is now: ");
	plain_text(l->out, text_in(json_get(l->o, "room"), "name"));
}

static void
on_joined(const struct line *l)
{
	begin(l, "*");
	strbuf_puts(l->out, "earlier events are not shown here; see the history");
}

static void
on_room_left(const struct line *l)
{
	begin(l, "*");
	strbuf_puts(l->out, "you are no longer in the room: ");
	put(l, "reason");
}

static void
on_room_removed(const struct line *l)
{
	begin(l, "*");
	strbuf_puts(l->out, "the room was removed");
}

static void
on_error(const struct line *l)
{
	begin(l, "*");
	put(l, "code");
	strbuf_puts(l->out, ": ");
	put(l, "detail");
}

static const struct {
	const char *type;
	void (*put)(const struct line *l);
} lines[] = {
	{ "message", on_message },
	{ "edited", on_edited },
	{ "deleted", on_deleted },
	{ "reaction", on_reaction },
	{ "member", on_member },
	{ "room", on_room },
	{ "joined", on_joined },
	{ "room_left", on_room_left },
	{ "room_removed", on_room_removed },
	{ "error", on_error },
};

void
plain_line(struct strbuf *out, const struct format_context *x, const struct told *t)
{
	struct line l = { out, x, NULL };
	struct json *o;

	if (json_parse(out->arena, t->json, t->len, DEPTH_MAX, NULL, &o) != OK)
		return;
	l.o = o;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strcmp(lines[i].type, t->type) == 0) {
			lines[i].put(&l);
			strbuf_puts(out, "\n");
		}
}

/* ---- again --------------------------------------------------------------- */

void
plain_lines_done(struct plain_lines *ls)
{
	for (int i = 0; i < PLAIN_LINES; i++)
		free(ls->known[i].data);
}

static void
remember(struct plain_known *k, const struct told *t, const char *line, size_t len)
{
	k->data = xrealloc(k->data, t->len + len);
	memcpy(k->data, t->json, t->len);
	memcpy(k->data + t->len, line, len);
	k->json_len = t->len;
	k->line_len = len;
}

void
plain_line_again(struct plain_lines *ls, struct strbuf *out,
		 const struct format_context *x, const struct told *t)
{
	struct plain_known *k = &ls->known[(uint64_t)t->seq % PLAIN_LINES];
	size_t begin = out->len;

	if (k->data && k->json_len == t->len && memcmp(k->data, t->json, t->len) == 0) {
		strbuf_add(out, k->data + k->json_len, k->line_len);
		return;
	}
	plain_line(out, x, t);
	if (t->len <= PLAIN_FRAME_MAX && out->len > begin)
		remember(k, t, out->data + begin, out->len - begin);
}
