/* wakes.h -- wake-ups: REST programs and other brokers tell us what they wrote
 * (shared/wake.h), as a datagram or by NOTIFY. */
#pragma once

struct broker;

/* One wake-up, as received. Anything else is ignored. */
void wakes_hear(struct broker *b, const char *text);
