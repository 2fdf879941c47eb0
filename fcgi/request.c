/* request.c -- see request.h.
 *
 * Routing uses REQUEST_URI, the only variable that every web server fills with what the
 * client sent; PATH_INFO is empty behind some. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "fcgi/form.h"
#include "fcgi/request.h"
#include "shared/address.h"
#include "shared/random.h"
#include "shared/text.h"

const char *const method_names[METHOD_COUNT] = {
	[GET] = "GET",	     [POST] = "POST",	    [PUT] = "PUT",
	[DELETE] = "DELETE", [OPTIONS] = "OPTIONS", [METHOD_OTHER] = "OTHER",
};

enum { DRAIN_MAX_BYTES = 32 << 20, USER_AGENT_MAX = 256, ID_BYTES = 8 };

const char *
source_param(const struct source *src, const char *name)
{
	size_t len = strlen(name);

	for (char *const *p = src->env; *p; p++)
		if (**p == *name && strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return *p + len + 1;
	return NULL;
}

const char *
request_header(const struct req *rq, const char *name)
{
	const char *value = source_param(rq->source, name);

	return value && *value ? value : NULL;
}

/* ---- method -------------------------------------------------------------- */

static enum method
method_of(const char *name, int compare(const char *, const char *))
{
	if (compare(name, "PATCH") == 0)
		return PUT;
	for (int m = 0; m < METHOD_OTHER; m++)
		if (compare(name, method_names[m]) == 0)
			return (enum method)m;
	return METHOD_OTHER;
}

/* A POST without a body and without Content-Length, which lighttpd passes on as a GET
 * (run/refusals.lua). No client can set this variable. */
static bool
came_without_length(const struct req *rq)
{
	const char *status = request_header(rq, "REDIRECT_STATUS");

	return status && strcmp(status, "411") == 0;
}

/* Some hosts only let GET and POST through. Methods are written in capitals; that header
 * is not always. */
static void
read_method(struct req *rq)
{
	const char *name = request_header(rq, "REQUEST_METHOD");
	const char *meant = request_header(rq, "HTTP_X_HTTP_METHOD_OVERRIDE");

	if (!name)
		name = "";
	if (came_without_length(rq))
		name = "POST";
	rq->head_only = strcmp(name, "HEAD") == 0;
	rq->method = rq->head_only ? GET : method_of(name, strcmp);
	if (rq->method == POST && meant)
		rq->method = method_of(meant, strcasecmp);
	if (rq->method == GET && strcmp(name, "POST") == 0)
		rq->method = METHOD_OTHER; /* a POST must not become a GET */
}

/* ---- path and query ------------------------------------------------------ */

static bool
take_segment(struct req *rq, const char *word)
{
	if (rq->segment_count == 0 || strcmp(rq->segment[0], word) != 0)
		return false;
	rq->segment_count--;
	memmove(rq->segment, rq->segment + 1, rq->segment_count * sizeof(rq->segment[0]));
	return true;
}

/* Split path (which begins with '/') into decoded segments. One slash at the end is
 * ignored; two in a row make an empty segment, which no route has. */
static enum err
split_path(struct req *rq, const char *path, size_t len)
{
	while (len > 1) {
		const char *slash = memchr(path + 1, '/', len - 1);
		size_t seg_len = slash ? (size_t)(slash - path - 1) : len - 1;
		char *segment = text_url_decode(rq->arena, path + 1, seg_len, false);

		if (!segment)
			return ERR_MALFORMED;
		if (rq->segment_count == REQUEST_SEGMENTS_MAX || strchr(segment, '/'))
			return ERR_NOT_FOUND;
		rq->segment[rq->segment_count++] = segment;
		path += seg_len + 1;
		len -= seg_len + 1;
	}
	return OK;
}

/* "http://host/path" is also valid (RFC 9112, absolute-form). */
static const char *
skip_authority(const char *uri)
{
	const char *host;

	if (*uri == '/')
		return uri;
	host = strstr(uri, "://");
	return host ? strchrnul(host + 3, '/') : "";
}

static const char *
uri_of(const struct req *rq)
{
	const char *uri = request_header(rq, "REQUEST_URI");
	const char *script, *info, *query;

	if (uri)
		return skip_authority(uri);
	script = request_header(rq, "SCRIPT_NAME");
	info = request_header(rq, "PATH_INFO");
	query = request_header(rq, "QUERY_STRING");
	return arena_printf(rq->arena, "%s%s%s%s", script ? script : "", info ? info : "",
			    query ? "?" : "", query ? query : "");
}

static enum err
read_path(struct req *rq, const char *uri, size_t len)
{
	const char *prefix = rq->app->config.prefix;
	size_t prefix_len = strlen(prefix);

	if (len <= prefix_len || strncmp(uri, prefix, prefix_len) != 0 ||
	    uri[prefix_len] != '/')
		return ERR_NOT_FOUND;
	TRY(split_path(rq, uri + prefix_len, len - prefix_len));
	if (rq->segment_count >= 2 && strcmp(rq->segment[0], "api") == 0 &&
	    strcmp(rq->segment[1], "v1") == 0)
		rq->is_api = take_segment(rq, "api") && take_segment(rq, "v1");
	return OK;
}

static enum err
read_uri(struct req *rq)
{
	const char *uri = uri_of(rq);
	size_t path_len = strcspn(uri, "?#");
	const char *query = uri[path_len] == '?' ? uri + path_len + 1 : "";
	enum err err = read_path(rq, uri, path_len);

	if (err == ERR_MALFORMED)
		return problem_fail(&rq->problem, err, NULL,
				    "The path is not valid percent-encoded UTF-8.");
	TRY(err);
	if (form_parse(rq->arena, query, strcspn(query, "#"), REQUEST_QUERY_MAX,
		       rq->query_pairs, &rq->query_count) != OK)
		return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
				    "The query string cannot be parsed.");
	return OK;
}

/* ---- headers ------------------------------------------------------------- */

static void
read_id(struct req *rq)
{
	const char *given = request_header(rq, "HTTP_X_REQUEST_ID");
	unsigned char bytes[ID_BYTES];
	char hex[2 * ID_BYTES + 1];

	if (given && text_is_key(given)) {
		rq->id = arena_strdup(rq->arena, given);
		return;
	}
	random_bytes(bytes, sizeof(bytes));
	text_hex(bytes, sizeof(bytes), hex);
	rq->id = arena_strdup(rq->arena, hex);
}

static void
read_address(struct req *rq)
{
	const char *peer = request_header(rq, "REMOTE_ADDR");

	if (peer && !text_is_utf8(peer, strlen(peer)))
		peer = "unknown"; /* addresses are logged and stored */
	rq->address = address_of_client(rq->arena, &rq->app->config.trusted_proxies,
					peer ? peer : "",
					request_header(rq, "HTTP_X_FORWARDED_FOR"));
	rq->address_counted = address_counted(rq->arena, rq->address);
}

/* After a rewrite, Apache passes Authorization under the second name. */
static void
read_token(struct req *rq)
{
	const char *value = request_header(rq, "HTTP_AUTHORIZATION");

	if (!value)
		value = request_header(rq, "REDIRECT_HTTP_AUTHORIZATION");
	if (!value || strncasecmp(value, "Bearer ", strlen("Bearer ")) != 0)
		return;
	value += strlen("Bearer ");
	rq->token = value + strspn(value, " ");
}

static void
read_content(struct req *rq)
{
	const char *type = request_header(rq, "CONTENT_TYPE");
	const char *length = request_header(rq, "CONTENT_LENGTH");
	char *lower = arena_strndup(rq->arena, type ? type : "",
				    type ? strcspn(type, "; \t") : 0);

	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	rq->content_type = lower;
	rq->content_length = -1;
	if (length &&
	    (text_to_int(length, &rq->content_length) != OK || rq->content_length < 0))
		rq->content_length = -1;
}

enum err
request_head(struct req *rq)
{
	read_id(rq);
	read_address(rq);
	read_method(rq);
	read_token(rq);
	read_content(rq);
	return read_uri(rq);
}

enum err
request_key(struct req *rq, const char **out)
{
	const char *key = request_header(rq, "HTTP_IDEMPOTENCY_KEY");

	if (key && !text_is_key(key)) {
		problem_field(&rq->problem, "Idempotency-Key", "format",
			      "Must be 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.");
		return ERR_INVALID;
	}
	*out = key;
	return OK;
}

const char *
request_user_agent(const struct req *rq)
{
	const char *agent = request_header(rq, "HTTP_USER_AGENT");

	if (!agent || !text_is_utf8(agent, strlen(agent)))
		return NULL;
	return text_clip(rq->arena, agent, USER_AGENT_MAX - 1);
}

/* ---- body ---------------------------------------------------------------- */

size_t
request_read(struct req *rq, char *buf, size_t size)
{
	size_t got = rq->source->read(rq->source->arg, buf, size);

	rq->body_ended = got == 0;
	return got;
}

enum err
request_body(struct req *rq, int64_t max)
{
	struct strbuf body = { .arena = rq->arena };
	char chunk[8192];
	size_t got;

	if (rq->content_length > max)
		return ERR_TOO_LARGE;
	while ((got = request_read(rq, chunk, sizeof(chunk))) > 0) {
		strbuf_add(&body, chunk, got);
		if ((int64_t)body.len > max)
			return ERR_TOO_LARGE;
	}
	if ((int64_t)body.len < rq->content_length)
		return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
				    "The body ended before its Content-Length.");
	rq->raw = body.len ? body.data : "";
	rq->raw_len = body.len;
	return OK;
}

void
request_drain(struct req *rq)
{
	char chunk[8192];
	size_t left = DRAIN_MAX_BYTES;

	while (!rq->body_ended && left > 0) {
		size_t got = request_read(rq, chunk, sizeof(chunk));

		left -= got < left ? got : left;
	}
}
