// download.js -- a message's file, fetched by the browser itself: a link that has a good
// address when it is followed, and what stands where something cannot be shown.

import { h, set } from './dom.js';
import { icon } from './icons.js';

// Makes a link download a message's file, with an address that is good at that moment.
export function download_of(page, link) {
	const { client, words } = page;
	let message = null;

	link.addEventListener('click', async (event) => {
		const known = client.files.known(message);
		if (known) {
			link.href = known.url;
			return;
		}
		event.preventDefault();
		try {
			link.href = (await client.files.address(message)).url;
			link.click();
		} catch (error) {
			link.title = words.error(error);
			link.classList.add('is-broken');
		}
	});
	return {
		update(now) {
			message = now;
			set(link, 'href', now.id ? client.files.known(now)?.url ?? now.data.url : null);
			set(link, 'download', now.data.name);
		},
	};
}

// Puts `error` where a picture or a film would be, with a way to try again.
export function broken_note({ words }, again) {
	return h('span', { class: 'broken' }, icon('warning'), words.t('attach.broken'), ' ',
		h('button', { type: 'button', class: 'link', onclick: (event) => {
			event.stopPropagation();
			again();
		} }, words.t('message.retry')));
}
