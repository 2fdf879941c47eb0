/* brokers.h -- which brokers run on this database, in statements. */
#pragma once

enum { BROKERS_BEAT_MS = 3000 };

/* What a broker has left behind counts as long as it is alive. b: the table brokers, or
 * an alias of it. */
#define BROKER_IS_ALIVE(b) b ".seen_at > now() - interval '15 seconds'"
