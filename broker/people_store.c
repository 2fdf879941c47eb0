/* people_store.c -- see people_store.h. */
#include "broker/people_store.h"

#include <stddef.h>

static const struct stmt blocked = {
	"people_blocked",
	"SELECT contact_id AS id FROM contacts WHERE user_id = $1 AND blocked UNION"
	" SELECT user_id FROM contacts WHERE contact_id = $1 AND blocked ORDER BY id",
};

struct db_call
people_blocked_call(struct arena *a, const char *user_id)
{
	return DB_CALL_IN(a, &blocked, user_id);
}

const struct stmt *const people_statements[] = { &blocked, NULL };
