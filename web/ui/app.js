// app.js -- the page as a whole: which of its views stand there, in which language, and
// who is told when the store changes.

import { Words } from '../core/words.js';
import { make_announcer } from './announcer.js';
import { room_name } from './avatar.js';
import { h, is_coarse, once_a_frame, replace } from './dom.js';
import { make_line } from './line.js';
import { make_login } from './login.js';
import { make_room } from './room.js';
import { make_rooms } from './rooms.js';
import { current_path } from './router.js';

// tables: language -> i18n table. on_language(language): it was switched.
export function make_app({ client, root, tables, language, on_language }) {
	const { store } = client;
	const page = { client, store, languages: Object.values(tables), set_language, words: null };
	let views = [];		// all that are told of changes
	let shell = null;	// {node, open}, once signed in

	function set_language(to) {
		page.words = new Words(tables[to]);
		document.documentElement.lang = to;
		build();
		on_language(to);
	}

	function clear() {
		for (const view of views)
			view.end();
		for (const dialog of document.querySelectorAll('dialog'))
			dialog.close();
		views = [];
		shell = null;
	}

	function build() {
		clear();
		if (store.user)
			build_shell();
		else {
			const login = make_login(page);
			views = [login];
			replace(root, login.node);
			// on a phone the keyboard would cover half of the page unasked
			if (!is_coarse())
				login.focus();
		}
		set_title();
	}

	function build_shell() {
		const line = make_line(page);
		const rooms = make_rooms(page, line);
		const announcer = make_announcer(page);
		const main = h('main', { class: 'main', id: 'main' });
		const node = h('div', { class: 'shell' }, rooms.node, main);
		let room = null;

		const open = () => {
			room?.end();
			views = views.filter((view) => view !== room);
			room = make_room(page, store.current);
			views.push(room);
			node.dataset.open = store.current ? 'room' : 'list';
			replace(main, line.bar, room.node);
		};
		const skip = h('button', {
			type: 'button', class: 'skip', onclick: () => room.focus(),
		}, page.words.t('app.skip'));

		views = [line, rooms, announcer];
		shell = { node, open, focus: () => room.focus() };
		open();
		replace(root, skip, node, announcer.node);
	}

	function set_title() {
		const { words } = page;
		const room = store.rooms.get(store.current);
		const name = words.t('app.name');
		const title = room ? `${room_name(room, words)} — ${name}` : name;
		document.title = store.unread > 0 ? `(${store.unread}) ${title}` : title;
	}

	function on_path() {
		const room_id = current_path();
		if (!store.user || room_id === store.current)
			return;
		const left = store.current;
		client.open_room(room_id);
		shell.open();
		if (room_id)
			shell.focus();
		else
			root.querySelector(`a[href$="${CSS.escape(left ?? '')}"]`)?.focus();
	}

	const title_later = once_a_frame(set_title);
	store.addEventListener('change', ({ detail: { what, room_id } }) => {
		if (what === 'user') {
			build();
			on_path();
			return;
		}
		for (const view of views)
			view.update(what, room_id);
		if (what === 'rooms' || what === 'current')
			title_later();
	});
	addEventListener('hashchange', on_path);
	set_language(language);
}
