/* log.h -- structured logging: one line an event.
 *
 *	log_event(LOG_INFO, "request", LOG_S("request_id", id),
 *		  LOG_I("status", 200), LOG_I("duration_us", us));
 *
 * writes `ts=… level=info event=request request_id=… status=200 …`, or the same as a JSON
 * object, depending on a setting. Values are escaped, so a line is always one line. Never
 * log message text, passwords, tokens, or URLs with a query.
 *
 * Owns: the log file. Each line is one appending write(2): several processes may
 * share a file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

struct log_field {
	const char *key;
	const char *text; /* NULL with is_text: the field is omitted */
	int64_t number;
	int is_text;
};

#define LOG_S(k, v) ((struct log_field){ .key = (k), .text = (v), .is_text = 1 })
#define LOG_I(k, v) ((struct log_field){ .key = (k), .number = (v) })

/* program: is in every line. file: "" for stderr. json: JSON lines. Before the first
 * call: stderr, key=value, LOG_INFO. */
enum err log_open(const char *program, const char *file, int json, enum log_level least);
/* After the file was moved away: open it again by its name. */
void log_reopen(void);
/* The descriptor of the log, for code that closes all others. */
int log_fd(void);

void log_write(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count);

#define log_event(level, event, ...)                                           \
	log_write((level), (event), (const struct log_field[]){ __VA_ARGS__ }, \
		  sizeof((const struct log_field[]){ __VA_ARGS__ }) /          \
			  sizeof(struct log_field))
