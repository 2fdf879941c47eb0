/* auth.h -- from a token to a person.
 *
 * A token is verified at once; whether its session still exists is asked of the
 * database when the connection opens or renews its token, together with everything that
 * `ready` shows. At most AUTH_ASKED_MAX of these queries are in flight, in the order in
 * which the connections came, so a crowd that reconnects blocks nobody else. After that
 * expiry and revocation are enough; the token is not looked at again.
 *
 * A ticket proves nothing by itself: it is spent first, which yields the session. The
 * connection that it opens lasts as long as the ticket says. */
#pragma once

struct broker;
struct conn;

enum { AUTH_ASKED_MAX = 64 };

struct auth {
	int asked; /* queries in flight */
};

/* A token arrived: with the handshake, in the first frame, or to renew the former one.
 * ref: the frame's; NULL: none. */
void auth_begin(struct conn *c, const char *token, const char *ref);
/* A ticket arrived with the handshake. */
void auth_begin_ticket(struct conn *c, const char *ticket);
/* Query the database for waiting connections. At the end of a turn. */
void auth_kick(struct broker *b);
/* More sessions were revoked: close their connections. */
void auth_revoked(struct broker *b);
