#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "fcgi/common_passwords.h"
#include "fcgi/names.h"
#include "shared/fold.h"
#include "shared/text.h"

enum {
	LOGIN_MIN = 2,
	LOGIN_MAX = 32,
	EMAIL_MAX = 254,
	LOCAL_PART_MAX = 64,
	LABEL_MAX = 63,
	PASSWORD_MIN = 8,
	PASSWORD_MAX_BYTES = 1024,
	KATAKANA_LONG = 0x30fc,
};

/* Logins that could be taken for the service itself, or for everybody. */
static const char *const reserved[] = {
	"abuse",     "admin",	   "administrator", "all",     "anonymous",
	"api",	     "bot",	   "channel",	    "contact", "deleted",
	"everyone",  "foyer",	   "guest",	    "help",    "helpdesk",
	"here",	     "hostmaster", "info",	    "mail",    "me",
	"mod",	     "moderator",  "nobody",	    "noreply", "no-reply",
	"null",	     "official",   "operator",	    "owner",   "postmaster",
	"removed",   "root",	   "security",	    "self",    "server",
	"service",   "staff",	   "status",	    "support", "sysadmin",
	"system",    "team",	   "undefined",	    "unknown", "user",
	"users",     "webmaster",  "www",	    "админ",   "администратор",
	"модератор", "поддержка",  "система",	    "сервер",  "все",
};

/* ---- normal forms -------------------------------------------------------- */

static const char *
normalized(struct arena *a, uninorm_t form, const char *text)
{
	size_t len;
	uint8_t *made =
		u8_normalize(form, (const uint8_t *)text, strlen(text), NULL, &len);

	return fold_take(a, made, len);
}

const char *
names_login_key(struct arena *a, const char *given)
{
	return fold_login(a, given);
}

const char *
names_email_key(struct arena *a, const char *given)
{
	size_t len;
	uint8_t *made = u8_casefold((const uint8_t *)given, strlen(given), NULL,
				    UNINORM_NFC, NULL, &len);

	return fold_take(a, made, len);
}

const char *
names_words_key(struct arena *a, const char *given)
{
	const uint8_t *s, *next;
	struct strbuf b = { .arena = a };
	bool gap = false;
	ucs4_t c;

	if (!given)
		return NULL;
	s = (const uint8_t *)names_login_key(a, given);
	strbuf_puts(&b, "");
	for (; (next = u8_next(&c, s)); s = next) {
		if (uc_is_property_white_space(c)) {
			gap = b.len > 0;
			continue;
		}
		if (gap)
			strbuf_puts(&b, " ");
		gap = false;
		strbuf_add(&b, (const char *)s, (size_t)(next - s));
	}
	return b.data;
}

const char *
names_search_key(struct arena *a, const char *given)
{
	const char *key = names_words_key(a, given);
	size_t left = NAMES_SEARCH_MAX, len = strlen(key), at = 0;
	uint32_t c;

	while (left-- > 0 && at < len)
		at += text_next(key + at, len - at, &c);
	return arena_strndup(a, key, at);
}

const char *
names_password(struct arena *a, const char *given)
{
	return normalized(a, UNINORM_NFC, given);
}

/* ---- logins -------------------------------------------------------------- */

/* Chinese, Japanese and Korean each mix several scripts (UTS #39, 5.1): a script stands
 * for the systems it is part of. */
enum { JAPANESE = 1, KOREAN = 2, CHINESE = 4 };

static unsigned
systems_of(const char *script)
{
	static const struct {
		const char *script;
		unsigned systems;
	} table[] = {
		{ "Han", JAPANESE | KOREAN | CHINESE },
		{ "Hiragana", JAPANESE },
		{ "Katakana", JAPANESE },
		{ "Hangul", KOREAN },
		{ "Bopomofo", CHINESE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].script, script) == 0)
			return table[i].systems;
	return 0;
}

/* What the letters so far have in common. */
struct script_use {
	const char *script; /* NULL: no letter yet */
	unsigned systems;
};

static bool
fits_script(struct script_use *use, ucs4_t c)
{
	const uc_script_t *found = uc_script(c);
	const char *script = found ? found->name : "Unknown";
	unsigned systems = c == KATAKANA_LONG ? JAPANESE : systems_of(script);

	if (strcmp(script, "Inherited") == 0)
		return use->script != NULL;
	if (!systems && (strcmp(script, "Common") == 0 || strcmp(script, "Unknown") == 0))
		return false;
	if (!use->script)
		*use = (struct script_use){ script, systems };
	else if (systems && use->systems)
		use->systems &= systems;
	else
		return strcmp(script, use->script) == 0;
	return !systems || use->systems != 0;
}

static bool
is_mark(ucs4_t c)
{
	return uc_is_general_category(c, UC_MARK);
}

/* NULL, or the code of what is wrong. */
static const char *
check_login(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	struct script_use use = {};
	bool has_name = false;
	ucs4_t c;

	while ((s = u8_next(&c, s))) {
		bool is_letter = uc_is_general_category(c, UC_LETTER) || is_mark(c);
		bool is_digit = c >= '0' && c <= '9';

		if (is_letter && !fits_script(&use, c))
			return "mixed_scripts";
		if (!is_letter && !is_digit && c != '_' && c != '-' && c != '.')
			return "characters";
		has_name |= is_letter || is_digit;
	}
	return has_name ? NULL : "characters";
}

static bool
is_reserved(const char *key)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], key) == 0)
			return true;
	return false;
}

static bool
refuse(struct problem *p, const char *field, const char *code, const char *message)
{
	problem_field(p, field, code, message);
	return false;
}

bool
names_read_login(struct arena *a, const char *given, struct problem *p, struct name *out)
{
	const char *text = normalized(a, UNINORM_NFKC, given);
	const char *key = names_login_key(a, given);
	size_t len = text_length(text);
	const char *wrong;

	if (len < LOGIN_MIN || len > LOGIN_MAX)
		return refuse(p, "login", len < LOGIN_MIN ? "too_short" : "too_long",
			      "A login must have 2 to 32 characters.");
	wrong = check_login(text);
	if (wrong)
		return refuse(p, "login", wrong,
			      "A login may contain letters of one script, digits, "
			      "'_', '-' and '.'.");
	if (is_reserved(key))
		return refuse(p, "login", "reserved", "This login is reserved.");
	*out = (struct name){ text, key };
	return true;
}

/* ---- e-mail -------------------------------------------------------------- */

/* Dot-separated runs of allowed characters, none of them empty (RFC 5321; RFC 6531 for
 * characters beyond ASCII). */
static bool
is_dotted(const char *s, size_t len, const char *signs, size_t run_max)
{
	size_t run = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '.' && run == 0)
			return false;
		run = c == '.' ? 0 : run + 1;
		if (run > run_max)
			return false;
		if (c != '.' && c < 0x80 && !uc_is_alnum(c) && !strchr(signs, c))
			return false;
	}
	return run > 0;
}

static bool
is_email(const char *text)
{
	const char *at = strrchr(text, '@');

	if (!at || text_length(text) > EMAIL_MAX)
		return false;
	return is_dotted(text, (size_t)(at - text), "!#$%&'*+/=?^_`{|}~-",
			 LOCAL_PART_MAX) &&
	       is_dotted(at + 1, strlen(at + 1), "-", LABEL_MAX);
}

/* Beyond ASCII: letters, marks and digits, nothing invisible. */
static bool
is_printable(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	ucs4_t c;

	while ((s = u8_next(&c, s)))
		if (c >= 0x80 && !uc_is_alnum(c) && !is_mark(c))
			return false;
	return true;
}

bool
names_read_email(struct arena *a, const char *given, struct problem *p, struct name *out)
{
	const char *text = normalized(a, UNINORM_NFC, given);

	if (!is_email(text) || !is_printable(text))
		return refuse(p, "email", "format", "Must be an e-mail address.");
	*out = (struct name){ text, names_email_key(a, text) };
	return true;
}

/* ---- passwords ----------------------------------------------------------- */

static bool
is_same(struct arena *a, const char *key, const char *other)
{
	return other && strcmp(key, names_login_key(a, other)) == 0;
}

/* The e-mail address, or the part before its @. */
static bool
is_email_or_part(struct arena *a, const char *key, const char *email)
{
	return email && (is_same(a, key, email) ||
			 is_same(a, key, arena_strndup(a, email, strcspn(email, "@"))));
}

bool
names_read_password(struct arena *a, const char *field, const char *given,
		    const char *login, const char *email, struct problem *p,
		    const char **out)
{
	const char *text = names_password(a, given);
	const char *key = names_login_key(a, text);

	if (text_length(text) < PASSWORD_MIN)
		return refuse(p, field, "too_short",
			      "A password must have at least 8 characters.");
	if (strlen(text) > PASSWORD_MAX_BYTES)
		return refuse(p, field, "too_long",
			      "A password may have at most 1,024 bytes.");
	if (is_same(a, key, login) || is_email_or_part(a, key, email))
		return refuse(
			p, field, "same",
			"The password must not be the login or the e-mail address.");
	if (password_is_common(key))
		return refuse(p, field, "common", "This password is too common.");
	*out = text;
	return true;
}
