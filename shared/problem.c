#include "shared/problem.h"

#include "shared/json.h"

static const struct {
	const char *code, *detail;
} words[ERR_COUNT] = {
	[OK] = { "ok", "All is well." },
	[ERR_MALFORMED] = { "malformed", "The request could not be understood." },
	[ERR_INVALID] = { "invalid", "The request breaks a rule; see errors." },
	[ERR_UNAUTHENTICATED] = { "token_invalid", "A valid access token is needed." },
	[ERR_FORBIDDEN] = { "forbidden", "You may not do this." },
	[ERR_NOT_FOUND] = { "not_found", "It does not exist, or you may not see it." },
	[ERR_CONFLICT] = { "conflict", "The request conflicts with the present state." },
	[ERR_TOO_LARGE] = { "too_large", "The request is too large." },
	[ERR_TOO_MANY] = { "rate_limited", "Too many requests; try again later." },
	[ERR_UNAVAILABLE] = { "unavailable", "Not available now; try again later." },
	[ERR_INTERNAL] = { "internal", "Something went wrong on our side." },
};

const char *
err_code(enum err e)
{
	return words[(unsigned)e < ERR_COUNT ? e : ERR_INTERNAL].code;
}

const char *
err_detail(enum err e)
{
	return words[(unsigned)e < ERR_COUNT ? e : ERR_INTERNAL].detail;
}

enum err
problem_fail(struct problem *p, enum err e, const char *code, const char *detail)
{
	return problem_retry(p, e, code, detail, 0);
}

enum err
problem_retry(struct problem *p, enum err e, const char *code, const char *detail,
	      int retry_after_s)
{
	if (!p)
		return e;
	p->code = code;
	p->detail = detail;
	p->retry_after_s = retry_after_s;
	return e;
}

void
problem_field(struct problem *p, const char *field, const char *code, const char *message)
{
	if (p->error_count < PROBLEM_FIELDS_MAX)
		p->errors[p->error_count++] = (struct field_error){
			.field = field,
			.code = code,
			.message = message,
		};
}

enum err
problem_fields_check(struct problem *p)
{
	return p->error_count > 0 ? ERR_INVALID : OK;
}

struct json *
problem_errors(struct arena *a, const struct problem *p)
{
	struct json *list = json_array_in(a);

	for (size_t i = 0; i < p->error_count; i++) {
		struct json *o = json_object_in(a);

		json_put_text(o, "field", p->errors[i].field);
		json_put_text(o, "code", p->errors[i].code);
		json_put_text(o, "message", p->errors[i].message);
		json_push(list, o);
	}
	return list;
}
