// acting.js -- the parts of the client that reading does not need: sending, calls, typing and
// receipts, notices, and polling without a live connection.

import { Calls } from './calls.js';
import { Company } from './company.js';
import { Contacts } from './contacts.js';
import { later } from './later.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { Poll } from './poll.js';
import { Shelf, no_shelf } from './shelf.js';

// on_posted(room_id): a message was sent by POST; without a live connection no event will
// show it. outside: browser features that may be missing: {fetch, XMLHttpRequest, idb,
// channel, locks, rtc}.
export function acting_parts(client, { on_posted, poll_round, outside, tools }) {
	const { api, socket, store, session, keep, notes } = client;
	const { clock } = tools;
	const { locks, rtc } = outside;

	return {
		calls: new Calls({ api, socket, store, session, keep, rtc, ...tools }),
		company: new Company({ api, socket, store, clock }),
		contacts: new Contacts({ api, socket, store }),
		notices: new Notices({ store, keep, locks, clock }),
		outbox: make_outbox({ api, socket, session, keep, notes, tools, on_posted, ...outside }),
		poll: make_poll({ socket, store, poll_round, tools }),
	};
}

function make_outbox({ api, session, socket, keep, notes, fetch, on_posted, tools,
	XMLHttpRequest = null, channel = null, locks = null, idb = null, shelf = null }) {
	const { clock } = tools;
	const uploads = later(() => import('./upload.js'), ({ Uploads }) =>
		new Uploads({ base: api.base, session, fetch, XMLHttpRequest, clock }));
	const delivery = later(() => import('./delivery.js'), ({ Delivery }) =>
		new Delivery({ api, uploads, socket, on_posted, clock }));

	return new Outbox({
		shelf: shelf ?? (idb ? new Shelf({ idb, name: `${keep.prefix}outbox` }) : no_shelf),
		notes, channel, locks, name: keep.prefix, ...tools,
		send: (item, how) => delivery.send(item, how),
	});
}

const make_poll = ({ socket, store, poll_round, tools }) => new Poll({
	socket, ask: poll_round, ...tools,
	interval_ms: () => (store.status?.poll_interval_s || 4) * 1000,
	on_change: (polling) => {
		if (polling !== store.line.polling)
			store.line_changed({ polling });
	},
});
