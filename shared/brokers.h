/* brokers.h -- which brokers run on this database, for use in statements. */
#pragma once

enum { BROKERS_BEAT_MS = 3000 };

/* A broker's rows count only while it is alive. b: the table brokers, or an alias of
 * it. */
#define BROKER_IS_ALIVE(b) b ".seen_at > now() - interval '15 seconds'"
