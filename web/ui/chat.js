// chat.js -- the chat: the list of rooms, the open room, calls and the connection status; and
// navigation between rooms.

import { isolated } from '../core/words.js';
import { add_at_rest } from './at_rest.js';
import { room_name } from './avatar.js';
import { h, next_task, replace } from './dom.js';
import { Line } from './line.js';
import { dialog_part } from './load.js';
import { Room } from './room.js';
import { Rooms } from './rooms.js';
import { current_path, current_seq } from './router.js';

const load_search = dialog_part(() => import('./search.js'), 'search.css');

const TITLE_MS = 50;

// A view: {node, update(what, room_id), end()}.
export class Chat {
	#page;
	#views;			// all views that are told of changes
	#node;
	#main = h('main', { class: 'main' });
	#line;
	#rooms;
	#room = null;		// null until arrive()
	#has_ended = false;
	#title_due = null;
	#on_key = (event) => this.#on_shortcut(event);

	constructor(page) {
		this.#page = page;
		this.#line = new Line(page);
		this.#rooms = new Rooms(page, this.#line);
		this.#views = [this.#line, this.#rooms];
		this.#node = h('div', { class: 'shell' }, this.#rooms.node, this.#main);
		this.#node.dataset.open = page.store.current ? 'room' : 'list';
		this.nodes = [
			h('button', {
				type: 'button', class: 'skip', onclick: () => this.#room?.focus(),
			}, page.words.t('app.skip')),
			this.#node,
		];
		this.#set_title();
		document.addEventListener('keydown', this.#on_key);
		this.#add_unseen();
	}

	// Adds what nobody sees or hears at first, when the page is idle.
	#add_unseen() {
		const add = (get, make, parent) => add_at_rest(this.#page.client, get,
			() => this.#has_ended, (loaded) => {
				const view = make(loaded);
				this.#views.push(view);
				parent().append(view.node);
				view.update('current');
				return view;
			});
		const announcer = add(() => import('./announcer.js'),
			({ Announcer }) => new Announcer(this.#page), () => this.#node.parentNode);

		add(() => import('./call_door.js'), ({ CallDoor }) => new CallDoor(this.#page),
			() => this.#node);
		this.#page.announce = async (text) => (await announcer)?.tell(text);
	}

	// The node is on the page now. Fills it step by step: all at once would block a slow
	// phone from drawing and responding.
	async arrive(is_new) {
		const steps = [
			() => this.#open_room(),
			() => this.#room.begin(),
			() => this.#rooms.begin(),
			() => this.#go_on(is_new),
		];

		for (const step of steps) {
			if (is_new)
				await next_task();
			// signed out, or switched to another language
			if (this.#has_ended)
				return;
			step();
		}
	}

	#go_on(is_new) {
		const { current } = this.#page.store;

		if (current_path() !== current) {
			this.go();	// the URL changed while this was loading
		} else if (is_new) {
			if (current)
				this.#room.focus();
			this.#show_wanted();
		}
	}

	update(what, room_id) {
		for (const view of this.#views)
			view.update(what, room_id);
		if (what === 'rooms' || what === 'current')
			this.#title_later();
	}

	end() {
		this.#has_ended = true;
		for (const view of this.#views)
			view.end();
		clearTimeout(this.#title_due);
		document.removeEventListener('keydown', this.#on_key);
	}

	// The URL has changed.
	go() {
		const { client, store } = this.#page;
		const room_id = current_path();
		const left = store.current;

		// not ready: arrive() reads the URL
		if (!this.#room)
			return;
		if (room_id === left) {
			this.#room.turn_details();
		} else {
			for (const dialog of document.querySelectorAll('dialog'))
				dialog.close();
			client.open_room(room_id);
			this.#open_room();
			this.#room.begin();
			if (room_id)
				this.#room.focus();
			else
				this.#focus_list(left);
		}
		this.#show_wanted();
	}

	// Focuses the room that was left, unless it is about to leave the list.
	#focus_list(left) {
		const row = this.#page.store.rooms.has(left)
			? this.#node.querySelector(`a[href$="${CSS.escape(left)}"]`) : null;

		(row ?? this.#node.querySelector('.filter'))?.focus();
	}

	#open_room() {
		const former = this.#room;
		const { current } = this.#page.store;

		this.#room = new Room(this.#page, current);
		former?.end();
		this.#views = [...this.#views.filter((view) => view !== former), this.#room];
		this.#node.dataset.open = current ? 'room' : 'list';
		replace(this.#main, this.#line.bar, this.#room.node);
	}

	// Goes to the message in the URL.
	#show_wanted() {
		if (current_seq() !== null)
			this.#room.show(current_seq());
	}

	// Ctrl+Shift+F: search messages. F6: to the next pane.
	async #on_shortcut(event) {
		const { code, shiftKey, ctrlKey, metaKey, altKey } = event;
		const is_search = code === 'KeyF' && shiftKey && (ctrlKey || metaKey);
		const is_next = code === 'F6' && !ctrlKey && !metaKey && !altKey;

		if (!(is_search || is_next) || document.querySelector('dialog[open]'))
			return;
		event.preventDefault();
		if (is_next) {
			(await import('./panes.js')).go_to_pane(shiftKey ? -1 : 1);
			return;
		}
		const { open_search } = await load_search();
		open_search(this.#page, this.#page.store.current);
	}

	// Not in the next frame: hidden pages have none.
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
		const title = room ? `${isolated(room_name(room, words))} — ${name}` : name;

		document.title = store.unread > 0 ? `(${store.unread}) ${title}` : title;
	}
}
