// folded.js -- messages of blocked people in shared rooms: consecutive ones fold into one
// line until the user opens it. In a direct room nothing is folded, as the user opened it on
// purpose.

import { h, replace } from './dom.js';

export class Folded {
	#page;
	#room_id;
	#opened = new Set();		// ids shown all the same
	#blocked = '';

	constructor(page, room_id) {
		this.#page = page;
		this.#room_id = room_id;
		this.has_changed();
	}

	// Whether the set of blocked people has changed since the last call.
	has_changed() {
		const blocked = this.#page.store.people.contacts.filter((one) => one.blocked)
			.map(({ user }) => user.id).join();
		const is_news = blocked !== this.#blocked;

		this.#blocked = blocked;
		return is_news;
	}

	has({ id, sender }) {
		const { store } = this.#page;
		return this.#blocked !== '' && store.people.is_blocked(sender?.id)
			&& !this.#opened.has(id) && store.rooms.get(this.#room_id)?.kind !== 'direct';
	}

	open(ids) {
		for (const id of ids)
			this.#opened.add(id);
	}
}

// on_open(ids): show these messages.
export function update_folded(node, { ids }, { words }, on_open) {
	const open = () => on_open(ids);

	node.className = 'row-folded';
	replace(node, h('p', {}, words.t('timeline.folded', { count: ids.length }), ' ',
		h('button', { type: 'button', class: 'link', onclick: open },
			words.t('timeline.unfold'))));
}
