/* wakes.h -- what the REST programs and other brokers tell us that they did
 * (shared/wake.h), whichever way it comes: as a datagram or by NOTIFY. */
#pragma once

struct broker;

/* One wake-up, as it came. What is none is passed by. */
void wakes_hear(struct broker *b, const char *text);
