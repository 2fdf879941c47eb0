/* names.h -- what a login, an e-mail address and a password may be: the door to
 * libunistring.
 *
 * Each has a key, by which it is compared and looked up: without case, in one
 * normal form. A reader notes what is wrong as a field error and returns false;
 * so all of a form's mistakes are told at once. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/problem.h"

struct name {
	const char *text; /* as it is shown */
	const char *key;
};

/* 2 to 32 of the letters of one script, digits, '_', '-', '.'; not reserved. */
bool names_read_login(struct arena *a, const char *given, struct problem *p,
		      struct name *out);
bool names_read_email(struct arena *a, const char *given, struct problem *p,
		      struct name *out);
/* 8 characters or more, at most 1,024 bytes, not a common one, not the login or
 * e-mail (as they were given; NULL is fine). field: what it is called. Out in NFC. */
bool names_read_password(struct arena *a, const char *field, const char *given,
			 const char *login, const char *email, struct problem *p,
			 const char **out);

/* For looking up and comparing, whatever it is: no rules. */
const char *names_login_key(struct arena *a, const char *given);
const char *names_email_key(struct arena *a, const char *given);
const char *names_password(struct arena *a, const char *given);
/* The same form as a login's key, for what has words: white space is one space, and
 * none at either end. For names of people, and what is searched among them. NULL
 * for NULL. */
const char *names_words_key(struct arena *a, const char *given);
/* What is searched among such names, as far as it counts: "" if nothing is left of it. */
const char *names_search_key(struct arena *a, const char *given);
enum { NAMES_SEARCH_MAX = 64 }; /* code points: word of user_words, room_words */
