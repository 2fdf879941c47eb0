// picker.js -- chooses people: a search, its results, and those chosen.

import { person_name } from './avatar.js';
import { h, keep_focus, replace, show } from './dom.js';
import { icon } from './icons.js';
import { Pages, search_field } from './pages.js';
import { pick_person } from './picks.js';

export class Picker {
	#page;
	#chosen = new Map();		// id -> user
	#chips = h('ul', { class: 'chips', hidden: true });
	#error = h('p', { class: 'field-error', role: 'alert', hidden: true });
	#list;
	#search;
	#wanted = '';
	#without;
	#on_change;

	// label: of the search. without(user_id): excluded people. on_change(count).
	constructor(page, { label, without = () => false, on_change = () => {}, first }) {
		const { words } = page;

		this.#page = page;
		this.#without = without;
		this.#on_change = on_change;
		this.#list = new Pages({
			words,
			ask: (cursor) => this.#ask(cursor),
			row: (user) => this.#row(user),
			none: words.t('people.nobody'),
			props: { 'aria-label': label },
		});
		this.#search = search_field({ label, first, on_text: (text) => {
			this.#wanted = text;
			this.#list.restart();
		} });
		this.node = h('div', { class: 'picker', role: 'group', 'aria-label': label },
			this.#chips,
			this.#search,
			this.#error, this.#list.node);
		this.#list.restart();
	}

	get ids() {
		return [...this.#chosen.keys()];
	}

	// Shows the server's errors about chosen people, given by position; returns whether there
	// were any.
	fail(error) {
		const { words } = this.#page;
		const place = /^member_ids\[(\d+)\]$/;
		const faults = (error.errors ?? []).filter(({ field }) =>
			field === 'member_ids' || place.test(field));
		const text = faults.map((fault) => {
			const user = [...this.#chosen.values()][place.exec(fault.field)?.[1]];
			return user
				? words.t('people.cannot_come', { name: person_name(user, words) })
				: words.field_error(fault);
		}).join(' ');

		replace(this.#error, icon('warning'), text);
		show(this.#error, text !== '');
		return text !== '';
	}

	// My contacts until something is typed.
	async #ask(cursor) {
		const { client, store } = this.#page;

		// they may not be loaded yet
		if (!this.#wanted && !store.people.contacts_known)
			await client.contacts.read().catch(() => {});
		const others = (list) => list.filter((user) =>
			user.id !== store.user.id && !this.#without(user.id));
		const mine = others(store.people.contacts.filter(({ blocked }) => !blocked)
			.map(({ user }) => user));

		if (!this.#wanted && mine.length > 0)
			return { items: mine, next: null };
		const { items, next } = await client.contacts.find(
			this.#wanted.replace(/^@/, ''), cursor);
		return { items: others(items), next };
	}

	#row(user) {
		const row = pick_person(user, this.#page, { act: () => this.#turn(user, row) });

		row.setAttribute('aria-pressed', String(this.#chosen.has(user.id)));
		return row;
	}

	#turn(user, row) {
		const is_in = !this.#chosen.delete(user.id);

		if (is_in)
			this.#chosen.set(user.id, user);
		row.setAttribute('aria-pressed', String(is_in));
		this.#render();
	}

	#render() {
		show(this.#error, false);
		keep_focus(this.#chips, () => replace(this.#chips,
			[...this.#chosen.values()].map((user) => this.#chip(user))),
		this.#search.querySelector('input'));
		show(this.#chips, this.#chosen.size > 0);
		this.#on_change(this.#chosen.size);
	}

	#chip(user) {
		const name = person_name(user, this.#page.words);

		return h('li', {}, h('button', {
			type: 'button', class: 'chip', onclick: () => {
				this.#chosen.delete(user.id);
				this.#list.restart();
				this.#render();
			},
			'aria-label': this.#page.words.t('people.unpick', { name }),
		}, h('span', { dir: 'auto' }, name), icon('close')));
	}
}
