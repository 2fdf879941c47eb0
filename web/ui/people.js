// people.js -- my contacts, and a search for anybody else: to message or view.

import { person_name } from './avatar.js';
import { open_dialog } from './dialog.js';
import { h, keyed, replace, show } from './dom.js';
import { icon } from './icons.js';
import { Pages, search_field } from './pages.js';
import { pick_person, renew } from './picks.js';
import { open_add_contact, open_profile } from './profile.js';
import { watch } from './watch.js';

export function open_people(page) {
	const { words, store, client } = page;
	let people;
	const dialog = open_dialog({
		words,
		title: words.t('people.title'),
		class: 'tall',
		content: () => {
			people = new People(page);
			return people.node;
		},
	});

	client.contacts.refresh();
	watch(dialog, store, ['people'], () => people.update());
}

class People {
	#page;
	#mine = h('div', { class: 'people-mine' });
	#list = h('ul', { class: 'pages-list' });
	#others;
	#wanted = '';

	constructor(page) {
		const { words, client, store } = page;

		this.#page = page;
		this.#others = new Pages({
			words,
			ask: async (cursor) => {
				const { items, next } = await client.contacts.find(
					this.#wanted.replace(/^@/, ''), cursor);
				return { next, items: items.filter(({ id }) => id !== store.user.id) };
			},
			row: (user) => this.#row(user),
			none: words.t('people.nobody'),
			props: { 'aria-label': words.t('find.people') },
		});
		this.node = h('div', { class: 'people' },
			search_field({
				label: words.t('people.search'), first: true,
				on_text: (text) => this.#find(text),
			}),
			this.#mine, this.#others.node,
			h('div', { class: 'dialog-actions' }, h('button', {
				type: 'button', class: 'button quiet',
				onclick: () => open_add_contact(page),
			}, icon('plus'), words.t('people.add_by_login'))));
		this.#find('');
	}

	update() {
		if (!this.#wanted)
			this.#render_mine();
	}

	#find(text) {
		this.#wanted = text;
		show(this.#mine, text === '');
		show(this.#others.node, text !== '');
		if (text)
			this.#others.restart();
		else
			this.#render_mine();
	}

	#row(user, hint) {
		return pick_person(user, this.#page, {
			hint, act: () => open_profile(this.#page, user.id),
		});
	}

	#render_mine() {
		const { words, store } = this.#page;
		const { people } = store;
		const order = new Intl.Collator(words.language, { numeric: true });
		const contacts = people.contacts.sort((a, b) =>
			order.compare(person_name(a.user, words), person_name(b.user, words)));
		const group = (heading, list) => list.length > 0
			? [{ key: heading, heading }, ...list.map(({ user }) => ({ key: user.id, user }))]
			: [];

		if (!people.contacts_known)
			replace(this.#mine, h('p', { class: 'loading', role: 'status' },
				h('span', { class: 'spinner' }), words.t('pages.loading')));
		else if (contacts.length === 0)
			replace(this.#mine, h('div', { class: 'nothing' },
				h('span', { class: 'round' }, icon('people')),
				h('h3', {}, words.t('people.none')),
				h('p', { class: 'muted' }, words.t('people.none_hint'))));
		else
			this.#render_groups([
				...group('people.contacts', contacts.filter(({ blocked }) => !blocked)),
				...group('people.blocked', contacts.filter(({ blocked }) => blocked)),
			]);
	}

	#render_groups(models) {
		const { words } = this.#page;

		if (!this.#mine.contains(this.#list))
			replace(this.#mine, this.#list);
		keyed(this.#list, models, {
			make: ({ heading }) => h('li', { class: heading ? 'members-group' : '' }),
			update: (item, { heading, user }) => {
				if (heading)
					replace(item, h('h3', {}, words.t(heading)));
				else
					renew(item, this.#row(user));
			},
		});
	}
}
