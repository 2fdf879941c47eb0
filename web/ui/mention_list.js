// mention_list.js -- suggests members after an @, by username or name. Arrow keys choose,
// Enter or Tab inserts, Escape closes; the focus stays in the composer. Loaded with the first
// @.

import { avatar, person_name } from './avatar.js';
import { h, new_id, replace, set, show } from './dom.js';

const MOST = 6;
const BEGUN = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}_.-]{0,32})$/u;

export class MentionList {
	#page;
	#room_id;
	#input;
	#on_taken;
	#found = [];
	#at = 0;
	#left = null;		// position of an @ dismissed by Escape
	#asked = false;

	// on_taken(): the text in input was changed.
	constructor(page, room_id, input, on_taken) {
		this.#page = page;
		this.#room_id = room_id;
		this.#input = input;
		this.#on_taken = on_taken;
		this.node = h('ul', {
			class: 'mentions', id: new_id('mentions'), role: 'listbox', hidden: true,
			'aria-label': page.words.t('composer.mention'),
		});
		set(input, 'aria-controls', this.node.id);
		set(input, 'aria-autocomplete', 'list');
	}

	// Updates the suggestions after a change of the text.
	look() {
		const begun = this.#begun();

		if (begun === null || document.activeElement !== this.#input) {
			this.close();
			return;
		}
		if (this.#left === begun.start)
			return;
		this.#left = null;
		this.#ask();
		this.#found = this.#find(begun.word);
		this.#at = 0;
		this.#render();
	}

	close() {
		this.#found = [];
		this.#render();
	}

	// Returns whether the key was handled.
	on_key(event) {
		if (this.#found.length === 0)
			return false;
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step) {
			this.#at = (this.#at + step + this.#found.length) % this.#found.length;
			this.#render();
		} else if (event.key === 'Enter' || event.key === 'Tab') {
			this.#take(this.#found[this.#at]);
		} else if (event.key === 'Escape') {
			this.#left = this.#begun()?.start ?? null;
			this.close();
		} else {
			return false;
		}
		event.preventDefault();
		return true;
	}

	#begun() {
		const { value, selectionStart, selectionEnd } = this.#input;
		const found = selectionStart === selectionEnd
			? BEGUN.exec(value.slice(0, selectionStart)) : null;

		return found && { word: found[1], start: selectionStart - found[1].length };
	}

	// In a large room, reads all members at the first use.
	#ask() {
		const { store, client } = this.#page;

		if (this.#asked || store.members.is_whole(this.#room_id))
			return;
		this.#asked = true;
		client.company.all_members(this.#room_id).then(() => this.look(), () => {
			this.#asked = false;
		});
	}

	#find(word) {
		const { store, words } = this.#page;
		const wanted = word.toLocaleLowerCase();
		const rank = ({ user }) => {
			const name = person_name(user, words).toLocaleLowerCase();
			if (user.login.toLocaleLowerCase().startsWith(wanted))
				return 0;
			return name.split(/\s+/).some((part) => part.startsWith(wanted)) ? 1 : 2;
		};

		return store.members.of(this.#room_id)
			.filter(({ user }) => user.login && user.id !== store.user.id)
			.map((member) => ({ user: member.user, rank: rank(member) }))
			.filter((one) => one.rank < 2)
			.sort((a, b) => a.rank - b.rank || a.user.login.localeCompare(b.user.login))
			.slice(0, MOST)
			.map(({ user }) => user);
	}

	#take(user) {
		const { word, start } = this.#begun();

		this.#input.setRangeText(`${user.login} `, start, start + word.length, 'end');
		this.close();
		this.#on_taken();
	}

	#render() {
		const { words } = this.#page;
		const id = (at) => `${this.node.id}-${at}`;

		show(this.node, this.#found.length > 0);
		set(this.#input, 'aria-activedescendant',
			this.#found.length > 0 ? id(this.#at) : null);
		replace(this.node, this.#found.map((user, at) => {
			const name = person_name(user, words);
			return h('li', {
				id: id(at), role: 'option', 'aria-selected': String(at === this.#at),
				class: 'mention-option',
				// before the focus leaves the input
				onmousedown: (event) => {
					event.preventDefault();
					this.#take(user);
				},
			}, avatar(user.id, name, 'small', { url: user.avatar_url }),
			h('span', { class: 'mention-name', dir: 'auto' }, name),
			h('span', { class: 'muted' }, `@${user.login}`));
		}));
	}
}
