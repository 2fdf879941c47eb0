// attachment.js -- the attachment of a message, in the timeline.
//
// A node belongs to the data it shows and is cached with it: a rebuilt row gets the same
// node, so a playing video continues. So it can be in only one place. What I send keeps its
// node from the choice to the log.

import { ending_of, icon_of_file } from '../core/filetypes.js';
import { h, say, svg } from './dom.js';
import { icon } from './icons.js';
import { load_now } from './load.js';
import { image_view, space_of } from './media.js';
import { also_local, broken_note, download_of, progress_of } from './transfer.js';

// How many of my attachments are remembered by client_id.
const MOST_MINE = 60;
const NO_BREAK_SPACE = '\u00a0';

const shown = new WeakMap();		// data of a message -> {kind, words, view}
const mine = new Map();			// client_id -> the same

const load_players = () => import('./players.js');

// A view: {node, update(message)}; made for one message, and updated with its later versions.
const VIEWS = {
	image: image_view, file: file_view,
	video: late(load_players, 'video_view', ({ data }) => h('div', { class: 'photo is-video' },
		space_of(data.width ? data : { width: 320, height: 180 }))),
	audio: late(load_players, 'audio_view', space_of_sound),
	location: late(() => import('./place.js'), 'place_view', space_of_place),
};

// A placeholder as high as the player: name and size in their places, the rest empty.
function space_of_sound({ data }, { words }) {
	return h('div', { class: 'sound' },
		h('div', { class: 'sound-head' },
			h('span', { class: 'file-icon of-audio' }),
			h('span', { class: 'file-text' },
				h('span', { class: 'file-name', dir: 'auto' }, data.name),
				h('span', { class: 'file-size' }, words.size(data.size))),
			h('span', { class: 'icon-button' })),
		data.waveform?.length > 0 ? svg('svg', { class: 'wave' }) : null,
		h('span', { class: 'audio' }));
}

function space_of_place({ data }, { words }) {
	return h('div', { class: 'place' },
		svg('svg', { class: 'sketch' }),
		h('div', { class: 'place-text' },
			h('strong', { dir: 'auto' }, data.label || words.t('message.kind.location')),
			h('span', { class: 'file-size' }, NO_BREAK_SPACE)),
		h('div', { class: 'place-links' }, h('span', { class: 'button small' })));
}

// A rarely needed view: its placeholder is shown at once, the view once it is loaded.
function late(get, name, make_place) {
	return (message, page) => {
		const place = make_place(message, page);
		let view = null;
		let now = message;
		const load = async () => {
			try {
				const { [name]: make } = await load_now(get);
				view = make(now, page);
				view.update(now);
				place.replaceWith(view.node);
			} catch (error) {
				if (!(error instanceof TypeError))
					throw error;
				const note = broken_note(page, () => {
					note.remove();
					load();
				});
				place.append(note);
			}
		};

		load();
		return {
			get node() {
				return view?.node ?? place;
			},
			update(next) {
				now = next;
				view?.update(next);
			},
		};
	};
}

// Null if there is none: a text, or a deleted message.
export function attachment_of(message, page) {
	const { kind, data } = message;

	if (!data || !VIEWS[kind])
		return null;
	const is_mine = !message.sender || message.sender.id === page.store.user?.id;
	const key = is_mine ? message.client_id : null;
	let known = shown.get(data) ?? mine.get(key);
	if (known?.words !== page.words || known.kind !== kind)
		known = { kind, words: page.words, view: VIEWS[kind](message, page) };
	shown.set(data, known);
	if (key)
		remember(key, known);
	if (is_mine)
		also_local(key, data.file_id);
	known.view.update(message);
	return known.view.node;
}

function remember(key, known) {
	mine.delete(key);
	mine.set(key, known);
	if (mine.size > MOST_MINE)
		mine.delete(mine.keys().next().value);
}

// A file to download.
function file_view(message, page) {
	const { words } = page;
	const { data } = message;
	const progress = progress_of(page);
	const size = h('span', { class: 'file-size' });
	const link = h('a', { class: 'file-card' },
		h('span', { class: `file-icon of-${icon_of_file(data)}`, 'aria-hidden': 'true' },
			icon(icon_of_file(data)), h('span', {}, ending_of(data.name))),
		h('span', { class: 'file-text' },
			h('span', { class: 'file-name', dir: 'auto' }, data.name), size),
		h('span', { class: 'unseen' }, words.t('attach.download')),
		icon('download'));
	const node = h('div', { class: 'carried-file' }, link, progress.node);
	const download = download_of(page, link);

	return {
		node,
		update(now) {
			progress.update(now);
			say(size, progress.text(now) ?? words.size(now.data.size));
			node.classList.toggle('is-pending', !now.id);
			download.update(now);
		},
	};
}
