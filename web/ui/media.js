// media.js -- pictures in the timeline, and the URLs of attachments. Each picture has its
// space before it is loaded, so nothing moves; a refused URL is renewed once.

import { fit } from '../core/filetypes.js';
import { h, replace, set, svg, wants_stillness } from './dom.js';
import { comes_near, part } from './load.js';
import { broken_note, local_url, progress_of, remember_local } from './transfer.js';

const load_viewer = part(() => import('./viewer.js'), 'viewer.css');

const PICTURE = { width: 340, height: 360, least: 72 };
// Refused again within this time, a URL did not fail because it expired.
const RENEW_MS = 5 * 60000;
// For pictures of unknown size (in a format that the server does not read).
const UNKNOWN = { width: 280, height: 210 };
// The longer side of a thumbnail, in pixels; it is also used for slightly larger sizes.
const SMALL_FORM = 480;
const ENOUGH = 4 / 3;
// A picture below this size is shown itself if the thumbnail is too small.
const WHOLE_BYTES = 200 * 1024;
// And so is an animated one.
const MOVING_BYTES = 8 * 1024 ** 2;

// A placeholder of this size, narrower if space is limited.
export function space_of({ width, height }) {
	const size = width && height ? fit(width, height, PICTURE) : UNKNOWN;

	return svg('svg', { class: 'space', viewBox: `0 0 ${size.width} ${size.height}`,
		width: size.width, height: size.height, 'aria-hidden': 'true' });
}

// Provides the URLs of a message's file: calls use({url, thumb_url}) once they are known, or
// fail().
export function source_of(page, fail) {
	const { files, outbox } = page.client;
	let message = null;
	let renewed_at = -Infinity;
	let used = null;

	const ask = (asking, use) => asking.then(use, fail);
	return {
		update(now) {
			message = now;
		},
		find(use) {
			const { data, client_id, id } = message;
			const local = local_url(data.file_id) ?? local_url(client_id);

			if (local && used === local)
				return;
			if (local) {
				used = local;
				use({ url: local, thumb_url: null });
			} else if (id && used !== data.file_id) {
				used = data.file_id;
				const known = files.known(message);
				if (known)
					use(known);
				else
					ask(files.address(message), use);
			} else if (!id && used !== client_id) {
				used = client_id;
				ask(outbox.blob(client_id).then((blob) =>
					({ url: remember_local(client_id, blob), thumb_url: null })), use);
			}
		},
		// The browser could not load it: the signature may have expired.
		refused(use) {
			const is_new = performance.now() - renewed_at > RENEW_MS;
			renewed_at = performance.now();
			if (is_new && message.id)
				ask(files.renew(message), use);
			else
				fail();
		},
		again(use) {
			renewed_at = performance.now();
			ask(files.renew(message), use);
		},
	};
}

export function image_view(message, page) {
	const { words } = page;
	const img = h('img', { class: 'photo-image', decoding: 'async' });
	const space = space_of(message.data);
	const progress = progress_of(page);
	const note = h('span', { class: 'photo-note' });
	const open = h('button', { type: 'button', class: 'photo-open',
		onclick: () => view(now, page, open), ...comes_near(load_viewer) }, space, img);
	const node = h('div', { class: 'photo' }, open, note, progress.node);
	let now = message;

	const use = ({ url, thumb_url }) => {
		replace(note);
		img.src = is_whole(now.data, thumb_url) ? url : thumb_url;
	};
	const source = source_of(page, () => replace(note,
		broken_note(page, () => source.again(use))));
	img.addEventListener('error', () => source.refused(use));

	return {
		node,
		update(next) {
			now = next;
			const { alt, name } = now.data;
			set(img, 'alt', alt || words.t('attach.picture', { name }));
			set(open, 'title', alt || name);
			progress.update(now);
			source.update(now);
			source.find(use);
		},
	};
}

function is_whole({ size, mime, width, height }, thumb_url) {
	if (!thumb_url || (mime === 'image/gif' && size <= MOVING_BYTES && !wants_stillness()))
		return true;
	const shown = fit(width, height, PICTURE);
	const needed = Math.max(shown.width, shown.height) * window.devicePixelRatio;

	// a small file of another format is shown itself too: it may be animated
	return size <= WHOLE_BYTES && (needed > SMALL_FORM * ENOUGH
		|| !['image/jpeg', 'image/png'].includes(mime));
}

async function view(message, page, opener) {
	const { open_viewer } = await load_viewer();
	open_viewer(page, message, opener);
}
