/* wakes.c -- see wakes.h. */
#include "broker/wakes.h"

#include "broker/broker.h"
#include "broker/typists.h"
#include "shared/wake.h"

void
wakes_hear(struct broker *b, const char *text)
{
	struct wake_up w;

	if (signal_hear(b, text) || typists_hear(b, text) || peers_hear(b, text))
		return;
	if (wake_parse(text, &w) != OK)
		return;
	switch (w.kind) {
	case WAKE_ROOM:
		fanout_hear_of(b, w.id.text, w.seq);
		break;
	case WAKE_READ:
		receipts_hear(b, &w.id, &w.user_id);
		break;
	case WAKE_CALL:
		calls_hear(b, w.id.text, w.seq);
		break;
	case WAKE_PERSON:
		presence_changed(b, w.id.text);
		break;
	case WAKE_PAIR:
		presence_pair_changed(b, w.id.text, w.user_id.text);
		break;
	}
}
