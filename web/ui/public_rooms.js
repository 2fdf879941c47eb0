// public_rooms.js -- a list of public rooms to join, filtered by name.

import { avatar, room_name } from './avatar.js';
import { one_at_a_time } from './dialog.js';
import { h, new_id, replace, show } from './dom.js';
import { icon } from './icons.js';
import { Pages, search_field } from './pages.js';
import { go_to } from './router.js';

export class PublicRooms {
	#page;
	#on_enter;
	#wanted = '';
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });

	// on_enter(): one of them is about to be opened.
	constructor(page, { on_enter }) {
		const { words, client } = page;
		const heading = new_id('public');
		const list = new Pages({
			words,
			ask: (cursor) => client.find_public(this.#wanted, cursor),
			row: (room) => this.#row(room),
			none: words.t('join.none'),
			props: { 'aria-labelledby': heading },
		});

		this.#page = page;
		this.#on_enter = on_enter;
		this.node = h('section', { class: 'public-rooms' },
			h('h3', { id: heading }, words.t('join.public')),
			search_field({
				label: words.t('join.search'),
				on_text: (text) => {
					this.#wanted = text;
					list.restart();
				},
			}),
			this.#error, list.node);
		list.restart();
	}

	#row(room) {
		const { words, store } = this.#page;
		const name = room_name(room, words);
		const is_mine = store.rooms.has(room.id);
		const label = words.t(is_mine ? 'join.open' : 'join.submit');

		return h('div', { class: 'found-row' },
			avatar(room.id, name, '', { url: room.avatar_url }),
			h('div', { class: 'found-text' },
				h('p', { class: 'found-name', dir: 'auto' }, name),
				room.description
					? h('p', { class: 'found-about', dir: 'auto' }, room.description) : null,
				h('p', { class: 'muted' }, is_mine ? words.t('join.joined')
					: words.t('rooms.members', { count: room.member_count ?? 0 }))),
			h('button', {
				type: 'button', class: 'button small quiet',
				'aria-label': `${label}: ${name}`,
				onclick: one_at_a_time(() => this.#enter(room)),
			}, label));
	}

	async #enter(room) {
		const { client, store } = this.#page;

		try {
			if (!store.rooms.has(room.id))
				await client.join_room(room.id);
			this.#on_enter();
			go_to(room.id);
		} catch (error) {
			this.#fail(error);
		}
	}

	#fail(error) {
		replace(this.#error, icon('warning'), this.#page.words.error(error));
		show(this.#error, true);
	}
}
