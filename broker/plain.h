/* plain.h -- an event as a line that a person reads in a terminal.
 *
 *	seq TAB time TAB login TAB text
 *
 * for a message; `*` in place of the login marks a line that tells something else. No
 * login looks like that, so nobody can write a message that looks like news. A line
 * without a seq has `-` there, and a removed account has `-` as its login.
 *
 * In a text, backslash, newline, TAB and CR are \\ \n \t \r, and all other control and
 * bidirectional characters \u and four digits: a line stays a line, in its direction,
 * and nothing in it moves the cursor. */
#pragma once

#include "broker/format.h"

void plain_line(struct strbuf *out, const struct format_context *x, const struct told *t);
/* The same for events of the log, with a cache of recent lines: others who follow the
 * room get the very same line. Making a line costs as much as ten copies.
 *
 * Owns: its lines, PLAIN_LINES of at most PLAIN_FRAME_MAX bytes of JSON. */
enum { PLAIN_LINES = 64, PLAIN_FRAME_MAX = 4096 };

struct plain_lines {
	struct plain_known {
		char *data; /* the JSON, then its line */
		size_t json_len, line_len;
	} known[PLAIN_LINES];
};

void plain_lines_done(struct plain_lines *ls);
void plain_line_again(struct plain_lines *ls, struct strbuf *out,
		      const struct format_context *x, const struct told *t);

/* The text, escaped as above. */
void plain_text(struct strbuf *out, const char *text);
