// public_rooms.js -- a list of what may be joined, by a word in the name.

import { avatar, room_name } from './avatar.js';
import { h, new_id, replace, show } from './dom.js';
import { icon } from './icons.js';
import { go_to } from './router.js';

// Between the last key and the question.
const SEARCH_MS = 250;

export class PublicRooms {
	#page;
	#on_enter;
	#list;
	#none;
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#turn = 0;		// answers to a former question are not heard
	#timer;

	// on_enter(): one of them is about to be opened.
	constructor(page, { on_enter }) {
		const { words } = page;
		const heading = new_id('public');

		this.#page = page;
		this.#on_enter = on_enter;
		this.#list = h('ul', { class: 'found', 'aria-labelledby': heading });
		this.#none = h('p', { class: 'muted', hidden: true }, words.t('join.none'));
		this.node = h('section', { class: 'public-rooms' },
			h('h3', { id: heading }, words.t('join.public')),
			h('div', { class: 'side-filter' }, icon('search'), h('input', {
				type: 'search', class: 'input filter',
				placeholder: words.t('join.search'),
				'aria-label': words.t('join.search'),
				oninput: (event) => this.#on_input(event.target.value.trim()),
			})),
			this.#error, this.#list, this.#none);
		this.#find('');
	}

	#on_input(q) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#find(q), SEARCH_MS);
	}

	async #find(q) {
		const turn = ++this.#turn;

		try {
			const { items } = await this.#page.client.find_public(q);
			if (turn !== this.#turn)
				return;
			replace(this.#list, items.map((room) => this.#row(room)));
			show(this.#none, items.length === 0);
			show(this.#error, false);
		} catch (error) {
			this.#fail(error);
		}
	}

	#row(room) {
		const { words, store } = this.#page;
		const name = room_name(room, words);
		const is_mine = store.rooms.has(room.id);
		const label = words.t(is_mine ? 'join.open' : 'join.submit');

		return h('li', { class: 'found-row' },
			avatar(room.id, name),
			h('div', { class: 'found-text' },
				h('p', { class: 'found-name', dir: 'auto' }, name),
				h('p', { class: 'muted' }, is_mine ? words.t('join.joined')
					: words.t('rooms.members', { count: room.member_count ?? 0 }))),
			h('button', {
				type: 'button', class: 'button small quiet',
				'aria-label': `${label}: ${name}`,
				onclick: (event) => this.#enter(event.currentTarget, room),
			}, label));
	}

	async #enter(button, room) {
		const { client, store } = this.#page;

		button.disabled = true;
		try {
			if (!store.rooms.has(room.id))
				await client.join_room(room.id);
			this.#on_enter();
			go_to(room.id);
		} catch (error) {
			button.disabled = false;
			this.#fail(error);
		}
	}

	#fail(error) {
		replace(this.#error, icon('warning'), this.#page.words.error(error));
		show(this.#error, true);
	}
}
