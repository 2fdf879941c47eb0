/* typing_store.c -- see typing_store.h. */
#include "broker/typing_store.h"

#include <string.h>

#include "shared/allowed.h"

/* clang-format off */
static const struct stmt may_type = {
	"typing_may",
	"SELECT CASE WHEN m.banned IS NULL THEN 'no_room' WHEN m.banned THEN 'banned'"
	"  WHEN m.muted_until > now() THEN 'muted'"
	"  WHEN r.kind = 'direct' AND NOT " ALLOWED_DIRECT("r.no", "typist.user_id")
	"  THEN 'cannot_write' ELSE 'ok' END"
	" FROM unnest($1::uuid[], $2::uuid[])"
	"  WITH ORDINALITY AS typist (room_id, user_id, ord)"
	" LEFT JOIN rooms r ON r.id = typist.room_id"
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = typist.user_id"
	" ORDER BY typist.ord",
};
/* clang-format on */

struct db_call
typing_call(struct arena *a, const char *const *room_ids, const char *const *user_ids,
	    int count)
{
	return DB_CALL_IN(a, &may_type, db_array(a, room_ids, count),
			  db_array(a, user_ids, count));
}

enum append_result
typing_result(const struct rows *rows, int row)
{
	static const struct {
		const char *word;
		enum append_result result;
	} words[] = {
		{ "ok", APPEND_OK },
		{ "banned", APPEND_BANNED },
		{ "muted", APPEND_MUTED },
		{ "cannot_write", APPEND_CANNOT_WRITE },
	};
	const char *word = rows_text(rows, row, 0);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (word && strcmp(words[i].word, word) == 0)
			return words[i].result;
	return APPEND_NO_ROOM;
}

const struct stmt *const typing_statements[] = { &may_type, NULL };
