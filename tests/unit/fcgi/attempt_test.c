/* One try at a password: how much work it takes, and how many there may be. Work is
 * counted, not timed: this file replaces libargon2's function. */
#include <argon2.h>
#include <unistd.h>

#include "fcgi/attempt.h"
#include "tests/unit/fcgi/fake.h"

static struct {
	int verified, pretended;
	uint32_t memory_kib, passes;
} work;

static const char hashed[] = "something is here";

/* Without an account the password is hashed with the salt "nobody". */
int
argon2id_ctx(argon2_context *c)
{
	bool pretends = memcmp(c->salt, "nobody", 6) == 0;
	bool right = c->pwdlen == 5 && memcmp(c->pwd, "right", 5) == 0;

	memset(c->out, 0, c->outlen);
	if (right && c->outlen == sizeof(hashed) - 1)
		memcpy(c->out, hashed, c->outlen);
	if (!pretends)
		work.verified++;
	work.pretended += pretends;
	work.memory_kib = c->m_cost;
	work.passes = c->t_cost;
	return ARGON2_OK;
}

static const struct account ann = {
	.user = { .id = "0b8c4a52-6d0e-4c1a-9a55-2f6f0d3b7c11" },
	.password_hash =
		"$argon2id$v=19$m=64,t=3,p=1$c29tZXRoaW5n$c29tZXRoaW5nIGlzIGhlcmU",
};
static const struct account nobody = {};

static struct req *
request(struct arena *a, const char *address)
{
	struct fake *f = fake_new(a, "POST", "/api/v1/auth/login");
	static struct limits *limits;
	char *dir = arena_strdup(a, "/tmp/foyer-attempt-XXXXXX");

	assert_non_null(mkdtemp(dir));
	limits_close(limits);
	assert_int_equal(limits_open(arena_printf(a, "%s/limits.map", dir), &limits), OK);
	f->app.limits = limits;
	f->app.config.run_dir = dir;
	f->app.config.password_slots = 1;
	f->app.config.password_memory_kib = 64;
	f->app.config.password_passes = 3;
	f->app.config.signin_failures_per_account = 10;
	f->app.config.signin_failures_per_address = 100;
	f->rq.address_counted = address;
	memset(&work, 0, sizeof(work));
	return &f->rq;
}

static enum err
try(struct req *rq, const struct account *account, const char *name, const char *password)
{
	struct password_check check;

	rq->problem = (struct problem){};
	return attempt_password(rq, account, name, password, &check);
}

static void
done(struct req *rq)
{
	const char *dir = rq->app->config.run_dir;

	unlink(arena_printf(rq->arena, "%s/limits.map", dir));
	unlink(arena_printf(rq->arena, "%s/hashing.slots", dir));
	assert_int_equal(rmdir(dir), 0);
}

static void
a_wrong_password_and_an_unknown_login_are_one_hash_of_one_cost(void **state)
{
	struct req *rq = request(*state, "192.0.2.1");

	assert_int_equal(try(rq, &ann, "ann", "wrong"), ERR_UNAUTHENTICATED);
	assert_int_equal(work.verified, 1);
	assert_int_equal(work.pretended, 0);
	assert_int_equal(try(rq, &nobody, "bob", "wrong"), ERR_UNAUTHENTICATED);
	assert_int_equal(work.verified, 1);
	assert_int_equal(work.pretended, 1);
	assert_int_equal(work.memory_kib, 64); /* as in the hash above */
	assert_int_equal(work.passes, 3);
	done(rq);
}

static void
the_right_password_of_nobody_is_wrong(void **state)
{
	struct req *rq = request(*state, "192.0.2.1");

	assert_int_equal(try(rq, &ann, "ann", "right"), OK);
	assert_int_equal(try(rq, &nobody, "bob", "right"), ERR_UNAUTHENTICATED);
	assert_string_equal(rq->problem.code, "invalid_credentials");
	done(rq);
}

static void
ten_failures_rest_an_account_or_none_for_an_address_and_cost_nothing_more(void **state)
{
	struct req *rq = request(*state, "192.0.2.1");

	for (int i = 0; i < 10; i++) {
		assert_int_equal(try(rq, &ann, "ann", "wrong"), ERR_UNAUTHENTICATED);
		assert_int_equal(try(rq, &nobody, "bob", "wrong"), ERR_UNAUTHENTICATED);
	}
	assert_int_equal(try(rq, &ann, "ann", "right"), ERR_TOO_MANY);
	assert_true(rq->problem.retry_after_s > 0 && rq->problem.retry_after_s <= 90);
	assert_int_equal(try(rq, &nobody, "bob", "wrong"), ERR_TOO_MANY);
	assert_int_equal(work.verified, 10);
	assert_int_equal(work.pretended, 10);
	rq->address_counted = "192.0.2.2";
	assert_int_equal(try(rq, &ann, "ann", "right"), OK);
	done(rq);
}

static void
a_right_password_counts_for_nothing(void **state)
{
	struct req *rq = request(*state, "192.0.2.1");

	for (int i = 0; i < 30; i++)
		assert_int_equal(try(rq, &ann, "ann", "right"), OK);
	assert_int_equal(try(rq, &ann, "ann", "wrong"), ERR_UNAUTHENTICATED);
	done(rq);
}

static void
a_hundred_failures_of_any_rest_an_address(void **state)
{
	struct req *rq = request(*state, "192.0.2.1");

	for (int i = 0; i < 100; i++)
		assert_int_equal(
			try(rq, &nobody, arena_printf(*state, "x%d", i), "wrong"),
			ERR_UNAUTHENTICATED);
	assert_int_equal(try(rq, &nobody, "another", "wrong"), ERR_TOO_MANY);
	assert_int_equal(try(rq, &ann, "ann", "right"), ERR_TOO_MANY);
	done(rq);
}

static void
from_a_known_address_the_right_password_always_passes_and_a_wrong_one_learns_nothing(
	void **state)
{
	struct req *rq = request(*state, "192.0.2.1");
	struct account known = ann;

	known.address_is_known = true;
	for (int i = 0; i < 10; i++)
		assert_int_equal(try(rq, &known, "ann", "wrong"), ERR_UNAUTHENTICATED);
	assert_int_equal(try(rq, &known, "ann", "wrong"), ERR_TOO_MANY);
	assert_int_equal(try(rq, &known, "ann", "right"), OK);
	done(rq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_wrong_password_and_an_unknown_login_are_one_hash_of_one_cost),
		T(the_right_password_of_nobody_is_wrong),
		T(ten_failures_rest_an_account_or_none_for_an_address_and_cost_nothing_more),
		T(a_right_password_counts_for_nothing),
		T(a_hundred_failures_of_any_rest_an_address),
		T(from_a_known_address_the_right_password_always_passes_and_a_wrong_one_learns_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
