/* http.c -- see http.h. Strict: a head that could be read in two ways is broken. */
#include "broker/http.h"

#include <string.h>
#include <strings.h>

#include "shared/text.h"
#include "shared/uuid.h"

static const struct {
	const char *name;
	bool is_list; /* may come in several lines, which are one list */
} known[HTTP_HEADER_COUNT] = {
	[HTTP_HOST] = { "Host", false },
	[HTTP_UPGRADE] = { "Upgrade", true },
	[HTTP_CONNECTION] = { "Connection", true },
	[HTTP_WS_VERSION] = { "Sec-WebSocket-Version", false },
	[HTTP_WS_KEY] = { "Sec-WebSocket-Key", false },
	[HTTP_WS_PROTOCOL] = { "Sec-WebSocket-Protocol", true },
	[HTTP_AUTHORIZATION] = { "Authorization", false },
	[HTTP_ORIGIN] = { "Origin", false },
	[HTTP_FORWARDED_FOR] = { "X-Forwarded-For", true },
	[HTTP_FORWARDED_HOST] = { "X-Forwarded-Host", false },
	[HTTP_CONTENT_LENGTH] = { "Content-Length", false },
	[HTTP_TRANSFER_ENCODING] = { "Transfer-Encoding", true },
};

enum { METHOD_MAX = 20, LINES_MAX = 100 };

/* RFC 9110: token. */
static bool
is_token(const char *s, size_t len)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char lower = s[i] | 0x20;

		if (!(lower >= 'a' && lower <= 'z') && !(s[i] >= '0' && s[i] <= '9') &&
		    !(s[i] && strchr(marks, s[i])))
			return false;
	}
	return len > 0;
}

static bool
is_visible(const char *s, size_t len, bool spaces)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
			if (!spaces || (s[i] != ' ' && s[i] != '\t'))
				return false;
	return true;
}

/* METHOD SP target SP HTTP/1.x */
static bool
read_request_line(struct arena *a, const char *line, size_t len, struct http_request *out)
{
	const char *space = memchr(line, ' ', len), *last = memrchr(line, ' ', len);
	const char *target, *mark;
	size_t target_len;

	if (!space || last == space || !is_token(line, (size_t)(space - line)))
		return false;
	target = space + 1;
	target_len = (size_t)(last - target);
	if (target_len == 0 || *target != '/' || !is_visible(target, target_len, false) ||
	    len - (size_t)(last - line) != strlen(" HTTP/1.1"))
		return false;
	out->is_http_1_1 = strncmp(last, " HTTP/1.1", strlen(" HTTP/1.1")) == 0;
	if (!out->is_http_1_1 && strncmp(last, " HTTP/1.0", strlen(" HTTP/1.0")) != 0)
		return false;
	mark = memchr(target, '?', target_len);
	out->method = arena_strndup(a, line, (size_t)(space - line));
	out->path = text_url_decode(a, target,
				    mark ? (size_t)(mark - target) : target_len, false);
	out->query = mark ? arena_strndup(a, mark + 1, (size_t)(last - mark - 1)) : "";
	return out->path != NULL;
}

static bool
keep_header(struct arena *a, int i, const char *value, size_t len,
	    struct http_request *out)
{
	const char *text = arena_strndup(a, value, len), *before = out->headers[i];

	if (before && !known[i].is_list)
		return false;
	out->headers[i] = before ? arena_printf(a, "%s, %s", before, text) : text;
	return true;
}

static bool
read_header_line(struct arena *a, const char *line, size_t len, struct http_request *out)
{
	const char *colon = memchr(line, ':', len), *value;
	size_t name_len;

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return false;
	name_len = (size_t)(colon - line);
	value = colon + 1;
	len -= name_len + 1;
	while (len > 0 && (*value == ' ' || *value == '\t'))
		value++, len--;
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	if (!is_visible(value, len, true))
		return false;
	for (int i = 0; i < HTTP_HEADER_COUNT; i++)
		if (strlen(known[i].name) == name_len &&
		    strncasecmp(known[i].name, line, name_len) == 0)
			return keep_header(a, i, value, len, out);
	return true;
}

/* What does not begin like a request will never be one: no need to wait for more. */
static bool
begins_well(const char *buf, size_t len)
{
	const char *space = memchr(buf, ' ', len);
	size_t method_len = space ? (size_t)(space - buf) : len;

	return len == 0 || (method_len <= METHOD_MAX && is_token(buf, method_len));
}

enum http_progress
http_read(struct arena *a, const char *buf, size_t len, struct http_request *out)
{
	const char *end = memmem(buf, len, "\r\n\r\n", 4), *line = buf, *eol;
	int lines = 0;

	if (!begins_well(buf, len))
		return HTTP_BROKEN;
	if (!end)
		return HTTP_MORE;
	*out = (struct http_request){ .head_len = (size_t)(end - buf) + 4 };
	for (; line < end + 2; line = eol + 2) {
		eol = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		if (++lines > LINES_MAX ||
		    !(line == buf ? read_request_line
				  : read_header_line)(a, line, (size_t)(eol - line), out))
			return HTTP_BROKEN;
	}
	return HTTP_DONE;
}

bool
http_has_word(const char *header, const char *word)
{
	size_t word_len = strlen(word);

	while (header && *header) {
		size_t len;

		header += strspn(header, ", \t");
		len = strcspn(header, ", \t");
		if (len == word_len && strncasecmp(header, word, len) == 0)
			return true;
		header += len;
	}
	return false;
}

const char *
http_query(struct arena *a, const char *query, const char *name)
{
	size_t name_len = strlen(name);

	while (*query) {
		size_t len = strcspn(query, "&");

		if (len > name_len && query[name_len] == '=' &&
		    strncmp(query, name, name_len) == 0)
			return text_url_decode(a, query + name_len + 1,
					       len - name_len - 1, true);
		query += len + (query[len] == '&');
	}
	return NULL;
}

static const char *
status_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Unknown";
}

struct bytes
http_answer(struct arena *a, int status, const char *type, const char *body,
	    const char *more)
{
	char *text = arena_printf(a,
				  "HTTP/1.1 %d %s\r\n"
				  "Content-Type: %s\r\n"
				  "Content-Length: %zu\r\n"
				  "Cache-Control: no-store\r\n"
				  "X-Content-Type-Options: nosniff\r\n"
				  "Connection: close\r\n"
				  "%s\r\n%s",
				  status, status_words(status), type, strlen(body), more,
				  body);

	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

struct bytes
http_problem(struct arena *a, int status, const char *code, const char *detail,
	     const char *more)
{
	struct json *o = json_object_in(a);
	struct uuid request_id;

	uuid_random(&request_id);
	json_put_text(o, "type", "about:blank");
	json_put_text(o, "title", status_words(status));
	json_put_int(o, "status", status);
	json_put_text(o, "detail", detail);
	json_put_text(o, "code", code);
	json_put_text(o, "request_id", request_id.text);
	return http_answer(
		a, status, "application/problem+json", json_print(a, o, NULL),
		arena_printf(a, "X-Request-Id: %s\r\n%s", request_id.text, more));
}
