#include "fcgi/room_answer.h"
#include "fcgi/message_answer.h"
#include "shared/api_token.h"
#include "shared/wake.h"

struct json *
room_answer(struct req *rq, const struct room *room)
{
	const struct viewer viewer = message_viewer(rq);
	struct room shown = *room;

	if (!(rq->scopes & TOKEN_READ)) /* joining does not let a token read messages */
		shown.last_message = (struct event){};
	return json_room(rq->arena, db_instance(rq->app->db), &shown, &viewer);
}

void
room_wake(struct req *rq, const char *room_id, int64_t seq)
{
	struct uuid id;

	if (uuid_parse(room_id, &id) == OK)
		wake_room(rq->app->wake, rq->app->db, rq->arena, &id, seq);
}

void
room_wake_read(struct req *rq, const char *room_id, const char *user_id)
{
	struct uuid room, user;

	if (uuid_parse(room_id, &room) == OK && uuid_parse(user_id, &user) == OK)
		wake_read(rq->app->wake, rq->app->db, rq->arena, &room, &user);
}

void
room_check_max_members(struct req *rq, int64_t given)
{
	int64_t most = rq->app->config.max_room_members;

	if (given > most)
		problem_field(&rq->problem, "max_members", "too_large",
			      arena_printf(rq->arena, "Must be at most %lld.",
					   (long long)most));
}

enum err
room_no_image(struct req *rq)
{
	problem_field(&rq->problem, "avatar", "unknown",
		      "There is no such image, or you may not use it.");
	return ERR_INVALID;
}
