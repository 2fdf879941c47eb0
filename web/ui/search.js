// search.js -- searches messages by words, in this room or all of mine, and by sender; a hit
// leads to its message.

import { avatar, person_name, room_name } from './avatar.js';
import { open_dialog } from './dialog.js';
import { h, new_id, replace, show } from './dom.js';
import { text_of } from './bubble.js';
import { path_of } from './router.js';

const PAUSE_MS = 250;

// room_id: the open room, or null.
export function open_search(page, room_id) {
	const { words } = page;
	let search;

	const dialog = open_dialog({
		words,
		title: words.t('search.title'),
		class: 'tall search-dialog',
		content: (close) => {
			search = new Search(page, room_id, close);
			return search.nodes;
		},
	});
	dialog.addEventListener('close', () => search.end());
	search.focus();
}

class Search {
	#page;
	#room_id;
	#close;
	#turn = 0;
	#timer = null;
	#next = null;
	#words_field;
	#author_field;
	#here;
	#list = h('ul', { class: 'found hits' });
	#status = h('p', { class: 'muted', role: 'status' });
	#more;

	constructor(page, room_id, close) {
		const { words, store } = page;
		const room = store.rooms.get(room_id);
		const id = new_id('search');
		const look = () => this.#later();

		this.#page = page;
		this.#room_id = room_id;
		this.#close = close;
		this.#words_field = h('input', {
			type: 'search', class: 'input', 'aria-label': words.t('search.words'),
			placeholder: words.t('search.words'), oninput: look,
		});
		this.#author_field = h('input', {
			type: 'text', class: 'input', 'aria-label': words.t('search.author'),
			placeholder: words.t('search.author'), oninput: look, list: id,
			autocomplete: 'off',
		});
		this.#here = h('input', { type: 'checkbox', onchange: look });
		this.#here.checked = Boolean(room);
		this.#more = h('button', {
			type: 'button', class: 'button quiet', hidden: true,
			onclick: () => this.#look(this.#next),
		}, words.t('search.more'));
		this.nodes = [
			h('div', { class: 'search-fields' }, this.#words_field, this.#author_field,
				h('datalist', { id }, (room ? store.members.of(room_id) : []).map(({ user }) =>
					h('option', { value: user.login }, person_name(user, words))))),
			room ? h('label', { class: 'search-here' }, this.#here,
				h('span', { dir: 'auto' },
					words.t('search.here', { name: room_name(room, words) }))) : null,
			this.#status, this.#list, this.#more,
		];
	}

	focus() {
		this.#words_field.focus();
	}

	end() {
		clearTimeout(this.#timer);
		this.#turn++;
	}

	#later() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#look(), PAUSE_MS);
	}

	async #look(cursor = null) {
		const { client, words } = this.#page;
		const turn = ++this.#turn;
		const q = this.#words_field.value.trim();

		// what was found before stays until there is something else
		if (cursor === null)
			show(this.#more, false);
		replace(this.#status, q ? words.t('search.looking') : '');
		if (!q) {
			replace(this.#list);
			return;
		}
		try {
			const { items, next } = await client.acts.search({
				q, author: this.#author_field.value.trim().replace(/^@/, ''), cursor,
				room_id: this.#here.checked ? this.#room_id : null, limit: 30,
			});
			if (turn !== this.#turn)
				return;
			if (cursor === null)
				replace(this.#list);
			this.#show(items, next);
		} catch (error) {
			if (turn !== this.#turn)
				return;
			if (cursor === null)
				replace(this.#list);
			replace(this.#status, this.#told_by(error));
		}
	}

	// A query that cannot match anything finds nothing; only one that is too long is an
	// error.
	#told_by(error) {
		const { words } = this.#page;
		const fault = error.at('q');

		if (error.code !== 'invalid')
			return words.error(error);
		return fault?.code === 'too_long' ? words.field_error(fault) : words.t('search.none');
	}

	#show(items, next) {
		const { words } = this.#page;

		const hits = items.map((message) => this.#hit(message));
		this.#list.append(...hits);
		this.#next = next;
		// focus the first hit of the new page
		if (document.activeElement === this.#more)
			(hits[0]?.firstChild ?? this.#words_field).focus();
		show(this.#more, next !== null);
		const count = this.#list.children.length;
		replace(this.#status, count > 0 ? words.t('search.found', { count })
			: next === null ? words.t('search.none') : words.t('search.none_yet'));
	}

	#hit(message) {
		const { words, store } = this.#page;
		const name = person_name(message.sender, words);
		const room = store.rooms.get(message.room_id);
		const time = new Date(message.created_at);

		return h('li', {}, h('a', {
			class: 'hit', href: `${path_of(message.room_id)}/${message.seq}`,
			onclick: ({ currentTarget }) => {
				this.#close();
				// a URL that is unchanged fires no event
				if (currentTarget.hash === location.hash)
					dispatchEvent(new HashChangeEvent('hashchange'));
			},
		}, avatar(message.sender?.id ?? '', name, 'small', { url: message.sender?.avatar_url }),
		h('span', { class: 'hit-head' },
			h('b', { dir: 'auto' }, name),
			room && !this.#here.checked
				? h('span', { class: 'muted', dir: 'auto' }, room_name(room, words)) : null,
			h('time', { class: 'muted', datetime: message.created_at,
				title: words.exactly(time) }, words.when(time))),
		h('span', { class: 'hit-text', dir: 'auto' }, text_of(message, words))));
	}
}
