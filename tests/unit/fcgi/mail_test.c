/* How letters are composed; tests/api/mail.test.js sends some. */
#include "fcgi/mail.h"
#include "tests/unit/test.h"

static const struct config here = { .public_url = "https://chat.example.org/foyer",
				    .sendmail = "/usr/sbin/sendmail",
				    .mail_from = "",
				    .log_file = "" };

static const char *
printed(void **state, const struct config *c, const char *to, const char *subject)
{
	struct mail m = { .to = to, .subject = subject, .text = "Hello.\n" };

	return mail_print(*state, c, &m, INT64_C(1795197247251));
}

static void
a_letter_is_headers_an_empty_line_and_the_text(void **state)
{
	const char *text = printed(state, &here, "ann@example.org", "A subject");

	assert_non_null(strstr(text, "From: Foyer <foyer@chat.example.org>\n"));
	assert_non_null(strstr(text, "\nTo: <ann@example.org>\n"));
	assert_non_null(strstr(text, "\nSubject: A subject\n"));
	assert_non_null(strstr(text, "\nDate: Fri, 20 Nov 2026 17:54:07 +0000\n"));
	assert_non_null(strstr(text, "\n\nHello.\n"));
	assert_null(strchr(text, '\r'));
}

static void
the_sender_is_a_setting(void **state)
{
	struct config c = here;

	c.mail_from = "chat@example.org";
	assert_non_null(strstr(printed(state, &c, "ann@example.org", "A"),
			       "From: Foyer <chat@example.org>\n"));
	c.mail_from = "";
	c.public_url = "http://[::1]:8080";
	assert_non_null(strstr(printed(state, &c, "ann@example.org", "A"),
			       "From: Foyer <foyer@localhost>\n"));
}

static void
what_is_not_one_address_gets_no_letter(void **state)
{
	static const char *const bad[] = {
		"",
		"ann",
		"@example.org",
		"ann@",
		"ann@a@b",
		"ann @example.org",
		"a@b.example\nBcc: c@d.example",
		"a@b.example\r\nBcc: c@d.example",
		"a@b.example,c@d.example",
		"a@b.example;c@d.example",
		"<a@b.example>",
		"\"a\"@b.example",
		"a(b)@c.example",
		"a\\@b.example",
		"a\x7f@b.example",
		"a\tb@c.example",
		"\xff@b.example",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(printed(state, &here, bad[i], "A") == NULL, bad[i]);
}

static void
an_address_in_another_script_is_an_address(void **state)
{
	assert_non_null(strstr(printed(state, &here, "анна@пример.example", "A"),
			       "To: <анна@пример.example>\n"));
}

/* The Subject header's line or lines, without its name. */
static const char *
subject_of(void **state, const char *subject)
{
	const char *text = printed(state, &here, "ann@example.org", subject);
	const char *start = strstr(text, "Subject: ") + strlen("Subject: ");

	return arena_strndup(*state, start, (size_t)(strstr(start, "\nDate:") - start));
}

static void
a_subject_that_is_not_plain_is_encoded(void **state)
{
	assert_string_equal(subject_of(state, "Plain"), "Plain");
	assert_string_equal(subject_of(state, "Привет"), "=?UTF-8?B?0J/RgNC40LLQtdGC?=");
	assert_string_equal(subject_of(state, "é"), "=?UTF-8?B?w6k=?=");
	assert_string_equal(subject_of(state, "éa€"), "=?UTF-8?B?w6lh4oKs?=");
}

static void
no_subject_adds_a_header(void **state)
{
	assert_string_equal(subject_of(state, "A\nBcc: c@d.example"),
			    "=?UTF-8?B?QQpCY2M6IGNAZC5leGFtcGxl?=");
	assert_null(strchr(subject_of(state, "A\rB"), '\r'));
}

static void
a_long_subject_is_folded_between_characters(void **state)
{
	char subject[401] = "";
	const char *text, *line;

	for (int i = 0; i < 100; i++)
		strcat(subject, "я");
	text = subject_of(state, subject);
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += *line == ' ';
		CASE(strcspn(line, "\n") <= 75, line);
		CASE(strncmp(line, "=?UTF-8?B?0Y/Rj9GP", 18) == 0 ||
			     strncmp(line, "=?UTF-8?B?0Y/R", 14) == 0,
		     line);
	}
}

static void
without_a_command_or_an_address_of_ours_no_mail_is_sent(void **state)
{
	struct config c = here;

	(void)state;
	c.sendmail = "/bin/sh";
	assert_true(mail_works(&c));
	c.sendmail = "/bin/sh.is.not.there";
	assert_false(mail_works(&c));
	c.sendmail = "";
	assert_false(mail_works(&c));
	c.sendmail = "/bin/sh";
	c.public_url = "";
	assert_false(mail_works(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_letter_is_headers_an_empty_line_and_the_text),
		T(the_sender_is_a_setting),
		T(what_is_not_one_address_gets_no_letter),
		T(an_address_in_another_script_is_an_address),
		T(a_subject_that_is_not_plain_is_encoded),
		T(no_subject_adds_a_header),
		T(a_long_subject_is_folded_between_characters),
		T(without_a_command_or_an_address_of_ours_no_mail_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
