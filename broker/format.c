/* format.c -- see format.h. */
#include "broker/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/frame.h"
#include "broker/plain.h"
#include "shared/model.h"

/* ---- which one ----------------------------------------------------------- */

static const struct {
	const char *group, *name, *media_type;
} forms[FORMAT_COUNT] = {
	[FORMAT_EVENTS] = { "text/", "text/event-stream", "text/event-stream" },
	[FORMAT_NDJSON] = { "application/", "application/x-ndjson",
			    "application/x-ndjson" },
	[FORMAT_PLAIN] = { "text/", "text/plain", "text/plain; charset=utf-8" },
};

enum { RANGE_NONE, RANGE_ALL, RANGE_GROUP, RANGE_NAME, FULL_Q = 1000 };

/* How closely a media range of len bytes matches the form. */
static int
closeness(const char *range, size_t len, int form)
{
	const char *name = forms[form].name;
	size_t group_len = strlen(forms[form].group);

	if (len == strlen(name) && strncasecmp(range, name, len) == 0)
		return RANGE_NAME;
	if (len == group_len + 1 && strncasecmp(range, name, group_len) == 0 &&
	    range[group_len] == '*')
		return RANGE_GROUP;
	return len == 3 && memcmp(range, "*/*", 3) == 0 ? RANGE_ALL : RANGE_NONE;
}

/* The q among the parameters that end at end, in thousandths; an invalid one counts as
 * 1. */
static int
quality(const char *parameters, const char *end)
{
	for (const char *p = parameters; p && p < end;
	     p = memchr(p, ';', (size_t)(end - p))) {
		char *stop;
		double q;

		p += 1 + strspn(p + 1, " \t");
		if (p + 1 >= end || strncasecmp(p, "q=", 2) != 0)
			continue;
		q = strtod(p + 2, &stop);
		return stop == p + 2 || !(q >= 0 && q <= 1) ? FULL_Q : (int)(q * FULL_Q);
	}
	return FULL_Q;
}

/* For each form, the q of the range that matches it most closely. */
static void
weigh(const char *range, const char *end, int close[], int q[])
{
	const char *parameters = memchr(range, ';', (size_t)(end - range));
	size_t len = (size_t)((parameters ? parameters : end) - range);

	while (len > 0 && (range[len - 1] == ' ' || range[len - 1] == '\t'))
		len--;
	for (int i = 0; i < FORMAT_COUNT; i++) {
		int closer = closeness(range, len, i);

		if (closer <= close[i])
			continue;
		close[i] = closer;
		q[i] = quality(parameters, end);
	}
}

bool
format_choose(const char *accept, enum format *out)
{
	int close[FORMAT_COUNT] = {}, q[FORMAT_COUNT] = {}, best = -1;

	if (!accept || !*accept)
		accept = "*/*";
	while (*accept) {
		const char *end;

		accept += strspn(accept, ", \t");
		end = accept + strcspn(accept, ",");
		if (end > accept)
			weigh(accept, end, close, q);
		accept = end;
	}
	for (int i = 0; i < FORMAT_COUNT; i++)
		if (q[i] > 0 && (best < 0 || q[i] > q[best] ||
				 (q[i] == q[best] && close[i] > close[best])))
			best = i;
	if (best >= 0)
		*out = (enum format)best;
	return best >= 0;
}

const char *
format_media_type(enum format f)
{
	return forms[f].media_type;
}

/* ---- what a frame tells -------------------------------------------------- */

/* What follows the first "key": in the frame; NULL: there is none. */
static const char *
member(struct arena *a, const struct told *t, const char *key)
{
	const char *name = arena_printf(a, "\"%s\":", key);
	size_t len = strlen(name);
	const char *at = memmem(t->json, t->len, name, len);

	return at ? at + len : NULL;
}

const char *
told_word(struct arena *a, const struct told *t, const char *key)
{
	const char *at = member(a, t, key), *end;

	if (!at || *at != '"')
		return "";
	end = memchr(at + 1, '"', (size_t)(t->json + t->len - at - 1));
	return end ? arena_strndup(a, at + 1, (size_t)(end - at - 1)) : "";
}

static bool
is_for_streams(const char *type)
{
	static const char *const others[] = { "joined", "room_left", "room_removed",
					      "error", NULL };

	return name_index(others, type) >= 0;
}

bool
told_read(struct arena *a, const uint8_t *frame, struct told *out)
{
	size_t size = frame_size(frame), head = frame_head_size(frame);
	const char *seq, *end = (const char *)frame + size;

	*out = (struct told){ (const char *)frame + head, size - head, .seq = -1 };
	out->type = told_word(a, out, "type");
	out->is_in_log = name_index(event_type_names, out->type) >= 0;
	if (!out->is_in_log && !is_for_streams(out->type))
		return false;
	out->room_id = told_word(a, out, "room_id");
	seq = member(a, out, "seq");
	for (out->seq = seq ? 0 : -1; seq && seq < end && *seq >= '0' && *seq <= '9';
	     seq++)
		out->seq = 10 * out->seq + (*seq - '0');
	return true;
}

/* ---- how it is told ------------------------------------------------------ */

void
format_retry(struct strbuf *out, enum format f, unsigned retry_ms)
{
	if (f == FORMAT_EVENTS)
		strbuf_printf(out, "retry: %u\n\n", retry_ms);
}

/* An id alone moves an EventSource's cursor without an event: a client that loses the
 * stream before the first event resumes from here, not from a later moment. */
void
format_begin(struct strbuf *out, enum format f, const struct format_context *x,
	     int64_t seq, unsigned retry_ms)
{
	if (f == FORMAT_EVENTS)
		strbuf_printf(out, "retry: %u\nid: %s.%" PRId64 "\n\n", retry_ms,
			      x->epoch, seq);
}

static void
put_event(struct strbuf *out, const struct format_context *x, const struct told *t)
{
	if (t->seq >= 0)
		strbuf_printf(out, "id: %s.%" PRId64 "\n", x->epoch, t->seq);
	strbuf_printf(out, "event: %s\ndata: ", t->type);
	strbuf_add(out, t->json, t->len);
	strbuf_puts(out, "\n\n");
}

void
format_told(struct strbuf *out, enum format f, const struct format_context *x,
	    const struct told *t)
{
	if (f == FORMAT_EVENTS) {
		put_event(out, x, t);
	} else if (f == FORMAT_NDJSON) {
		strbuf_add(out, t->json, t->len);
		strbuf_puts(out, "\n");
	} else {
		plain_line(out, x, t);
	}
}

void
format_heartbeat(struct strbuf *out, enum format f)
{
	strbuf_puts(out, f == FORMAT_EVENTS ? ":\n\n" : "\n");
}
