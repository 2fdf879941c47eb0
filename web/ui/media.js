// media.js -- pictures, films and sounds in the timeline. Each has its place before it is
// loaded, so that nothing moves when it comes; what was refused is asked for anew once.

import { duration_text, fit } from '../core/filetypes.js';
import { h, replace, say, set, show, svg } from './dom.js';
import { broken_note, download_of } from './download.js';
import { icon } from './icons.js';
import { load } from './load_style.js';
import { local_url, remember_local } from './local_files.js';
import { progress_of } from './upload_progress.js';

const PICTURE = { width: 340, height: 360, least: 72 };
// What is refused again within this is not refused for its age.
const RENEW_MS = 5 * 60000;
// What has no size of its own (a form that the server does not read).
const UNKNOWN = { width: 280, height: 210 };
// A picture this small is shown itself; of a larger one the small form.
const WHOLE_BYTES = 200 * 1024;
const MOVING_BYTES = 8 * 1024 ** 2;

const wants_stillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

// Takes up room: as wide and high as it says, narrower where there is less.
function space_of({ width, height }) {
	const size = width && height ? fit(width, height, PICTURE) : UNKNOWN;

	return svg('svg', { class: 'space', viewBox: `0 0 ${size.width} ${size.height}`,
		width: size.width, height: size.height, 'aria-hidden': 'true' });
}

// Where a message's file is to be had: use({url, thumb_url}) is called as soon as that is
// known, fail() when it cannot be had.
function source_of(page, fail) {
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
		// The browser could not load it: what was signed may have run out.
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
	const img = h('img', { class: 'photo-image', decoding: 'async', loading: 'lazy' });
	const space = space_of(message.data);
	const progress = progress_of(page);
	const note = h('span', { class: 'photo-note' });
	const open = h('button', { type: 'button', class: 'photo-open',
		onclick: () => view(now, page, open) }, space, img);
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

function is_whole({ size, mime }, thumb_url) {
	return !thumb_url || size <= WHOLE_BYTES
		|| (mime === 'image/gif' && size <= MOVING_BYTES && !wants_stillness());
}

async function view(message, page, opener) {
	const { open_viewer } = await load(import('./viewer.js'), 'viewer.css');
	open_viewer(page, message, opener);
}

export function video_view(message, page) {
	const { data } = message;
	const video = h('video', {
		class: 'video', controls: true, preload: 'metadata', playsinline: true,
		'aria-label': data.alt || data.name,
	});
	const player = player_of(page, video);
	const progress = progress_of(page);
	const length = h('span', { class: 'video-length' });
	const node = h('div', { class: 'photo is-video' },
		space_of(data.width ? data : { width: 320, height: 180 }), video, length,
		player.note, progress.node);

	video.addEventListener('play', () => show(length, false));
	return {
		node,
		update(now) {
			const { duration } = now.data;
			show(length, Boolean(duration) && video.paused && video.currentTime === 0);
			say(length, duration ? duration_text(duration) : '');
			progress.update(now);
			player.update(now);
		},
	};
}

export function audio_view(message, page) {
	const { words } = page;
	const { data } = message;
	const audio = h('audio', {
		class: 'audio', controls: true, preload: 'none', 'aria-label': data.alt || data.name,
	});
	const player = player_of(page, audio);
	const progress = progress_of(page);
	const about = h('span', { class: 'file-size' });
	const link = h('a', { class: 'icon-button', 'aria-label': words.t('attach.download'),
		title: words.t('attach.download') }, icon('download'));
	const download = download_of(page, link);
	const wave = data.waveform?.length > 0 ? waveform(data.waveform, audio) : null;
	const node = h('div', { class: 'sound' },
		h('div', { class: 'sound-head' },
			h('span', { class: 'file-icon of-audio', 'aria-hidden': 'true' }, icon('audio')),
			h('span', { class: 'file-text' },
				h('span', { class: 'file-name', dir: 'auto' }, data.name), about),
			link, progress.node),
		wave, audio, player.note);

	return {
		node,
		update(now) {
			const { duration, size } = now.data;
			say(about, progress.text(now) ?? [
				duration ? duration_text(duration) : null, words.size(size),
			].filter(Boolean).join(' · '));
			show(link, Boolean(now.id));
			progress.update(now);
			player.update(now);
			download.update(now);
		},
	};
}

// What a film and a sound have in common: an address, and going on where it ended when
// that runs out in the middle.
function player_of(page, media) {
	const note = h('span', { class: 'photo-note' });
	let resume_at = 0;
	let was_playing = false;

	const use = ({ url }) => {
		replace(note);
		media.src = url;
		if (resume_at > 0)
			media.currentTime = resume_at;
		if (was_playing)
			media.play().catch(() => {});
	};
	const source = source_of(page, () => replace(note,
		broken_note(page, () => source.again(use))));

	media.addEventListener('error', () => {
		resume_at = media.currentTime;
		was_playing = !media.paused;
		source.refused(use);
	});
	// one at a time
	media.addEventListener('play', () => {
		for (const other of document.querySelectorAll('audio, video'))
			if (other !== media)
				other.pause();
	});
	return {
		note,
		update(message) {
			source.update(message);
			source.find(use);
		},
	};
}

const BARS = 48;

// The loudness of a voice; what was heard is darker. A click goes there.
function waveform(values, audio) {
	const top = Math.max(1, ...values);
	const bars = Array.from({ length: BARS }, (_, i) => {
		const from = Math.floor(i * values.length / BARS);
		const to = Math.max(from + 1, Math.floor((i + 1) * values.length / BARS));
		const height = Math.max(2, 28 * Math.max(...values.slice(from, to)) / top);
		return svg('rect', { class: 'wave-bar', x: i * 4, y: 15 - height / 2, width: 2.5,
			height, rx: 1.2 });
	});
	const node = svg('svg', { class: 'wave', viewBox: `0 0 ${BARS * 4} 30`,
		preserveAspectRatio: 'none', 'aria-hidden': 'true' }, bars);

	audio.addEventListener('timeupdate', () => {
		const heard = BARS * audio.currentTime / (audio.duration || Infinity);
		bars.forEach((bar, i) => bar.classList.toggle('is-heard', i < heard));
	});
	node.addEventListener('click', (event) => {
		const { left, width } = node.getBoundingClientRect();
		if (Number.isFinite(audio.duration))
			audio.currentTime = audio.duration * (event.clientX - left) / width;
		audio.play().catch(() => {});
	});
	return node;
}
