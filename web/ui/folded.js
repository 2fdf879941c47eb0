// folded.js -- messages of people whom I block, in rooms that we share: one line for those
// in a row, until somebody wants to see them. Between two nothing is folded: that is why
// one opened the room.

import { h, replace } from './dom.js';

export class Folded {
	#page;
	#room_id;
	#opened = new Set();		// ids that are shown all the same
	#blocked = '';

	constructor(page, room_id) {
		this.#page = page;
		this.#room_id = room_id;
		this.has_changed();
	}

	// Whether I block others than when this was asked last.
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

// on_open(ids): they are to be seen.
export function update_folded(node, { ids }, { words }, on_open) {
	const open = () => on_open(ids);

	node.className = 'row-folded';
	replace(node, h('p', {}, words.t('timeline.folded', { count: ids.length }), ' ',
		h('button', { type: 'button', class: 'link', onclick: open },
			words.t('timeline.unfold'))));
}
