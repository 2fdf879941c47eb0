/* http.c -- see http.h. Strict: a head that could be read in two ways is malformed. */
#include "broker/http.h"

#include <string.h>
#include <strings.h>

#include "shared/text.h"
#include "shared/uuid.h"

static const struct {
	const char *name;
	bool is_list; /* may come in several lines, which form one list */
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
	[HTTP_ACCEPT] = { "Accept", true },
	[HTTP_LAST_EVENT_ID] = { "Last-Event-ID", false },
	[HTTP_REQUEST_ID] = { "X-Request-Id", false },
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

/* What does not begin like a request can never become one: do not wait for more. */
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
		{ 204, "No Content" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 409, "Conflict" },
		{ 422, "Unprocessable Content" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Unknown";
}

struct bytes
http_head_of(struct bytes answer)
{
	const uint8_t *end = memmem(answer.data, answer.len, "\r\n\r\n", 4);

	return (struct bytes){ answer.data, (size_t)(end + 4 - answer.data) };
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

static struct bytes
problem(struct arena *a, const char *request_id, int status, const char *code,
	const char *detail, struct json *errors, const char *more)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "type", arena_printf(a, "urn:problem-type:foyer:%s", code));
	json_put_text(o, "title", status_words(status));
	json_put_int(o, "status", status);
	json_put_text(o, "detail", detail);
	json_put_text(o, "code", code);
	json_put_text(o, "request_id", request_id);
	if (errors)
		json_put(o, "errors", errors);
	return http_answer(a, status, "application/problem+json", json_print(a, o, NULL),
			   arena_printf(a, "X-Request-Id: %s\r\n%s", request_id, more));
}

struct bytes
http_problem_of(struct arena *a, const char *request_id, int status, const char *code,
		const char *detail, const char *more)
{
	return problem(a, request_id, status, code, detail, NULL, more);
}

struct bytes
http_problem(struct arena *a, int status, const char *code, const char *detail,
	     const char *more)
{
	struct uuid request_id;

	uuid_random(&request_id);
	return problem(a, request_id.text, status, code, detail, NULL, more);
}

const char *
http_request_id(struct arena *a, const struct http_request *rq)
{
	const char *given = rq->headers[HTTP_REQUEST_ID];
	struct uuid own;

	if (given && text_is_key(given))
		return given;
	uuid_random(&own);
	return arena_strdup(a, own.text);
}

/* RFC 6750, section 3: no error code for a request without any token. */
static const char *
challenge(struct arena *a, bool token, const char *detail)
{
	if (!token)
		return "WWW-Authenticate: Bearer realm=\"foyer\"\r\n";
	return arena_printf(a,
			    "WWW-Authenticate: Bearer realm=\"foyer\", "
			    "error=\"invalid_token\", error_description=\"%s\"\r\n",
			    detail);
}

struct bytes
http_error(struct arena *a, const char *request_id, enum err e, const struct problem *p,
	   bool token, const char *more)
{
	static const int statuses[ERR_COUNT] = {
		[ERR_MALFORMED] = 400, [ERR_INVALID] = 422,   [ERR_UNAUTHENTICATED] = 401,
		[ERR_FORBIDDEN] = 403, [ERR_NOT_FOUND] = 404, [ERR_CONFLICT] = 409,
		[ERR_TOO_LARGE] = 400, [ERR_TOO_MANY] = 429,  [ERR_UNAVAILABLE] = 503,
		[ERR_INTERNAL] = 500,
	};
	const char *detail = p->detail ? p->detail : err_detail(e);

	if (e == ERR_UNAUTHENTICATED)
		more = arena_printf(a, "%s%s", challenge(a, token, detail), more);
	if (e == ERR_TOO_MANY || e == ERR_UNAVAILABLE)
		more = arena_printf(a, "Retry-After: %d\r\n%s",
				    p->retry_after_s > 0 ? p->retry_after_s : 1, more);
	return problem(a, request_id, statuses[e], p->code ? p->code : err_code(e),
		       detail, p->error_count > 0 ? problem_errors(a, p) : NULL, more);
}

struct bytes
http_no_content(struct arena *a, const char *request_id, const char *more)
{
	const char *text = arena_printf(a,
					"HTTP/1.1 204 No Content\r\n"
					"Cache-Control: no-store\r\n"
					"X-Content-Type-Options: nosniff\r\n"
					"X-Request-Id: %s\r\n"
					"Connection: close\r\n"
					"%s\r\n",
					request_id, more);

	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}
