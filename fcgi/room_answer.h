/* room_answer.h -- what the handlers of rooms have in common. */
#pragma once

#include "fcgi/request.h"
#include "shared/json.h"
#include "shared/model.h"

/* The room as the caller sees it. */
struct json *room_answer(struct req *rq, const struct room *room);

struct member;
struct json *room_answer_member(struct arena *a, const struct member *m);

/* Tells the broker, after the commit, that the room's log has grown to seq. */
void room_wake(struct req *rq, const char *room_id, int64_t seq);
/* The same for somebody's marks in it. */
void room_wake_read(struct req *rq, const char *room_id, const char *user_id);

/* 422: the file cannot be the avatar. */
enum err room_no_image(struct req *rq);

/* Notes a max_members beyond the setting. */
void room_check_max_members(struct req *rq, int64_t given);
enum { ROOM_MAX_MEMBERS_MOST = 1000000 }; /* whatever the setting */
