/* signal.h -- what the ends of a call tell each other to find the way: the frame
 * `signal`.
 *
 * Relayed as it is, between two who have joined an active call, from the device of the
 * one to the device of the other: the connection by which that device last accepted or
 * signalled, or, if that has gone, all connections of its sign-in. It is neither stored
 * nor logged nor looked into, and costs no question to the database: who is in which call
 * is known here (calls.h), at most a second behind.
 *
 * What cannot be handed over is refused, so that the sender may try again: not_found for
 * a call that they do not know of, conflict where one of the two is not in it, or is not
 * connected at this moment, unavailable where the other's device does not read what it
 * is sent. Bounds: max_signal_bytes each, signals_per_second a person. */
#pragma once

#include "broker/calls.h"
#include "broker/commands.h"

extern const struct command signal_commands[];

#define SIGNAL_NOT_HERE "Their device is not connected at this moment."

enum signal_end {
	SIGNAL_REACHED, /* the device, as far as it has connections here */
	SIGNAL_BEHIND,	/* it does not read what it is sent */
	SIGNAL_NOWHERE, /* it has none */
};
/* data: JSON text. */
enum signal_end signal_hand_over(struct broker *b, const struct call_part *from,
				 const struct call_part *to, const char *data);
