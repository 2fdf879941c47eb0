#include "fcgi/multipart.h"
#include "shared/text.h"
#include "tests/unit/test.h"

/* Gives a text in pieces of `step` bytes. */
struct feed {
	const char *text;
	size_t len, at, step;
};

static size_t
feed_read(void *arg, char *buf, size_t len)
{
	struct feed *f = arg;
	size_t n = f->len - f->at;

	n = n < f->step ? n : f->step;
	n = n < len ? n : len;
	memcpy(buf, f->text + f->at, n);
	f->at += n;
	return n;
}

/* Reads the whole form into one text: "name<filename>=body;". */
static enum err
read_all(struct arena *a, const char *text, size_t len, size_t step, const char **out)
{
	struct multipart *m = ARENA_NEW(a, struct multipart);
	struct feed feed = { text, len, 0, step };
	const char *all = "";
	struct part part;
	bool more;

	TRY(multipart_open(m, a, "multipart/form-data; boundary=xy", feed_read, &feed));
	for (;;) {
		char body[4096];
		size_t got, body_len = 0;

		TRY(multipart_next(m, &part, &more));
		if (!more)
			break;
		do {
			TRY(multipart_read(m, body + body_len, 3, &got));
			body_len += got;
		} while (got > 0 && body_len < sizeof(body) - 3);
		all = arena_printf(a, "%s%s<%s>=%.*s;", all, part.name,
				   part.filename ? part.filename : "-", (int)body_len,
				   body);
	}
	*out = all;
	return OK;
}

#define CD "Content-Disposition: form-data; "

static const struct {
	const char *text, *read; /* NULL: malformed */
} cases[] = {
	{ "--xy\r\n" CD "name=a\r\n\r\nhello\r\n--xy--", "a<->=hello;" },
	{ "--xy\r\n" CD "name=\"a\"\r\n\r\n\r\n--xy--\r\n", "a<->=;" },
	{ "--xy  \r\ncontent-disposition:form-data;NAME=\"a\"; filename=\"b.c\"\r\n\r\n1"
	  "\r\n--xy--",
	  "a<b.c>=1;" },
	{ "pre\r\n--xy\r\n" CD "name=a\r\n\r\n1\r\n--xy\r\n" CD
	  "name=b\r\n\r\n2\r\n--xy--post",
	  "a<->=1;b<->=2;" },
	{ "--xy\r\n" CD "name=a\r\n\r\n\r\n\r\n--x\r\n-xy\r\n--xy--",
	  "a<->=\r\n\r\n--x\r\n-xy;" },
	{ "--xy\r\n" CD "name=a; filename*=UTF-8''%D0%BA; filename=x\r\n\r\n1\r\n--xy--",
	  "a<\xd0\xba>=1;" },
	{ "--xy\r\n" CD "name=\"a%22\"; filename=\"\\\"q;\\x\"\r\n\r\n1\r\n--xy--",
	  "a\"<\"q;\\x>=1;" },
	{ "--xy\r\nContent-Type: x/y\r\n\r\n1\r\n--xy--", "<->=1;" },
	{ "--xy--", "" },
	{ "", NULL },
	{ "--xy", NULL },
	{ "--xy\r\n", NULL },
	{ "--xyz\r\n" CD "name=a\r\n\r\n1\r\n--xyz--", NULL },
	{ "--xy\r\n" CD "name=a\r\n\r\n1", NULL },
	{ "--xy\r\n" CD "name=a\r\n\r\n1\r\n--xy", NULL },
	{ "--xy\r\n" CD "name=a\r\n\r\n1\r\n--xymore", NULL },
	{ "--xy\r\n" CD "name=a\n\n1\r\n--xy--", NULL },
	{ "--xy\r\nContent-Disposition: attachment\r\n\r\n1\r\n--xy--", NULL },
	{ "--xy\r\n" CD "name=\"\xff\"\r\n\r\n1\r\n--xy--", NULL },
};

static void
forms_are_read_the_same_in_pieces_of_any_size(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 5, 7, 4096 };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t s = 0; s < COUNT(steps); s++) {
			const char *got = NULL;
			enum err err = read_all(*state, cases[i].text,
						strlen(cases[i].text), steps[s], &got);

			if (!cases[i].read) {
				CASE(err == ERR_MALFORMED, cases[i].text);
				continue;
			}
			CASE(err == OK, cases[i].text);
			CASE(strcmp(got, cases[i].read) == 0, cases[i].text);
		}
}

static void
a_boundary_must_be_sane(void **state)
{
	static const char *const bad[] = {
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary="
		"0123456789012345678901234567890123456789012345678901234567890123456789x",
	};
	struct multipart *m = ARENA_NEW(*state, struct multipart);

	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(multipart_open(m, *state, bad[i], feed_read, NULL) == ERR_MALFORMED,
		     bad[i]);
	assert_int_equal(multipart_open(m, *state,
					"multipart/form-data; x=y; "
					"Boundary=\"a b\" ; z",
					feed_read, NULL),
			 OK);
	assert_string_equal(m->delimiter, "\r\n--a b");
}

static void
headers_and_parts_without_end_are_refused(void **state)
{
	size_t len = 100000;
	char *text = arena_alloc(*state, len + 1);
	const char *got;
	struct strbuf b = { .arena = *state };

	memset(text, 'y', len);
	memcpy(text, "--xy\r\nX: ", 9);
	assert_int_equal(read_all(*state, text, len, 1000, &got), ERR_MALFORMED);
	for (size_t i = 9; i + 1 < len; i += 2)
		memcpy(text + i, i % 50 ? "\tz" : "\r\n", 2);
	assert_int_equal(read_all(*state, text, len, 1000, &got), ERR_MALFORMED);
	for (int i = 0; i <= MULTIPART_PARTS_MAX; i++)
		strbuf_puts(&b, "--xy\r\n" CD "name=a\r\n\r\n1\r\n");
	strbuf_puts(&b, "--xy--");
	assert_int_equal(read_all(*state, b.data, b.len, 1000, &got), ERR_INVALID);
}

/* Whatever is cut out of a good form or inserted into it, there is an answer, and no
 * memory of others is touched (the sanitizers watch). */
static void
random_changes_do_no_harm(void **state)
{
	static const char good[] =
		"--xy\r\n" CD "name=\"file\"; filename=\"a%22\\\"b\"\r\n"
		"X: y\r\n\r\n\r\n--x\r\n--xy\r\n" CD
		"name=b; filename*=UTF-8''a%20\r\n\r\n2\r\n--xy--";
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		struct arena *a = arena_new();
		char *text = arena_memdup(a, good, sizeof(good) - 1);
		size_t len = sizeof(good) - 1;
		const char *got;

		for (int i = 0; i < 1 + round % 4; i++) {
			seed = seed * 1664525 + 1013904223;
			text[(seed >> 8) % len] = "\r\n-xy\"=;%\\\0a"[(seed >> 4) % 12];
		}
		len -= (seed >> 12) % 8;
		(void)!read_all(a, text, len, 1 + (seed >> 16) % 9, &got);
		arena_free(a);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(forms_are_read_the_same_in_pieces_of_any_size),
		T(a_boundary_must_be_sane),
		T(headers_and_parts_without_end_are_refused),
		T(random_changes_do_no_harm),
	};

	return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
