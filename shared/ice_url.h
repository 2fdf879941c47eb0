/* ice_url.h -- URLs of STUN and TURN servers, as settings and browsers write them (RFC
 * 7064, RFC 7065): "stun:host:3478", "turns:host?transport=tcp". */
#pragma once

#include <stdbool.h>

bool ice_url_is_good(const char *text);

/* Is it a TURN server, which relays for nobody without a password? */
bool ice_url_needs_password(const char *text);
