/* message_answer.h -- a message as an answer shows it to whoever asked. */
#pragma once

#include "fcgi/request.h"
#include "shared/model.h"

struct json *message_answer(struct req *rq, const struct event *message);
