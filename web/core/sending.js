// sending.js -- the parts that bring what I write to the server, put together.

import { later } from './later.js';
import { Outbox } from './outbox.js';
import { no_shelf } from './shelf.js';

// on_posted(room_id): a message went by POST, and no line will show it by itself. tools:
// {clock, random}. The browser's things may be missing: XMLHttpRequest, shelf, channel,
// locks.
export function make_outbox({ api, session, socket, keep, fetch, on_posted, tools,
	XMLHttpRequest = null, shelf = no_shelf, channel = null, locks = null }) {
	const { clock } = tools;
	const uploads = later(() => import('./upload.js'), ({ Uploads }) =>
		new Uploads({ base: api.base, session, fetch, XMLHttpRequest, clock }));
	const delivery = later(() => import('./delivery.js'), ({ Delivery }) =>
		new Delivery({ api, uploads, socket, on_posted, clock }));

	return new Outbox({
		shelf, channel, locks, name: keep.prefix, ...tools,
		send: (item, how) => delivery.send(item, how),
	});
}

// What this user left unsent; what an older version kept among the small things as well.
export async function open_outbox(outbox, keep, user_id) {
	const names = keep.names(`outbox:${user_id}:`);
	const before = names.map((name) => keep.get(name)).filter(Boolean);

	if (await outbox.open(user_id, before))
		names.forEach((name) => keep.remove(name));
}
