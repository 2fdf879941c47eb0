// finder.js -- results of the list's search besides my rooms: people, public rooms, and the
// room of a pasted link or ID.

import { entry_of } from '../core/entry.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { pick, pick_person, pick_room } from './picks.js';
import { go_to } from './router.js';

// Between the last keystroke and the request.
const WAIT_MS = 250;
const MOST = 8;

export class Finder {
	#page;
	#node;
	#on_enter;
	#turn = 0;		// discards answers to former queries
	#timer = null;

	// node: where the results are shown. on_enter(): a result was chosen.
	constructor(page, { node, on_enter }) {
		this.#page = page;
		this.#node = node;
		this.#on_enter = on_enter;
	}

	end() {
		clearTimeout(this.#timer);
		this.#turn++;
	}

	find(text) {
		this.end();
		if (!text) {
			replace(this.#node);
			return;
		}
		const pasted = this.#pasted(text);
		if (pasted) {
			replace(this.#node, pasted);
			return;
		}
		if (!this.#node.firstChild)
			replace(this.#node, this.#waiting());
		this.#timer = setTimeout(() => this.#ask(text), WAIT_MS);
	}

	#waiting() {
		return h('p', { class: 'loading', role: 'status' }, h('span', { class: 'spinner' }),
			this.#page.words.t('find.searching'));
	}

	// An invitation, or a room by its link or ID.
	#pasted(text) {
		const { words, client } = this.#page;
		const { code, id } = entry_of(text) ?? {};

		if (!code && !id)
			return null;
		return this.#section('find.link', [pick({
			face: h('span', { class: 'round small' }, icon('link')),
			name: words.t(code ? 'find.follow_invite' : 'find.open_link'),
			hint: code ?? id,
			act: () => this.#choose(async () =>
				code ? client.join_invited(code) : { id }),
		})]);
	}

	async #ask(text) {
		const { client, store, words } = this.#page;
		const turn = ++this.#turn;
		const [people, rooms] = await Promise.allSettled([
			client.contacts.find(text.replace(/^@/, '')), client.find_public(text),
		]);

		if (turn !== this.#turn)
			return;
		const items = (answer) => answer.value?.items ?? [];
		const others = items(people).filter((user) => user.id !== store.user.id);
		const strange = items(rooms).filter((room) => !store.rooms.has(room.id));
		// a closed directory is no failure
		const failed = [people, rooms].find((answer) => answer.reason?.transient);

		replace(this.#node,
			failed ? h('p', { class: 'form-error', role: 'alert' }, icon('warning'),
				words.error(failed.reason)) : null,
			this.#section('find.people', others.slice(0, MOST).map((user) =>
				pick_person(user, this.#page, { act: () => this.#choose(() =>
					client.create_room({ kind: 'direct', user_id: user.id })) }))),
			this.#section('find.public', strange.slice(0, MOST).map((room) =>
				pick_room(room, this.#page, { act: () => this.#choose(async () => room) }))),
			failed || others.length + strange.length > 0 ? null
				: this.#nothing());
	}

	#nothing() {
		const { words } = this.#page;
		return h('p', { class: 'room-none muted', role: 'status' }, words.t('find.nothing'));
	}

	#section(label, rows) {
		return rows.length > 0 ? h('section', { class: 'finder-section' },
			h('h2', {}, this.#page.words.t(label)), rows) : null;
	}

	async #choose(enter) {
		try {
			const room = await enter();
			this.#on_enter();
			go_to(room.id);
		} catch (error) {
			const { words } = this.#page;
			this.#node.querySelector('.form-error')?.remove();
			this.#node.prepend(h('p', { class: 'form-error', role: 'alert' },
				icon('warning'), error.status === 404
					? words.t('link.join_gone') : words.error(error)));
		}
	}
}
