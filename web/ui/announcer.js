// announcer.js -- announces new messages of the open room to screen readers: one polite live
// region, which batches what arrives together.

import { person_name } from './avatar.js';
import { h, keep_above_dialogs, replace } from './dom.js';
import { text_of } from './bubble.js';

const GATHER_MS = 1000;
// If more arrive at once, only their number is announced.
const READ = 3;

export class Announcer {
	#page;
	#room_id = null;
	#said = Infinity;	// seq up to which everything was announced, or need not be
	#timer = null;
	#let_go = null;

	constructor(page) {
		this.#page = page;
		this.node = h('div', { class: 'unseen', role: 'log', 'aria-live': 'polite' });
	}

	update(what, id) {
		const { store } = this.#page;

		// what was announced must not be announced again where it moves to
		this.#let_go ??= keep_above_dialogs(this.node, () => replace(this.node));
		if (store.current !== this.#room_id) {
			this.#room_id = store.current;
			this.#said = Infinity;
		}
		// history is not announced
		if (this.#said === Infinity)
			this.#said = this.#last;
		if (what === 'timeline' && id === this.#room_id)
			this.#timer ??= setTimeout(() => this.#look(), GATHER_MS);
	}

	end() {
		clearTimeout(this.#timer);
		this.#let_go?.();
		this.node.remove();
	}

	// Announces something else.
	tell(text) {
		this.node.append(h('p', {}, text));
	}

	get #last() {
		return this.#page.store.timelines.get(this.#room_id)?.last ?? Infinity;
	}

	#look() {
		const { words, store } = this.#page;
		const messages = store.timelines.get(this.#room_id)?.messages ?? [];
		const news = messages.filter(({ seq, sender, deleted_at }) =>
			seq > this.#said && sender?.id !== store.user?.id && !deleted_at
			&& !store.people.is_blocked(sender?.id));

		this.#timer = null;
		this.#said = this.#last;
		if (news.length === 0)
			return;
		replace(this.node, news.length > READ
			? h('p', {}, words.t('timeline.announce_many', { count: news.length }))
			: news.map((message) => h('p', {}, words.t('timeline.announce', {
				name: person_name(message.sender, words), text: text_of(message, words),
			}))));
	}
}
