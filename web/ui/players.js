// players.js -- video and audio players in the timeline. Loaded with the first of them;
// attachment.js keeps their space.

import { duration_text } from '../core/filetypes.js';
import { h, replace, say, show, svg } from './dom.js';
import { icon } from './icons.js';
import { source_of, space_of } from './media.js';
import { broken_note, download_of, progress_of } from './transfer.js';

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

// Common to video and audio: the URL, and resuming at the same position if it expires during
// playback.
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

// The loudness of a voice message; the played part is darker. A click seeks.
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
