/* ice.h -- the servers through which the two ends of a call find each other.
 *
 * TURN servers accept a name and password that are valid for a short time, made from a
 * secret that they share with us (coturn's use-auth-secret, the "REST API for access to
 * TURN services"): the name is "<expiry>:<user>", the password a MAC of it. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/json.h"

enum { ICE_CREDENTIAL_S = 600 };

/* base64(HMAC-SHA1(secret, name)) */
const char *ice_password(struct arena *a, const char *secret, const char *name);

/* {ice_servers, expires_at}: the configuration of an RTCPeerConnection, for this
 * person. */
struct json *ice_answer(struct arena *a, const struct config *c, const char *user_id,
			int64_t now_s);
