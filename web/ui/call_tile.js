// call_tile.js -- one participant of a call: video or avatar, with name and status. The node
// and its video stay the same during the call, so nothing flickers.

import { avatar } from './avatar.js';
import { call_icon } from './call_icons.js';
import { name_of, picture_of } from './call_parts.js';
import { h, replace, say, set, show } from './dom.js';

export function make_tile(page, user_id, { on_silent } = {}) {
	const video = h('video', { autoplay: true, playsinline: true });
	const face = h('div', { class: 'tile-face' });
	const name = h('span', { class: 'tile-name', dir: 'auto' });
	const mute = h('span', { class: 'tile-mute' }, call_icon('mic_off'),
		h('span', { class: 'unseen' }, page.words.t('call.muted')));
	const state = h('span', { class: 'tile-state' });
	const node = h('li', { class: 'tile' }, video, face,
		h('div', { class: 'tile-label' }, mute, name), state);
	let faced = null;

	return {
		node, video,
		update({ link, state: part, stream, has_video, mic, screen }) {
			const called = name_of(page, user_id);
			const picture = picture_of(page, user_id);

			play(video, stream, on_silent);
			node.classList.toggle('has-video', has_video);
			node.classList.toggle('is-screen', screen);
			node.classList.toggle('is-away', part === 'joined' && link !== 'connected');
			say(name, called);
			show(mute, part === 'joined' && link === 'connected' && !mic);
			const key = part === 'ringing' ? 'ringing' : link;
			show(state, key !== 'connected');
			say(state, key === 'connected' ? '' : page.words.t(`call.tile.${key}`));
			if (faced !== `${called} ${picture}`) {
				faced = `${called} ${picture}`;
				replace(face, avatar(user_id, called, 'large', { url: picture }));
			}
		},
		// is the participant speaking?
		speaks(is_loud) {
			node.classList.toggle('is-loud', is_loud);
		},
		end() {
			video.srcObject = null;
		},
	};
}

// My own tile, small: what the others see of me.
export function make_own(page) {
	const video = h('video', { autoplay: true, playsinline: true, muted: true });
	const node = h('div', {
		class: 'tile own', role: 'img', 'aria-label': page.words.t('call.own'),
	}, video);

	video.muted = true;
	return {
		node,
		update({ stream, camera, is_back }) {
			play(video, stream);
			show(node, Boolean(stream));
			node.classList.toggle('is-mirrored', camera && !is_back);
			set(node, 'data-shows', camera ? 'camera' : 'screen');
		},
		end() {
			video.srcObject = null;
		},
	};
}

// Browsers may refuse to play sound before a user gesture.
function play(video, stream, on_silent) {
	if (video.srcObject === stream)
		return;
	video.srcObject = stream;
	if (stream)
		video.play().catch((error) => error.name === 'NotAllowedError' && on_silent?.());
}
