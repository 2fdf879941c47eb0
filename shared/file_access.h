/* file_access.h -- who may read a file, and how one becomes an avatar: fragments for any
 * statement. The functions are defined in schema.sql. */
#pragma once

/* May `user` read the file `file` (both ids)? The uploader may, and so may the members of
 * rooms with a message that carries it and that they can see; a deleted message has no
 * row in file_links. Never null. */
#define FILE_READABLE(file, user) "may_read_file(" file ", " user ")"

/* Does a message in a room other than `room` (an id) carry it? An API token for one room
 * may do nothing with such a file. Never null. */
#define FILE_ELSEWHERE(file, room)                                                   \
	"coalesce((SELECT true FROM file_links x JOIN rooms xr ON xr.no = x.room_no" \
	" WHERE x.file_id = " file " AND xr.id <> " room " LIMIT 1), false)"

/* Makes an avatar of `file` and returns its id, or null: there is no such file, it is not
 * an image with a small form, or `user` neither uploaded it nor may read it. On null,
 * change nothing and report `avatar` as the bad field ("unknown"). Evaluate it once:
 *
 *	"WITH made AS (SELECT " AVATAR_OF_FILE("$2::uuid", "$1::uuid") " AS id)"
 *
 * The replaced avatar needs no care: a trigger notes it, and it is swept a day later. */
#define AVATAR_OF_FILE(file, user) "make_avatar(" file ", " user ")"
