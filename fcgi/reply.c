/* reply.c -- see reply.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fcgi/reply.h"
#include "fcgi/route.h"
#include "shared/text.h"
#include "shared/token.h"

static const int statuses[ERR_COUNT] = {
	[OK] = 200,
	[ERR_MALFORMED] = 400,
	[ERR_INVALID] = 422,
	[ERR_UNAUTHENTICATED] = 401,
	[ERR_FORBIDDEN] = 403,
	[ERR_NOT_FOUND] = 404,
	[ERR_CONFLICT] = 409,
	[ERR_TOO_LARGE] = 413,
	[ERR_TOO_MANY] = 429,
	[ERR_UNAVAILABLE] = 503,
	[ERR_INTERNAL] = 500,
};

int
reply_status_of(enum err err)
{
	return statuses[(unsigned)err < ERR_COUNT ? err : ERR_INTERNAL];
}

const char *
reply_status_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Unknown";
}

/* ---- making one ---------------------------------------------------------- */

void
reply_json(struct req *rq, struct reply *out, int status, struct json *body)
{
	out->status = status;
	out->type = "application/json";
	out->body = json_print(rq->arena, body, &out->body_len);
}

void
reply_created(struct req *rq, struct reply *out, struct json *body, const char *path, ...)
{
	va_list ap;

	reply_json(rq, out, 201, body);
	va_start(ap, path);
	out->location = arena_printf(rq->arena, "%s%s", rq->app->base,
				     arena_vprintf(rq->arena, path, ap));
	va_end(ap);
}

void
reply_no_content(struct reply *out)
{
	out->status = 204;
}

/* ---- ETags --------------------------------------------------------------- */

const char *
reply_etag_of_seq(struct req *rq, const char *epoch, int64_t seq)
{
	const char *const reader[] = { rq->user_id };

	return arena_printf(rq->arena, "\"%s.%" PRId64 "-%08" PRIx32 "\"", epoch, seq,
			    (uint32_t)fingerprint(reader, 1));
}

/* Over the bytes: for answers whose change nothing cheaper tells. */
static const char *
etag_of_body(struct req *rq, const char *body)
{
	const char *const parts[] = { rq->user_id, body };

	return arena_printf(rq->arena, "\"%016" PRIx64 "\"",
			    (uint64_t)fingerprint(parts, 2));
}

/* The compressors of Apache and lighttpd turn "tag" into "tag-gzip" or "tag-br". */
static bool
is_end_of_tag(const char *s)
{
	static const char *const ends[] = { "\"", "-gzip\"", "-br\"", "-deflate\"",
					    "-zstd\"" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (text_starts(s, ends[i]))
			return true;
	return false;
}

bool
reply_is_fresh(const struct req *rq, const char *etag)
{
	const char *list = request_header(rq, "HTTP_IF_NONE_MATCH");
	size_t len = strlen(etag) - 1; /* without the closing quote */

	if (!list)
		return false;
	while (*list) {
		list += strspn(list, ", \t");
		if (list[0] == '*')
			return true;
		if (text_starts(list, "W/"))
			list += 2;
		if (strncmp(list, etag, len) == 0 && is_end_of_tag(list + len))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

void
reply_not_modified(struct reply *out, const char *etag)
{
	out->status = 304;
	out->etag = etag;
}

void
reply_json_tagged(struct req *rq, struct reply *out, struct json *body)
{
	reply_json(rq, out, 200, body);
	out->etag = etag_of_body(rq, out->body);
	if (reply_is_fresh(rq, out->etag))
		*out = (struct reply){ .status = 304,
				       .etag = out->etag,
				       .limit = out->limit };
}

/* ---- problems (RFC 9457) ------------------------------------------------- */

static void
put_problem(struct req *rq, struct reply *out, int status, const char *code,
	    const char *detail)
{
	struct json *body = json_object_in(rq->arena);

	json_put_text(body, "type",
		      arena_printf(rq->arena, "urn:problem-type:foyer:%s", code));
	json_put_text(body, "title", reply_status_words(status));
	json_put_int(body, "status", status);
	json_put_text(body, "detail", detail);
	json_put_text(body, "code", code);
	json_put_text(body, "request_id", rq->id);
	if (rq->problem.call_id)
		json_put_text(body, "call_id", rq->problem.call_id);
	if (rq->problem.is_banned)
		json_put_bool(body, "banned", true);
	if (rq->problem.error_count > 0)
		json_put(body, "errors", problem_errors(rq->arena, &rq->problem));
	reply_json(rq, out, status, body);
	out->type = "application/problem+json";
}

/* RFC 6750, section 3: no error code if the client sent no token at all. */
static const char *
challenge_of(const struct req *rq, const char *detail)
{
	if (rq->problem.scope)
		return arena_printf(rq->arena,
				    "Bearer realm=\"foyer\", "
				    "error=\"insufficient_scope\", scope=\"%s\"",
				    rq->problem.scope);
	if (!rq->token)
		return "Bearer realm=\"foyer\"";
	return arena_printf(rq->arena,
			    "Bearer realm=\"foyer\", error=\"invalid_token\", "
			    "error_description=\"%s\"",
			    detail);
}

void
reply_problem(struct req *rq, struct reply *out, enum err err)
{
	const struct problem *p = &rq->problem;
	const char *detail = p->detail ? p->detail : err_detail(err);
	int status = reply_status_of(err);
	struct reply made = { .limit = out->limit, .retry_after_s = p->retry_after_s };

	put_problem(rq, &made, status, p->code ? p->code : err_code(err), detail);
	if (err == ERR_UNAUTHENTICATED || p->scope)
		made.challenge = challenge_of(rq, detail);
	if ((err == ERR_TOO_MANY || err == ERR_UNAVAILABLE) && made.retry_after_s == 0)
		made.retry_after_s = 1;
	*out = made;
}

void
reply_method_not_allowed(struct req *rq, struct reply *out, const char *allow)
{
	put_problem(rq, out, 405, "method_not_allowed",
		    "This path does not support the method; see Allow.");
	out->allow = allow;
}

void
reply_range_not_satisfiable(struct req *rq, struct reply *out, int64_t size)
{
	put_problem(rq, out, 416, "range_not_satisfiable",
		    "The range is outside the file; see Content-Range.");
	out->content_range = arena_printf(rq->arena, "bytes */%" PRId64, size);
}

/* ---- printing ------------------------------------------------------------ */

static bool
is_allowed_origin(const struct config *config, const char *origin)
{
	for (size_t i = 0; i < config->allowed_origins.count; i++)
		if (strcmp(config->allowed_origins.items[i], origin) == 0)
			return true;
	return false;
}

/* CORS (the Fetch standard): only configured origins, and never credentials. */
static void
print_cors(struct req *rq, const struct reply *r, struct strbuf *b)
{
	const char *origin = request_header(rq, "HTTP_ORIGIN");

	if (rq->app->config.allowed_origins.count == 0)
		return;
	strbuf_puts(b, "Vary: Origin\r\n");
	if (!origin || !is_allowed_origin(&rq->app->config, origin))
		return;
	strbuf_printf(b, "Access-Control-Allow-Origin: %s\r\n", origin);
	strbuf_puts(b, "Access-Control-Expose-Headers: Location, ETag, Retry-After, "
		       "RateLimit, RateLimit-Policy, X-Request-Id\r\n");
	if (!r->preflight)
		return;
	strbuf_printf(b, "Access-Control-Allow-Methods: %s\r\n", r->allow);
	strbuf_puts(
		b,
		"Access-Control-Allow-Headers: Authorization, Content-Type, "
		"Idempotency-Key, If-None-Match, If-Range, Range, X-HTTP-Method-Override, "
		"X-Request-Id\r\n"
		"Access-Control-Max-Age: 600\r\n");
}

static void
print_limit(const struct limit_report *l, struct strbuf *b)
{
	if (!l->name)
		return;
	strbuf_printf(b, "RateLimit-Policy: \"%s\";q=%" PRId64 ";w=%" PRId64 "\r\n",
		      l->name, l->quota, l->window_s);
	strbuf_printf(b, "RateLimit: \"%s\";r=%" PRId64 ";t=%" PRId64 "\r\n", l->name,
		      l->remaining, l->reset_s);
}

static void
print_header(struct strbuf *b, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_puts(b, name);
	strbuf_puts(b, ": ");
	strbuf_puts(b, value);
	strbuf_puts(b, "\r\n");
}

/* Otherwise the web server would apply a Range to our JSON. */
static const char *
ranges_of(const struct req *rq, const struct reply *r)
{
	bool whole = r->body && r->status == 200;

	return whole && request_header(rq, "HTTP_RANGE") ? "none" : NULL;
}

/* Web servers that send the file set it as well. */
static void
print_last_modified(int64_t changed_s, struct strbuf *b)
{
	time_t at = (time_t)changed_s;
	char text[64];
	struct tm tm;

	if (gmtime_r(&at, &tm) &&
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
		print_header(b, "Last-Modified", text);
}

/* Whatever is in a file, a browser that shows it runs nothing of it. Also sent without a
 * file: a 304 updates the headers that a cache has. */
static void
print_file_headers(const struct reply *r, size_t allowed_origins, struct strbuf *b)
{
	if (r->status < 400)
		print_header(b, "Content-Disposition", r->disposition);
	print_header(b, "Content-Range", r->content_range);
	print_header(b, "Accept-Ranges", "bytes");
	print_header(b, "Content-Security-Policy", "default-src 'none'; sandbox");
	/* pages of configured origins may show them as well */
	print_header(b, "Cross-Origin-Resource-Policy",
		     allowed_origins > 0 ? "cross-origin" : "same-site");
	print_header(b, "Referrer-Policy", "no-referrer");
	if (r->file)
		print_last_modified(r->file->changed_s, b);
	if (r->file && r->file->sendfile_header)
		print_header(b, r->file->sendfile_header, r->file->sendfile_value);
	else if (r->file)
		strbuf_printf(b, "Content-Length: %" PRId64 "\r\n", r->file->len);
}

static const char *
cache_control(const struct reply *r)
{
	if (r->cache_control && r->status < 400)
		return r->cache_control;
	return r->etag ? "private, no-cache" : "no-store";
}

static void
print_headers(struct req *rq, const struct reply *r, struct strbuf *b)
{
	strbuf_printf(b, "Status: %d %s\r\n", r->status, reply_status_words(r->status));
	print_header(b, "Content-Type", r->type);
	print_header(b, "X-Request-Id", rq->id);
	print_header(b, "X-Content-Type-Options", "nosniff");
	print_header(b, "Location", r->location);
	print_header(b, "ETag", r->etag);
	print_header(b, "Cache-Control", cache_control(r));
	print_header(b, "Allow", r->allow);
	print_header(b, "WWW-Authenticate", r->challenge);
	print_header(b, "Accept-Ranges", ranges_of(rq, r));
	if (r->retry_after_s > 0)
		strbuf_printf(b, "Retry-After: %d\r\n", r->retry_after_s);
	print_limit(&r->limit, b);
	print_cors(rq, r, b);
	if (rq->route && rq->route->flags & ROUTE_BYTES)
		print_file_headers(r, rq->app->config.allowed_origins.count, b);
	if (r->type && !r->file)
		strbuf_printf(b, "Content-Length: %zu\r\n", r->body_len);
	strbuf_puts(b, "\r\n");
}

const char *
reply_print(struct req *rq, const struct reply *r, size_t *out_len)
{
	struct strbuf b = { .arena = rq->arena };

	print_headers(rq, r, &b);
	if (r->type && !r->file && !rq->head_only)
		strbuf_add(&b, r->body, r->body_len);
	*out_len = b.len;
	return b.data;
}

bool
reply_sends_file(const struct req *rq, const struct reply *r)
{
	return r->file && !r->file->sendfile_header && !rq->head_only;
}
