// attachment.js -- what a message carries, as the timeline shows it.
//
// A node belongs to the data that it shows and is kept with it: a row that is built anew
// gets the same one back, and a film that plays goes on. So it can stand in one place
// only.

import { ending_of, icon_of_file } from '../core/filetypes.js';
import { h } from './dom.js';
import { icon } from './icons.js';

const shown = new WeakMap();		// data of a message -> {words, node}

const VIEWS = { image: file_view, file: file_view, audio: file_view, video: file_view };

// Null where there is nothing: a text, a message that was deleted.
export function attachment_of(message, page) {
	const { kind, data } = message;

	if (!data || !VIEWS[kind])
		return null;
	let known = shown.get(data);
	if (known?.words !== page.words) {
		known = { words: page.words, node: VIEWS[kind](message, page) };
		shown.set(data, known);
	}
	return known.node;
}

// A file to be downloaded.
function file_view(message, page) {
	const { words } = page;
	const { data } = message;

	return h('a', download_link(message, page, 'file-card'),
		h('span', { class: `file-icon of-${icon_of_file(data)}`, 'aria-hidden': 'true' },
			icon(icon_of_file(data)), h('span', {}, ending_of(data.name))),
		h('span', { class: 'file-text' },
			h('span', { class: 'file-name', dir: 'auto' }, data.name),
			h('span', { class: 'file-size' }, words.size(data.size))),
		h('span', { class: 'unseen' }, words.t('attach.download')),
		icon('download'));
}

// The properties of a link that downloads a message's file, asking for a good address
// first where there is none.
export function download_link(message, page, name) {
	const { client } = page;
	const { data } = message;
	const on_click = async (event) => {
		const link = event.currentTarget;
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
			link.title = page.words.error(error);
			link.classList.add('is-broken');
		}
	};

	return {
		class: name, href: client.files.known(message)?.url ?? data.url,
		download: data.name, onclick: on_click,
	};
}
