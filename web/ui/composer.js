// composer.js -- where one writes. Enter sends, Shift+Enter begins a line; on a phone
// Enter begins a line too, as its keyboard has no Shift to hold.

import { code_points } from '../core/text.js';
import { Tray } from './attach.js';
import { room_name } from './avatar.js';
import { h, is_coarse, replace, set, show } from './dom.js';
import { icon } from './icons.js';

// When the server names no limit.
const MOST = 8000;
// The count is shown from here on.
const NEAR = 500;

export class Composer {
	#page;
	#room_id;
	#on_send;
	#input;
	#count = h('p', { class: 'composer-count', role: 'status', hidden: true });
	#send;
	#tray;

	// on_send(): something was just sent.
	constructor(page, room_id, { on_send }) {
		const { words, store } = page;

		this.#page = page;
		this.#room_id = room_id;
		this.#on_send = on_send;
		this.#input = h('textarea', {
			class: 'composer-input', rows: 1, dir: 'auto',
			enterkeyhint: is_coarse() ? 'enter' : 'send',
			'aria-label': words.t('composer.label', {
				name: room_name(store.rooms.get(room_id), words),
			}),
			placeholder: words.t('composer.placeholder'),
			value: store.drafts.get(room_id) ?? '',
			oninput: () => this.#on_input(),
			onpaste: (event) => this.#tray.paste(event),
			onkeydown: (event) => this.#on_key(event),
		});
		this.#send = h('button', {
			type: 'submit', class: 'send', 'aria-label': words.t('composer.send'),
			title: words.t('composer.send'),
		}, icon('send'));
		this.#tray = new Tray(page, room_id, { on_change: () => this.#fit() });
		this.node = h('form', {
			class: 'composer',
			onsubmit: (event) => {
				event.preventDefault();
				this.#say();
			},
		}, this.#tray.node, this.#tray.button,
		h('div', { class: 'composer-box' }, this.#input, this.#count), this.#send);
		// its height is known once it is on the page
		requestAnimationFrame(() => this.#fit());
	}

	focus() {
		this.#input.focus();
	}

	// Files for the next message, from wherever they came.
	add_files(files) {
		this.#tray.add(files);
		this.#input.focus();
	}

	#on_input() {
		this.#page.client.draft(this.#room_id, this.#input.value);
		this.#fit();
	}

	// As high as what is in it, up to what the style allows; and whether it may go.
	#fit() {
		const { words, store } = this.#page;
		const text = this.#input.value;
		const left = (store.status?.limits?.max_text_chars ?? MOST) - code_points(text);

		this.#input.style.height = 'auto';
		this.#input.style.height = `${this.#input.scrollHeight}px`;
		this.#send.disabled = left < 0 || (text.trim() === '' && this.#tray.count === 0);
		set(this.#count, 'class', left < 0 ? 'composer-count over' : 'composer-count');
		show(this.#count, left < NEAR);
		replace(this.#count, left < 0
			? words.t('composer.over', { count: -left })
			: words.t('composer.left', { count: left }));
	}

	#on_key(event) {
		if (event.key !== 'Enter' || event.shiftKey || event.isComposing || is_coarse())
			return;
		event.preventDefault();
		this.#say();
	}

	#say() {
		if (this.#send.disabled)
			return;
		const text = this.#input.value.trim();
		if (!this.#tray.take(text))
			this.#page.client.say(this.#room_id, text);
		this.#input.value = '';
		this.#on_input();
		this.#input.focus();
		this.#on_send();
	}
}
