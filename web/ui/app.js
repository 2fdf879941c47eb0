// app.js -- the page as a whole: which of its views stand there, in which language, and
// who is told when the store changes.

import { Words, locale_of } from '../core/words.js';
import { Announcer } from './announcer.js';
import { room_name } from './avatar.js';
import { CallDoor } from './call_door.js';
import { h, is_coarse, replace } from './dom.js';
import { Line } from './line.js';
import { follow_invitation, open_link, take_link } from './link.js';
import { Login } from './login.js';
import { Room } from './room.js';
import { Rooms } from './rooms.js';
import { current_path, current_seq } from './router.js';

const TITLE_MS = 50;

// A view: {node, update(what, room_id), end()}. What it needs is in the page that it is
// given: {client, store, words, languages, set_language, invite, announce}.
export class App {
	#page;
	#root;
	#languages;
	#on_language;
	#views = [];		// all that are told of changes
	#shell = null;		// {node, main, line, room}, while somebody is signed in
	#notify = null;		// notify.js, once somebody is signed in
	#title_due = null;

	// languages: by their tags, {language, name, load() -> the module of its words}. table:
	// the words to begin with. on_language(language): it was switched.
	constructor({ client, root, languages, table, on_language }) {
		const { store } = client;

		this.#root = root;
		this.#languages = languages;
		this.#on_language = on_language;
		this.#page = {
			client, store, words: null, invite: '', languages: Object.values(languages),
			set_language: (to) => this.#set_language(to), announce: () => {},
		};
		store.addEventListener('change', ({ detail }) => this.#on_change(detail));
		addEventListener('keydown', (event) => this.#on_key(event));
		addEventListener('hashchange', () => this.#on_link() || this.#on_path());
		this.#speak(table);
		this.#on_link();
		this.#load_worker();
	}

	// Once all else is there: nothing of this page depends on it.
	#load_worker() {
		const load = async () => {
			const { start_worker } = await import('./worker.js');
			start_worker(this.#page);
		};

		if (document.readyState === 'complete')
			load();
		else
			addEventListener('load', load);
	}

	async #set_language(to) {
		this.#speak((await this.#languages[to].load()).default);
		this.#on_language(to);
	}

	#speak(table) {
		const { language } = table;

		this.#page.words = new Words(table, {
			locale: locale_of(language, navigator.languages),
			nickname: (id) => this.#page.store.people.nickname(id),
		});
		document.documentElement.lang = language;
		this.#build();
	}

	// A link with a secret, opened with the page or in a page that was there.
	#on_link() {
		const link = take_link();

		if (link?.what === 'register') {
			this.#page.invite = link.secret;
			if (!this.#page.store.user)
				this.#build();
		} else if (link?.what === 'join') {
			this.#page.client.invited(link.secret);
			if (this.#page.store.user)
				follow_invitation(this.#page);
			else
				this.#build();
		} else if (link) {
			open_link(this.#page, link);
		}
		return link !== null;
	}

	#on_change({ what, room_id }) {
		if (what === 'user') {
			this.#build();
			this.#on_path();
			if (this.#page.store.user)
				follow_invitation(this.#page);
			this.#load_notify();
			return;
		}
		for (const view of this.#views)
			view.update(what, room_id);
		if (what === 'rooms' || what === 'current')
			this.#title_later();
		this.#notify?.update(what);
	}

	#build() {
		for (const view of this.#views)
			view.end();
		for (const dialog of document.querySelectorAll('dialog'))
			dialog.close();
		this.#shell = null;
		if (this.#page.store.user)
			this.#build_shell();
		else
			this.#build_login();
		this.#set_title();
	}

	// Nobody waits for it: what comes first is news a moment later.
	async #load_notify() {
		if (!this.#notify && this.#page.store.user) {
			const { Notify } = await import('./notify.js');
			this.#notify ??= new Notify(this.#page);
		}
		this.#notify?.update('user');
	}

	#build_login() {
		const login = new Login(this.#page);

		this.#views = [login];
		replace(this.#root, login.node);
		// on a phone the keyboard would cover half of the page unasked
		if (!is_coarse())
			login.focus();
	}

	#build_shell() {
		const page = this.#page;
		const line = new Line(page);
		const rooms = new Rooms(page, line);
		const announcer = new Announcer(page);
		const calls = new CallDoor(page);
		const main = h('main', { class: 'main' });
		const node = h('div', { class: 'shell' }, rooms.node, main, calls.node);

		page.announce = (text) => announcer.tell(text);
		this.#views = [line, rooms, announcer, calls];
		this.#shell = { node, main, line, room: null };
		this.#open_room();
		replace(this.#root, h('button', {
			type: 'button', class: 'skip', onclick: () => this.#shell.room.focus(),
		}, page.words.t('app.skip')), node, announcer.node);
	}

	#open_room() {
		const { node, main, line, room: former } = this.#shell;
		const { current } = this.#page.store;
		const room = new Room(this.#page, current);

		former?.end();
		this.#views = [...this.#views.filter((view) => view !== former), room];
		this.#shell.room = room;
		node.dataset.open = current ? 'room' : 'list';
		replace(main, line.bar, room.node);
	}

	#on_path() {
		const { client, store } = this.#page;
		const room_id = current_path();
		const left = store.current;

		if (!store.user)
			return;
		if (room_id === left) {
			this.#shell?.room.turn_details();
		} else {
			for (const dialog of document.querySelectorAll('dialog'))
				dialog.close();
			client.open_room(room_id);
			this.#open_room();
			if (room_id)
				this.#shell.room.focus();
			else
				(this.#root.querySelector(`a[href$="${CSS.escape(left)}"]`)
					?? this.#root.querySelector('.filter'))?.focus();
		}
		if (current_seq() !== null)
			this.#shell.room.show(current_seq());
	}

	// Ctrl+Shift+F: find messages. F6: to the next part of the page.
	async #on_key(event) {
		const { code, shiftKey, ctrlKey, metaKey, altKey } = event;
		const is_search = code === 'KeyF' && shiftKey && (ctrlKey || metaKey);
		const is_next = code === 'F6' && !ctrlKey && !metaKey && !altKey;

		if (!(is_search || is_next) || !this.#shell || document.querySelector('dialog[open]'))
			return;
		event.preventDefault();
		if (is_next)
			(await import('./panes.js')).go_to_pane(shiftKey ? -1 : 1);
		else
			(await import('./search.js')).open_search(this.#page, this.#page.store.current);
	}

	// Not with the next frame: a page that nobody looks at has none.
	#title_later() {
		this.#title_due ??= setTimeout(() => {
			this.#title_due = null;
			this.#set_title();
		}, TITLE_MS);
	}

	#set_title() {
		const { words, store } = this.#page;
		const room = store.rooms.get(store.current);
		const name = words.t('app.name');
		const title = room ? `${room_name(room, words)} — ${name}` : name;

		document.title = store.unread > 0 ? `(${store.unread}) ${title}` : title;
	}
}
