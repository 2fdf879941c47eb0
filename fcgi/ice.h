/* ice.h -- by what servers the two ends of a call find each other.
 *
 * TURN servers take a name and password that are good for a short while, made from a
 * secret that they and we know (coturn's use-auth-secret, the "REST API for access to
 * TURN services"): the name is "<when it ends>:<whose>", the password a code over it. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/config.h"
#include "shared/json.h"

enum { ICE_CREDENTIAL_S = 600 };

/* base64(HMAC-SHA1(secret, name)) */
const char *ice_password(struct arena *a, const char *secret, const char *name);

/* {ice_servers, expires_at}: what an RTCPeerConnection is made with, for this person. */
struct json *ice_answer(struct arena *a, const struct config *c, const char *user_id,
			int64_t now_s);
