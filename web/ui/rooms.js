// rooms.js -- the list of my rooms, and the ways to more of them.

import { open_account } from './account.js';
import { avatar, person_name, room_name } from './avatar.js';
import { h, keyed, once_a_frame, replace, set, show } from './dom.js';
import { icon } from './icons.js';
import { text_of } from './message.js';
import { open_join, open_new } from './room_dialogs.js';
import { path_of } from './router.js';

// With fewer there is nothing to look for.
const WORTH_FILTERING = 6;

export class Rooms {
	#page;
	#list = h('ul', { class: 'room-list', onkeydown: move_focus });
	#none = h('div', { class: 'room-none' });
	#filter;
	#later = once_a_frame(() => this.#render());

	// line: its dot stands under the heading.
	constructor(page, line) {
		const { words } = page;

		this.#page = page;
		this.#filter = h('input', {
			type: 'search', class: 'input filter', placeholder: words.t('rooms.filter'),
			'aria-label': words.t('rooms.filter'), oninput: () => this.#render(),
		});
		const tool = (name, label, open) => h('button', {
			type: 'button', class: 'icon-button', onclick: () => open(page),
			'aria-label': words.t(label), title: words.t(label),
		}, icon(name));
		this.node = h('nav', { class: 'side', 'aria-label': words.t('rooms.title') },
			h('header', { class: 'side-head' },
				account_button(page),
				h('div', { class: 'side-title' },
					h('h1', {}, words.t('rooms.title')), line.dot),
				tool('enter', 'rooms.join', open_join),
				tool('plus', 'rooms.new', open_new)),
			h('div', { class: 'side-filter' }, icon('search'), this.#filter),
			h('div', { class: 'side-scroll' }, this.#list, this.#none));
		this.#render();
	}

	update(what) {
		if (what === 'rooms' || what === 'current')
			this.#later();
	}

	end() {}

	#render() {
		const { words, store } = this.#page;
		const wanted = this.#filter.value.trim().toLocaleLowerCase();
		const rooms = store.sorted_rooms.filter((room) =>
			room_name(room, words).toLocaleLowerCase().includes(wanted));

		keyed(this.#list, rooms.map((room) => model_of(room, store)), {
			make: () => h('li', {}),
			update: (item, model, former) => update_row(item, model, former, words),
		});
		show(this.#list, rooms.length > 0);
		show(this.#none, rooms.length === 0);
		show(this.#filter.parentNode,
			store.rooms.size >= WORTH_FILTERING || wanted !== '');
		if (rooms.length === 0)
			this.#render_none();
	}

	#render_none() {
		const { words, store } = this.#page;

		if (!store.rooms_known)
			replace(this.#none, h('p', { class: 'muted' }, words.t('rooms.loading')));
		else if (store.rooms.size > 0)
			replace(this.#none, h('p', { class: 'muted' }, words.t('rooms.no_match')));
		else if (!this.#none.querySelector('button'))
			replace(this.#none, first_steps(this.#page));
	}
}

function account_button(page) {
	const { words, store } = page;
	const name = person_name(store.user, words);
	const label = words.t('account.open', { name });

	return h('button', {
		type: 'button', class: 'account-button', onclick: () => open_account(page),
		'aria-label': label, title: label,
	}, avatar(store.user.id, name, 'small'));
}

function first_steps(page) {
	const { words } = page;

	return [
		h('span', { class: 'round' }, icon('talk')),
		h('h2', {}, words.t('rooms.none')),
		h('p', { class: 'muted' }, words.t('rooms.none_hint')),
		h('button', {
			type: 'button', class: 'button primary', onclick: () => open_new(page),
		}, words.t('rooms.new')),
		h('button', {
			type: 'button', class: 'button quiet', onclick: () => open_join(page),
		}, words.t('rooms.join')),
	];
}

// What a row depends on: rows whose model is the same are left alone.
function model_of(room, store) {
	return {
		key: room.id,
		room,
		name: room.name,
		message: room.last_message,
		unread: room.me?.unread ?? 0,
		is_current: room.id === store.current,
		is_mine: room.last_message?.sender?.id === store.user?.id,
		today: new Date().toDateString(),
	};
}

function update_row(item, model, former, words) {
	if (former && Object.keys(model).every((key) => model[key] === former[key]))
		return;
	const { room, message } = model;
	const name = room_name(room, words);
	const time = message?.created_at ?? room.created_at;

	// the link stays, and with it the focus
	const link = item.firstChild ?? item.appendChild(h('a', { class: 'room-row' }));
	set(link, 'href', path_of(room.id));
	set(link, 'aria-current', model.is_current ? 'page' : null);
	replace(link,
		avatar(room.id, name),
		h('span', { class: 'room-name', dir: 'auto' }, public_mark(room, words), name),
		time ? h('time', { class: 'room-time', datetime: time },
			words.when(new Date(time))) : null,
		h('span', { class: 'room-last', dir: 'auto' }, preview(model, words)),
		badge(model.unread, words));
}

function public_mark(room, words) {
	return room.kind === 'public'
		? h('span', { class: 'room-kind', title: words.t('rooms.kind.public') },
			icon('globe'))
		: null;
}

function badge(count, words) {
	return count > 0
		? h('span', { class: 'badge' },
			h('span', { 'aria-hidden': 'true' }, count > 999 ? '999+' : String(count)),
			h('span', { class: 'unseen' }, words.t('rooms.unread', { count })))
		: null;
}

function preview({ room, message, is_mine }, words) {
	if (!message)
		return words.t('rooms.empty');
	const text = text_of(message, words);
	if (is_mine)
		return words.t('rooms.you', { text });
	return room.kind === 'direct'
		? text
		: words.t('rooms.by', { name: person_name(message.sender, words), text });
}

// Up and down go from room to room.
function move_focus(event) {
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	if (!step)
		return;
	const links = [...event.currentTarget.querySelectorAll('a')];
	const at = links.indexOf(document.activeElement);
	links[at + step]?.focus();
	event.preventDefault();
}
