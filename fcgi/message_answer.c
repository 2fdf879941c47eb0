#include "fcgi/message_answer.h"

#include "fcgi/app.h"
#include "shared/clock.h"

struct viewer
message_viewer(const struct req *rq)
{
	return (struct viewer){ .user_id = rq->user_id,
				.session_id = rq->session_id,
				.keys = rq->app->keys,
				.now_s = clock_now_ms() / 1000 };
}

struct json *
message_answer(struct req *rq, const struct event *message)
{
	const struct viewer viewer = message_viewer(rq);

	return json_message(rq->arena, db_instance(rq->app->db), message, &viewer);
}
