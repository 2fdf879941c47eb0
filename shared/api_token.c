/* api_token.c -- see api_token.h. */
#include "shared/api_token.h"

#include <string.h>

#include "shared/token.h"

static const char prefix[] = "fyr_";

const char *const token_scope_names[] = { "read", "post", "admin", NULL };

bool
api_token_is(const char *token)
{
	return strncmp(token, prefix, strlen(prefix)) == 0;
}

const char *
api_token_new(struct arena *a)
{
	return arena_printf(a, "%s%s", prefix, secret_new(a));
}

struct json *
token_scopes_json(struct arena *a, unsigned scopes)
{
	struct json *list = json_array_in(a);

	for (int i = 0; token_scope_names[i]; i++)
		if (scopes >> i & 1)
			json_push_text(list, token_scope_names[i]);
	return list;
}

enum err
token_scope_check(unsigned scopes, unsigned needed, struct problem *p)
{
	static const char *const words[] = {
		"The API token lacks the scope read.",
		"The API token lacks the scope post.",
		"The API token lacks the scope admin.",
	};

	for (int i = 0; i < TOKEN_SCOPE_COUNT; i++)
		if ((needed & ~scopes) >> i & 1) {
			p->scope = token_scope_names[i];
			return problem_fail(p, ERR_FORBIDDEN, NULL, words[i]);
		}
	return OK;
}

const struct stmt api_token_find = {
	"api_token_find",
	"WITH found AS MATERIALIZED ("
	" SELECT * FROM api_tokens WHERE token_hash = decode($1, 'hex')"
	"), seen AS ("
	" UPDATE api_tokens t SET last_used_at = now() FROM found f WHERE t.id = f.id"
	" AND (f.last_used_at IS NULL OR f.last_used_at < now() - interval '1 minute')"
	" AND (f.expires_at IS NULL OR f.expires_at > now())"
	") SELECT f.id, f.user_id, " TOKEN_SCOPES_OF(
		"f.scopes") ", f.room_id, r.no,"
			    " ms(f.expires_at), ms(f.expires_at) - ms(now()), u.login,"
			    " u.disabled_at IS NOT NULL"
			    " FROM found f JOIN users u ON u.id = f.user_id"
			    " LEFT JOIN rooms r ON r.id = f.room_id",
};

struct db_call
api_token_call(struct arena *a, const char *hash)
{
	return DB_CALL_IN(a, &api_token_find, hash);
}

enum err
token_bound_problem(struct problem *p)
{
	return problem_fail(p, ERR_FORBIDDEN, NULL,
			    "This API token is only valid for one room.");
}

static enum err
refuse(struct problem *p, const char *code, const char *detail)
{
	return problem_fail(p, ERR_UNAUTHENTICATED, code, detail);
}

enum err
api_token_read(const struct rows *r, struct problem *p, struct api_token *out)
{
	struct api_token t;

	if (r->count == 0)
		return refuse(p, "token_invalid", "There is no such API token.");
	t = (struct api_token){
		.scopes = (unsigned)rows_int(r, 0, 2),
		.room_no = rows_int(r, 0, 4),
		.expires_at = rows_int(r, 0, 5),
		.left_ms = rows_is_null(r, 0, 6) ? TOKEN_FOREVER_MS : rows_int(r, 0, 6),
		.login = rows_text(r, 0, 7),
	};
	if (t.left_ms <= 0)
		return refuse(p, "token_expired", "The API token has expired.");
	if (rows_bool(r, 0, 8))
		return refuse(p, "session_ended", "This account is disabled.");
	if (!rows_is_null(r, 0, 3))
		TRY(uuid_parse(rows_text(r, 0, 3), &t.room_id));
	TRY(uuid_parse(rows_text(r, 0, 0), &t.id));
	TRY(uuid_parse(rows_text(r, 0, 1), &t.user_id));
	*out = t;
	return OK;
}
