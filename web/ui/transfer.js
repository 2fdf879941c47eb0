// transfer.js -- files between this device and the server: local copies, upload progress,
// downloads.
//
// Owns: the blob: URLs that it created; the oldest are revoked.

import { h, set, show, svg } from './dom.js';
import { icon } from './icons.js';

// How many local files have a URL.
const MOST = 40;
const RADIUS = 19;
const ROUND = 2 * Math.PI * RADIUS;

// --- local files: to be sent, or sent from here, so that they need no download ---

const urls = new Map();		// key -> URL, least recently used first

// key: a message's client_id, or a file's id.
export function local_url(key) {
	const url = urls.get(key);

	if (url) {
		urls.delete(key);
		urls.set(key, url);
	}
	return url ?? null;
}

export function remember_local(key, blob) {
	const known = local_url(key);
	if (known)
		return known;
	const url = URL.createObjectURL(blob);
	urls.set(key, url);
	for (const [oldest, old] of urls) {
		if (urls.size <= MOST)
			break;
		urls.delete(oldest);
		if (![...urls.values()].includes(old))
			URL.revokeObjectURL(old);
	}
	return url;
}

// Also registers the file under another key: it is uploaded now.
export function also_local(key, other) {
	const url = local_url(key);

	if (url && other && !urls.has(other))
		urls.set(other, url);
}

// --- upload progress: a ring around a cancel button ---

// {node, update(item), text(item)}: text is what may stand beside it, or null.
export function progress_of(page) {
	const { words, client } = page;
	const arc = svg('circle', {
		class: 'ring-arc', cx: 22, cy: 22, r: RADIUS, 'stroke-dasharray': `0 ${ROUND}`,
		transform: 'rotate(-90 22 22)',
	});
	const ring = svg('svg', { class: 'ring', viewBox: '0 0 44 44', 'aria-hidden': 'true' },
		svg('circle', { class: 'ring-ground', cx: 22, cy: 22, r: RADIUS }), arc);
	const bar = h('span', {
		class: 'unseen', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100,
	});
	const button = h('button', {
		type: 'button', class: 'ring-button', onclick: () => client.discard(client_id),
	}, ring, icon('close'));
	const node = h('span', { class: 'uploading', hidden: true }, button, bar);
	let client_id = null;

	return {
		node,
		update({ id, client_id: of, data, state, progress, file }) {
			const share = progress ? Math.min(1, progress.sent / (progress.total || 1)) : 0;
			const may_cancel = Boolean(file) && !id
				&& (state === 'waiting' || (state === 'sending' && Boolean(progress)));

			client_id = of;
			show(node, may_cancel);
			set(button, 'aria-label', words.t('attach.cancel', { name: data.name }));
			set(button, 'title', words.t('attach.cancel', { name: data.name }));
			set(arc, 'stroke-dasharray', `${share * ROUND} ${ROUND}`);
			set(bar, 'aria-label', words.t('attach.uploading', { name: data.name }));
			set(bar, 'aria-valuenow', Math.round(share * 100));
			node.classList.toggle('is-moving', Boolean(progress));
		},
		text({ id, data, state, progress, is_kept, file }) {
			if (id || !file || state === 'failed' || state === 'sent')
				return null;
			if (progress)
				return words.t('attach.sent_of', {
					sent: words.size(Math.min(progress.sent, data.size)),
					size: words.size(data.size),
				});
			return is_kept === false
				? words.t('attach.fleeting', { size: words.size(data.size) }) : null;
		},
	};
}

// --- downloads by the browser ---

// Makes a link download a message's file, with a URL that is valid at that moment.
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

// Shows an error in place of a picture or video, with a retry button.
export function broken_note({ words }, again) {
	return h('span', { class: 'broken' }, icon('warning'), words.t('attach.broken'), ' ',
		h('button', { type: 'button', class: 'link', onclick: (event) => {
			event.stopPropagation();
			again();
		} }, words.t('message.retry')));
}
