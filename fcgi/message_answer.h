/* message_answer.h -- a message as an answer shows it to the caller. */
#pragma once

#include "fcgi/request.h"
#include "shared/model.h"

/* The caller, in the form that printing messages takes. */
struct viewer message_viewer(const struct req *rq);

struct json *message_answer(struct req *rq, const struct event *message);
