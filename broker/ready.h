/* ready.h -- the frame `ready`: who the client is here, the limits, and its latest
 * rooms. */
#pragma once

struct conn;
struct rows;
struct user;

enum { READY_ROOMS_MAX = 200 };

/* rooms: answers of roomlog_recent_call(), one more than READY_ROOMS_MAX if there are
 * more. ref: of the frame that is answered; NULL: none. */
void ready_send(struct conn *c, const struct user *user, const struct rows *rooms,
		const char *ref);
