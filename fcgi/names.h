/* names.h -- the rules for logins, e-mail addresses and passwords: the door to
 * libunistring.
 *
 * Each has a key for comparing and looking up: without case, in one normal form. A reader
 * notes what is wrong as a field error and returns false, so that all mistakes in a form
 * are reported at once. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/problem.h"

struct name {
	const char *text; /* as it is shown */
	const char *key;
};

/* 2 to 32 letters of one script, digits, '_', '-', '.'; not reserved. */
bool names_read_login(struct arena *a, const char *given, struct problem *p,
		      struct name *out);
bool names_read_email(struct arena *a, const char *given, struct problem *p,
		      struct name *out);
/* At least 8 characters, at most 1,024 bytes, not a common password, not the login or
 * e-mail (as given; NULL is fine). field: its name. The result is in NFC. */
bool names_read_password(struct arena *a, const char *field, const char *given,
			 const char *login, const char *email, struct problem *p,
			 const char **out);

/* For looking up and comparing any input: no rules. */
const char *names_login_key(struct arena *a, const char *given);
const char *names_email_key(struct arena *a, const char *given);
const char *names_password(struct arena *a, const char *given);
/* Like a login's key, for texts of several words: white space becomes one space, with
 * none at either end. For people's names, and for what is searched among them. NULL for
 * NULL. */
const char *names_words_key(struct arena *a, const char *given);
/* The part of a search text that counts for such names: "" if nothing is left of it. */
const char *names_search_key(struct arena *a, const char *given);
enum { NAMES_SEARCH_MAX = 64 }; /* code points: word of user_words, room_words */
