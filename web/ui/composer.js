// composer.js -- where one writes. Enter sends, Shift+Enter begins a line; on a phone
// Enter begins a line too, as its keyboard has no Shift to hold.

import { code_points } from '../core/text.js';
import { room_name } from './avatar.js';
import { h, is_coarse, replace, set, show } from './dom.js';
import { icon } from './icons.js';

// When the server names no limit.
const MOST = 8000;
// The count is shown from here on.
const NEAR = 500;

export function make_composer(page, room_id, { on_send }) {
	const { words, client, store } = page;
	const name = room_name(store.rooms.get(room_id) ?? {}, words);
	const input = h('textarea', {
		class: 'composer-input', rows: 1, dir: 'auto', enterkeyhint: is_coarse() ? 'enter' : 'send',
		'aria-label': words.t('composer.label', { name }),
		placeholder: words.t('composer.placeholder'),
		oninput: () => on_input(),
		onkeydown: (event) => on_key(event),
	});
	const count = h('p', { class: 'composer-count', role: 'status', hidden: true });
	const send = h('button', {
		type: 'submit', class: 'send', 'aria-label': words.t('composer.send'),
		title: words.t('composer.send'),
	}, icon('send'));
	const node = h('form', {
		class: 'composer',
		onsubmit: (event) => {
			event.preventDefault();
			say();
		},
	}, h('div', { class: 'composer-box' }, input, count), send);

	function on_input() {
		client.draft(room_id, input.value);
		fit();
	}

	// As high as what is in it, up to what the style allows.
	function fit() {
		const most = store.status?.limits?.max_text_chars ?? MOST;
		const left = most - code_points(input.value);

		input.style.height = 'auto';
		input.style.height = `${input.scrollHeight}px`;
		send.disabled = left < 0 || input.value.trim() === '';
		set(count, 'class', left < 0 ? 'composer-count over' : 'composer-count');
		show(count, left < NEAR);
		replace(count, left < 0
			? words.t('composer.over', { count: -left })
			: words.t('composer.left', { count: left }));
	}

	function on_key(event) {
		if (event.key !== 'Enter' || event.shiftKey || event.isComposing || is_coarse())
			return;
		event.preventDefault();
		say();
	}

	function say() {
		const text = input.value.trim();

		if (send.disabled || text === '')
			return;
		client.say(room_id, text);
		input.value = '';
		on_input();
		input.focus();
		on_send();
	}

	input.value = store.drafts.get(room_id) ?? '';
	// its height is known once it is on the page
	requestAnimationFrame(fit);
	return { node, focus: () => input.focus() };
}
