// to_mention.js -- the button to the next unread mention of me, above the one to the newest
// message.

import { h, say, set, show } from './dom.js';
import { show_error } from './toasts.js';

export class ToMention {
	#page;
	#room_id;
	#went_to = 0;		// seq of the mention it led to last
	#is_looking = false;
	#count = h('span', { class: 'badge', 'aria-hidden': 'true' });

	constructor(page, room_id) {
		this.#page = page;
		this.#room_id = room_id;
		this.node = h('button', {
			type: 'button', class: 'to-bottom to-mention', hidden: true,
			onclick: () => this.#go(),
		}, h('span', { 'aria-hidden': 'true' }, '@'), this.#count);
	}

	// is_at_end: everything is in sight.
	update(is_at_end) {
		const { words, store } = this.#page;
		const count = store.rooms.get(this.#room_id)?.me?.mentions ?? 0;

		show(this.node, count > 0 && !is_at_end);
		say(this.#count, count > 99 ? '99+' : String(count));
		set(this.node, 'aria-label', words.t('timeline.to_mention', { count }));
		set(this.node, 'title', words.t('timeline.to_mention', { count }));
	}

	async #go() {
		const { client, timeline, words } = this.#page;

		if (this.#is_looking)
			return;
		this.#is_looking = true;
		try {
			const seq = await client.mentions.next(this.#room_id, this.#went_to);
			this.#went_to = seq ?? 0;
			await (seq === null ? timeline.to_bottom() : timeline.show(seq));
		} catch (error) {
			show_error(words, error);
		}
		this.#is_looking = false;
	}
}
