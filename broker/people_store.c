/* people_store.c -- see people_store.h. */
#include "broker/people_store.h"

#include <string.h>

static const struct stmt blocked = {
	"people_blocked",
	"SELECT ARRAY(SELECT contact_id AS id FROM contacts"
	" WHERE user_id = $1 AND blocked UNION"
	" SELECT user_id FROM contacts WHERE contact_id = $1 AND blocked ORDER BY id)",
};

struct db_call
people_blocked_call(struct arena *a, const char *user_id)
{
	return DB_CALL_IN(a, &blocked, user_id);
}

bool
ids_next(const char **list, struct uuid *out)
{
	const char *at = *list;

	if (*at == '{' || *at == ',')
		at++;
	if (strlen(at) < UUID_TEXT_SIZE - 1)
		return false;
	memcpy(out->text, at, UUID_TEXT_SIZE - 1);
	out->text[UUID_TEXT_SIZE - 1] = '\0';
	*list = at + UUID_TEXT_SIZE - 1;
	return true;
}

const struct stmt *const people_statements[] = { &blocked, NULL };
