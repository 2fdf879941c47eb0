/* A line is built in a buffer on the stack and written at once. Long input is cut: a
 * value after VALUE_MAX bytes, a line after the last whole field. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/clock.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/text.h"

enum { LINE_MAX_BYTES = 8192, VALUE_MAX = 1024 };

static struct {
	int fd;
	bool json;
	enum log_level least;
	char *program, *file;
} sink = { .fd = STDERR_FILENO, .least = LOG_INFO };

static const char *const level_names[LOG_LEVEL_COUNT] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

static int
open_file(const char *file)
{
	if (!*file)
		return STDERR_FILENO;
	return open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

static void
take_file(int fd)
{
	if (sink.fd != STDERR_FILENO)
		close(sink.fd);
	sink.fd = fd;
}

enum err
log_open(const char *program, const char *file, int json, enum log_level least)
{
	int fd = open_file(file);

	if (fd < 0) {
		fprintf(stderr, "%s: log_file: cannot open %s: %m\n", program, file);
		return ERR_UNAVAILABLE;
	}
	take_file(fd);
	free(sink.program);
	free(sink.file);
	sink.program = xstrdup(program);
	sink.file = xstrdup(file);
	sink.json = json;
	sink.least = least;
	return OK;
}

void
log_reopen(void)
{
	int fd = open_file(sink.file ? sink.file : "");

	if (fd < 0)
		log_event(LOG_ERROR, "log_reopen_failed",
			  LOG_S("reason", strerror(errno)));
	else
		take_file(fd);
}

int
log_fd(void)
{
	return sink.fd;
}

struct line {
	size_t len;
	char data[LINE_MAX_BYTES];
};

/* The only function that adds to a line; past the end it adds nothing. */
static void
add(struct line *l, const char *s, size_t len)
{
	if (len > sizeof(l->data) - l->len)
		len = sizeof(l->data) - l->len;
	memcpy(l->data + l->len, s, len);
	l->len += len;
}

static void
add_text(struct line *l, const char *s)
{
	add(l, s, strlen(s));
}

static bool
is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s == '"' || *s == '=' || *s == '\\' || *s > '~')
			return false;
	return true;
}

/* Characters that could end a line, or hide or reorder text on a terminal: controls, line
 * and paragraph separators, bidirectional marks. */
static bool
is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
add_quoted(struct line *l, const char *s)
{
	size_t left = strlen(s), shown = left > VALUE_MAX ? VALUE_MAX : left, length;
	char escape[16];
	uint32_t c;

	add(l, "\"", 1);
	for (const char *end = s + shown; s < end; s += length, left -= length) {
		length = text_next(s, left, &c);
		if (length == 0) {
			length = 1;
			snprintf(escape, sizeof(escape),
				 sink.json ? "\\ufffd" : "\\x%02x", (unsigned char)*s);
			add_text(l, escape);
		} else if (c == '"' || c == '\\') {
			add(l, "\\", 1);
			add(l, s, 1);
		} else if (c == '\n') {
			add_text(l, "\\n");
		} else if (is_unsafe(c)) {
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
			add_text(l, escape);
		} else {
			add(l, s, length);
		}
	}
	add_text(l, left > 0 ? "…\"" : "\"");
}

static void
add_key(struct line *l, const char *key)
{
	if (l->len > 1)
		add_text(l, sink.json ? "," : " ");
	if (sink.json)
		add_text(l, "\"");
	add_text(l, key);
	add_text(l, sink.json ? "\":" : "=");
}

static void
add_field(struct line *l, const struct log_field *f)
{
	char number[32];

	if (f->is_text && !f->text)
		return;
	add_key(l, f->key);
	if (!f->is_text) {
		snprintf(number, sizeof(number), "%lld", (long long)f->number);
		add_text(l, number);
	} else if (!sink.json && is_plain(f->text) && strlen(f->text) <= VALUE_MAX) {
		add_text(l, f->text);
	} else {
		add_quoted(l, f->text);
	}
}

/* As many whole fields as fit, keeping room for the end of the line. */
static void
add_fields(struct line *l, const struct log_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t before = l->len;

		add_field(l, &fields[i]);
		if (l->len > sizeof(l->data) - 2)
			l->len = before;
	}
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields,
	  size_t count)
{
	int saved_errno = errno;
	char ts[CLOCK_TEXT_SIZE];
	struct line l;
	const struct log_field head[] = {
		LOG_S("ts", clock_format(clock_now_ms(), ts)),
		LOG_S("level", level_names[level]),
		LOG_S("program", sink.program),
		LOG_I("pid", getpid()),
		LOG_S("event", event),
	};

	if (level < sink.least)
		return;
	l.len = 0;
	if (sink.json)
		add(&l, "{", 1);
	add_fields(&l, head, sizeof(head) / sizeof(*head));
	add_fields(&l, fields, count);
	add_text(&l, sink.json ? "}\n" : "\n");
	while (write(sink.fd, l.data, l.len) < 0 && errno == EINTR)
		;
	errno = saved_errno;
}
