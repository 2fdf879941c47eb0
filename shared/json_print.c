/* json_print.c -- a value as text; see json.h. */
#include <stdio.h>
#include <string.h>

#include "shared/json_tree.h"
#include "shared/text.h"

struct printer {
	struct strbuf out;
	bool readable; /* in lines */
	int depth;
};

/* May it be written in a string unescaped (RFC 8259, section 7)? */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* The same for eight bytes at once: (v - k) & ~v sets a byte's high bit only if that byte
 * is below k, or if a lower byte is. */
static bool
are_plain(const char s[8])
{
	static const uint64_t each = 0x0101010101010101;
	uint64_t v, quotes, slashes;

	memcpy(&v, s, sizeof(v));
	quotes = v ^ each * '"';
	slashes = v ^ each * '\\';
	return !((((v - each * 0x20) & ~v) | ((quotes - each) & ~quotes) |
		  ((slashes - each) & ~slashes)) &
		 each << 7);
}

/* Copies what may be written unescaped from the beginning of s; returns how much. */
static size_t
copy_plain(char *to, const char *s, size_t len)
{
	size_t n = 0;

	for (; n + 8 <= len && are_plain(s + n); n += 8)
		memcpy(to + n, s + n, 8);
	for (; n < len && is_plain((unsigned char)s[n]); n++)
		to[n] = s[n];
	return n;
}

static void
print_escape(struct strbuf *b, unsigned char c)
{
	static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *at = c ? strchr(named, c) : NULL;

	if (at)
		strbuf_add(b, (char[]){ '\\', names[at - named] }, 2);
	else
		strbuf_printf(b, "\\u%04x", c);
}

static void
put(struct strbuf *b, char c)
{
	*strbuf_room(b, 1) = c;
	b->len++;
}

static void
print_text(struct strbuf *b, const char *s, size_t len)
{
	put(b, '"');
	for (;;) {
		size_t plain = copy_plain(strbuf_room(b, len), s, len);

		b->len += plain;
		s += plain;
		len -= plain;
		if (len == 0)
			break;
		print_escape(b, (unsigned char)*s++);
		len--;
	}
	put(b, '"');
}

static void
print_int(struct strbuf *b, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[20], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	strbuf_add(b, at, (size_t)(digits + sizeof(digits) - at));
}

static void print(struct printer *p, const struct json *v);

static void
begin_line(struct printer *p)
{
	if (p->readable)
		strbuf_printf(&p->out, "\n%*s", 2 * p->depth, "");
}

static void
open_bracket(struct printer *p, char bracket)
{
	put(&p->out, bracket);
	p->depth++;
}

static void
begin_item(struct printer *p, bool is_first)
{
	if (!is_first)
		put(&p->out, ',');
	begin_line(p);
}

static void
close_bracket(struct printer *p, char bracket, bool is_empty)
{
	p->depth--;
	if (!is_empty)
		begin_line(p);
	put(&p->out, bracket);
}

static void
print_array(struct printer *p, const struct json *v)
{
	open_bracket(p, '[');
	for (size_t i = 0; i < v->count; i++) {
		begin_item(p, i == 0);
		print(p, v->items[i]);
	}
	close_bracket(p, ']', v->count == 0);
}

static void
print_object(struct printer *p, const struct json *v)
{
	open_bracket(p, '{');
	for (const struct json_member *m = v->first; m; m = m->next) {
		begin_item(p, m == v->first);
		print_text(&p->out, m->key, strlen(m->key));
		put(&p->out, ':');
		if (p->readable)
			put(&p->out, ' ');
		print(p, m->value);
	}
	close_bracket(p, '}', v->count == 0);
}

static void
print(struct printer *p, const struct json *v)
{
	switch (v->kind) {
	case JSON_NULL:
		if (v->is_raw)
			strbuf_add(&p->out, v->text, v->count);
		else
			strbuf_add(&p->out, "null", 4);
		break;
	case JSON_BOOL:
		strbuf_puts(&p->out, v->truth ? "true" : "false");
		break;
	case JSON_INT:
		print_int(&p->out, v->whole);
		break;
	case JSON_REAL:
		strbuf_add(&p->out, v->text, v->count);
		break;
	case JSON_TEXT:
		print_text(&p->out, v->text, v->count);
		break;
	case JSON_ARRAY:
		print_array(p, v);
		break;
	case JSON_OBJECT:
		print_object(p, v);
		break;
	}
}

static const char *
text_of(struct printer *p, const struct json *value, size_t *out_len)
{
	print(p, value);
	*strbuf_room(&p->out, 0) = '\0';
	if (out_len)
		*out_len = p->out.len;
	return p->out.data;
}

const char *
json_print(struct arena *a, const struct json *value, size_t *out_len)
{
	return text_of(&(struct printer){ .out = { .arena = a } }, value, out_len);
}

const char *
json_print_readable(struct arena *a, const struct json *value)
{
	struct printer p = { .out = { .arena = a }, .readable = true };

	return text_of(&p, value, NULL);
}
