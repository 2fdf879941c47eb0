/* request.c -- a request as the web server passes it to a REST program, from its
 * variables to the answer.
 *
 * The input is lines NAME=value, the variables (RFC 3875), up to an empty line; the rest
 * is the body, whatever CONTENT_LENGTH says. Each request is answered twice, with the
 * body read in large pieces and byte by byte, and once more as by plain CGI, where
 * nothing past that length may be read. */
#include "fcgi/content.h"
#include "fcgi/reply.h"
#include "fcgi/route.h"
#include "fuzz/fuzz.h"
#include "shared/api_token.h"
#include "shared/keys.h"

enum { VARIABLES_MAX = 40, BODY_MAX = 1024, TEXT_MAX = 20, AGENT_MAX = 256 };

#define ID "0b8c4a52-6d0e-4c1a-9a55-2f6f0d3b7c11"

static const char *const origins[] = { "https://friend.example" };
static const char *const proxies[] = { "127.0.0.0/8", "unix" };

static unsigned char secret[] = "a key that the corpus does not know";
static struct keys keys = {
	.count = 1,
	.items = { { .kid = "main",
		     .kind = KEY_HS256,
		     .sign = { secret, sizeof(secret) },
		     .verify = { secret, sizeof(secret) } } },
};

/* ---- what a handler may rely on ---------------------------------------------- */

struct fields {
	struct body_head head;
	const char *text;
	struct uuid room_id;
	int64_t stars;
	bool on;
	struct id_list ids;
};

static const struct body fields =
	BODY(struct fields,
	     FIELD_TEXT(struct fields, text, OPTIONAL, 1, TEXT_MAX, .also = "content"),
	     FIELD_ID(struct fields, room_id, OPTIONAL, .also = "room"),
	     FIELD_INT(struct fields, stars, OPTIONAL, 0, 5),
	     FIELD_BOOL(struct fields, on, OPTIONAL),
	     FIELD_IDS(struct fields, ids, OPTIONAL, 0, 3));

static void
check_fields(const struct fields *f)
{
	if (!f)
		return;
	CLAIM(!f->text || (fuzz_is_sound(f->text) && text_length(f->text) <= TEXT_MAX));
	CLAIM(!f->room_id.text[0] || strlen(f->room_id.text) == UUID_TEXT_SIZE - 1);
	CLAIM(f->stars >= 0 && f->stars <= 5 && f->ids.count <= 3);
}

static void
check_head(const struct req *rq)
{
	const char *agent = request_user_agent(rq);

	CLAIM(rq->id && text_is_key(rq->id));
	CLAIM(fuzz_is_sound(rq->address) && fuzz_is_sound(rq->address_counted));
	CLAIM(rq->content_length >= -1);
	CLAIM(!agent || (fuzz_is_sound(agent) && text_length(agent) <= AGENT_MAX));
	for (size_t i = 0; i < rq->segment_count; i++)
		CLAIM(fuzz_is_sound(rq->segment[i]) && !strchr(rq->segment[i], '/'));
	for (size_t i = 0; i < rq->query_count; i++)
		CLAIM(fuzz_is_sound(rq->query_pairs[i].name) &&
		      fuzz_is_sound(rq->query_pairs[i].value));
}

static enum err
take(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena);
	const struct fields *in = rq->body;
	const char *key = NULL;

	TRY(request_key(rq, &key));
	CLAIM(!key || text_is_key(key));
	CLAIM(rq->raw_len <= BODY_MAX && (!rq->raw || rq->raw[rq->raw_len] == '\0'));
	CLAIM((int64_t)rq->raw_len >= rq->content_length || !rq->body);
	if (rq->route->query)
		check_fields(rq->query);
	check_fields(in);
	for (int i = 0; i < REQUEST_ARGS_MAX; i++)
		CLAIM(!rq->arg[i] || fuzz_is_sound(rq->arg[i]));
	json_put_text(o, "arg", rq->arg[0]);
	json_put_text(o, "text", in ? in->text : NULL);
	if (rq->method == GET)
		reply_json_tagged(rq, out, o);
	else
		reply_created(rq, out, o, "/things/%s", ID);
	return OK;
}

static enum err
remove_it(struct req *rq, struct reply *out)
{
	(void)rq;
	reply_no_content(out);
	return OK;
}

static const struct route table[] = {
	{ GET, "/things/{id}", AUTH_NONE, .flags = ROUTE_TAGGED, .query = &fields,
	  HANDLER(take) },
	{ GET, "/people/{login}", AUTH_OPTIONAL, .query = &fields, HANDLER(take) },
	{ PUT, "/things/{id}", AUTH_NONE, .query = &fields, .body = &fields,
	  HANDLER(take) },
	{ DELETE, "/things/{id}", AUTH_NONE, HANDLER(remove_it) },
	{ POST, "/things", AUTH_NONE, .flags = ROUTE_TEXT | ROUTE_KEYED, .body = &fields,
	  HANDLER(take) },
	{ POST, "/strict", AUTH_NONE, .body = &fields, HANDLER(take) },
	{ PUT, "/things/{id}/of/{user_id}/marks/{emoji}", AUTH_NONE, HANDLER(take) },
	{ GET, "/private", AUTH_READ, HANDLER(take) },
	{ GET, "/health", AUTH_NONE, .flags = ROUTE_EVERYWHERE, HANDLER(take) },
	{},
};
static const struct route *const tables[] = { table, NULL };

/* ---- the answer -------------------------------------------------------------- */

/* A header line: one of our names, and a value without line ends. */
static void
check_header(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);

	CLAIM(colon && colon > line && colon[1] == ' ');
	for (const char *p = line; p < colon; p++)
		CLAIM((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '-');
	for (size_t i = 0; i < len; i++)
		CLAIM((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
}

static void
check_body(struct arena *a, const struct req *rq, const struct reply *reply,
	   const char *body, size_t len)
{
	struct json *value = NULL;

	CLAIM(len == 0 || (!rq->head_only && reply->type));
	if (len > 0)
		CLAIM(json_parse(a, body, len, 16, NULL, &value) == OK);
}

static void
check_reply(struct req *rq, const struct reply *reply, const char *text, size_t len)
{
	const char *at = text;

	CLAIM(text_starts(text, "Status: ") && reply->status >= 200 &&
	      reply->status < 500);
	for (;;) {
		const char *end = memmem(at, len - (size_t)(at - text), "\r\n", 2);

		CLAIM(end);
		if (end == at)
			break;
		check_header(at, (size_t)(end - at));
		at = end + 2;
	}
	check_body(rq->arena, rq, reply, at + 2, len - (size_t)(at + 2 - text));
}

/* ---- one request ------------------------------------------------------------- */

struct feed {
	const char *text;
	size_t left, step;
};

static size_t
feed_read(void *arg, char *buf, size_t len)
{
	struct feed *f = arg;
	size_t n = f->left < f->step ? f->left : f->step;

	n = n < len ? n : len;
	memcpy(buf, f->text, n);
	f->text += n;
	f->left -= n;
	return n;
}

static struct app app = {
	.base = "/chat/api/v1",
	.config = { .prefix = "/chat",
		    .public_url = "https://foyer.example",
		    .issuer = "foyer",
		    .max_body_bytes = BODY_MAX,
		    .max_json_depth = 16,
		    .allowed_origins = { 1, origins },
		    .trusted_proxies = { 2, proxies } },
	.keys = &keys,
};

/* Returns the status; 0: it would query the database. */
static int
answer(char *const *variables, struct feed feed)
{
	struct arena *a = arena_new();
	const struct source source = { variables, feed_read, &feed };
	struct req rq = { .app = &app, .arena = a, .source = &source };
	struct reply reply = {};
	enum err head = request_head(&rq);
	const char *text;
	size_t len;

	CLAIM(head == OK || head == ERR_MALFORMED || head == ERR_NOT_FOUND);
	check_head(&rq);
	if (!rq.token || !api_token_is(rq.token)) {
		route_answer(tables, &rq, head, &reply);
		request_drain(&rq);
		CLAIM(feed.left == 0);
		text = reply_print(&rq, &reply, &len);
		check_reply(&rq, &reply, text, len);
	}
	arena_free(a);
	return reply.status;
}

/* Splits off the variables; returns where the body begins. */
static const char *
split(char *text, const char *end, char *variables[VARIABLES_MAX + 1])
{
	int count = 0;

	while (text < end) {
		char *line = text, *stop = memchr(line, '\n', (size_t)(end - line));

		if (!stop)
			stop = (char *)(uintptr_t)end;
		*stop = '\0';
		text = stop + (stop < end);
		if (stop == line)
			break;
		if (count < VARIABLES_MAX)
			variables[count++] = line;
	}
	return text;
}

static size_t
said_length(char *const *variables, size_t len)
{
	const struct source source = { .env = variables };
	const char *said = source_param(&source, "CONTENT_LENGTH");
	int64_t n = 0;

	if (!said || text_to_int(said, &n) != OK || n < 0)
		return 0;
	return n < (int64_t)len ? (size_t)n : len;
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_memdup(a, data, len);
	char *variables[VARIABLES_MAX + 1] = {};
	const char *body = split(text, text + len, variables);
	size_t left = (size_t)(text + len - body);
	int status = answer(variables, (struct feed){ body, left, left + 1 });

	CLAIM(answer(variables, (struct feed){ body, left, 1 }) == status);
	answer(variables, (struct feed){ body, said_length(variables, left), left + 1 });
	arena_free(a);
	return 0;
}
