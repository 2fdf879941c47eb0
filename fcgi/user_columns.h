/* user_columns.h -- reading a person as others see them, in any statement. */
#pragma once

#include "shared/db.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* u: the alias of users in the statement, as text. */
#define USER_COLUMNS(u)                                                        \
	u ".id, " u ".login, " u ".first_name, " u ".last_name, " u ".bio, " u \
	  ".avatar, " u ".status, " u ".status_text, ms(" u ".last_seen_at), " \
	  "ms(" u ".created_at)"
enum { USER_COLUMN_COUNT = 10 };

static inline struct user
user_from(const struct rows *r, int row, int col)
{
	return (struct user){
		.id = rows_text(r, row, col),
		.login = rows_text(r, row, col + 1),
		.first_name = rows_text(r, row, col + 2),
		.last_name = rows_text(r, row, col + 3),
		.bio = rows_text(r, row, col + 4),
		.avatar = rows_text(r, row, col + 5),
		.status = rows_text(r, row, col + 6),
		.status_text = rows_text(r, row, col + 7),
		.last_seen_at = rows_int(r, row, col + 8),
		.created_at = rows_int(r, row, col + 9),
	};
}
