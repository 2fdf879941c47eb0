/* file_access.h -- who may read a file, and how one becomes an avatar: fragments for
 * everybody's statements. What they do stands in schema.sql. */
#pragma once

/* May `user` read the file `file` (both ids)? Whoever uploaded it, and the members of
 * rooms where a message carries it that they see: a message that is deleted has no row
 * in file_links. Never null. */
#define FILE_READABLE(file, user) "may_read_file(" file ", " user ")"

/* Does a message of another room than `room` (an id) carry it? An API token of one room
 * does nothing with such a file. Never null. */
#define FILE_ELSEWHERE(file, room)                                                   \
	"coalesce((SELECT true FROM file_links x JOIN rooms xr ON xr.no = x.room_no" \
	" WHERE x.file_id = " file " AND xr.id <> " room " LIMIT 1), false)"

/* Make an avatar of `file` and give its id, or null: no such file, not an image that has
 * a small form, or nothing that `user` uploaded or may read. Then nothing should be
 * changed, and `avatar` is the bad field ("unknown"). Evaluate it once:
 *
 *	"WITH made AS (SELECT " AVATAR_OF_FILE("$2::uuid", "$1::uuid") " AS id)"
 *
 * What it replaces needs no care: a trigger notes it, and it is swept a day later. */
#define AVATAR_OF_FILE(file, user) "make_avatar(" file ", " user ")"
