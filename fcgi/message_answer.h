/* message_answer.h -- a message as an answer shows it to whoever asked. */
#pragma once

#include "fcgi/request.h"
#include "shared/model.h"

/* Whoever asked, as those who show messages have to know them. */
struct viewer message_viewer(const struct req *rq);

struct json *message_answer(struct req *rq, const struct event *message);
