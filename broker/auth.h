/* auth.h -- from a token to a person.
 *
 * A token is checked here and now; whether its session still lives is asked of the
 * database when the connection opens or renews its token, with all that `ready` tells.
 * At most AUTH_ASKED_MAX are asked at once, in the order of their coming: a crowd that
 * comes back does not stand in anybody else's way. After that, expiry and revocation
 * are enough; the token is never looked at again.
 *
 * A ticket says nothing by itself: it is used up first, which tells the session. What it
 * opens lasts as long as that. */
#pragma once

struct broker;
struct conn;

enum { AUTH_ASKED_MAX = 64 };

struct auth {
	int asked; /* questions under way */
};

/* A token came: with the handshake, as the first frame, or to renew the former one.
 * ref: the frame's; NULL none. */
void auth_begin(struct conn *c, const char *token, const char *ref);
/* A ticket came, with the handshake. */
void auth_begin_ticket(struct conn *c, const char *ticket);
/* Ask for those who wait. At the end of a turn. */
void auth_kick(struct broker *b);
/* More sessions were revoked: whoever belongs to one is closed. */
void auth_revoked(struct broker *b);
