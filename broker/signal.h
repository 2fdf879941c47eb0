/* signal.h -- the frame `signal`: what the two ends of a call exchange to connect to
 * each other.
 *
 * Relayed as it is, between two people who have joined an active call, from device to
 * device: to the connection by which the other device last accepted or signalled or, if
 * that has gone, to all connections of its sign-in. It is neither stored nor logged nor
 * inspected, and costs no query: who is in which call is known here (calls.h), at most
 * a second behind.
 *
 * A signal that cannot be delivered is refused, so that the sender may retry: not_found
 * for a call that the sender may not know of, conflict if one of the two is not in it
 * or not connected at the moment, unavailable if the other device does not read what it
 * is sent. Bounds: max_signal_bytes each, signals_per_second per person. */
#pragma once

#include "broker/calls.h"
#include "broker/commands.h"

extern const struct command signal_commands[];

#define SIGNAL_NOT_HERE "Their device is not connected at this moment."

enum signal_end {
	SIGNAL_REACHED, /* delivered to the device's connections here */
	SIGNAL_BEHIND,	/* it does not read what it is sent */
	SIGNAL_NOWHERE, /* it has no connections here */
};
/* data: JSON text. */
enum signal_end signal_hand_over(struct broker *b, const struct call_part *from,
				 const struct call_part *to, const char *data);
