/* names.c -- logins, e-mail addresses, passwords, file names. */
#include "fcgi/file_name.h"
#include "fcgi/names.h"
#include "fuzz/fuzz.h"

static void
check_file_name(struct arena *a, const char *raw)
{
	const char *name = file_name_clean(a, raw);
	const char *said = file_name_disposition(a, name, false);

	CLAIM(fuzz_is_sound(name) && *name && strlen(name) <= FILE_NAME_MAX_BYTES);
	CLAIM(text_length(name) <= FILE_NAME_MAX_CHARS && !strpbrk(name, "/\r\n"));
	CLAIM(!strpbrk(said, "\r\n"));
	for (; *said; said++)
		CLAIM((unsigned char)*said < 0x7f && (unsigned char)*said >= ' ');
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_utf8(a, data, len), *password;
	struct problem p = {};
	struct name name;

	check_file_name(a, fuzz_text(a, data, len));
	if (text) {
		if (names_read_login(a, text, &p, &name))
			CLAIM(strcmp(names_login_key(a, name.text), name.key) == 0);
		if (names_read_email(a, text, &p, &name))
			CLAIM(strcmp(names_email_key(a, name.text), name.key) == 0);
		if (names_read_password(a, "password", text, "ann", NULL, &p, &password))
			CLAIM(strcmp(names_password(a, password), password) == 0);
		CLAIM(fuzz_is_sound(names_words_key(a, text)));
		CLAIM(fuzz_is_sound(names_search_key(a, text)));
	}
	arena_free(a);
	return 0;
}
