// rooms.js -- the list of my rooms, and the ways to more of them.

import { open_account } from './account.js';
import { avatar, person_name, room_name } from './avatar.js';
import { h, keyed, once_a_frame, replace, set, show } from './dom.js';
import { icon } from './icons.js';
import { open_join, open_new } from './room_dialogs.js';
import { path_of } from './router.js';

// line: its dot stands under the heading.
export function make_rooms(page, line) {
	const { words, store } = page;
	const list = h('ul', { class: 'room-list', onkeydown: move_focus });
	const empty = h('div', { class: 'room-none' });
	const filter = h('input', {
		type: 'search',
		class: 'input filter',
		placeholder: words.t('rooms.filter'),
		'aria-label': words.t('rooms.filter'),
		oninput: () => render(),
	});
	const tool = (name, label, onclick) => h('button', {
		type: 'button', class: 'icon-button', onclick, 'aria-label': words.t(label),
		title: words.t(label),
	}, icon(name));
	const node = h('nav', { class: 'side', 'aria-label': words.t('rooms.title') },
		h('header', { class: 'side-head' },
			account_button(page),
			h('div', { class: 'side-title' },
				h('h1', {}, words.t('rooms.title')), line.dot),
			tool('enter', 'rooms.join', () => open_join(page)),
			tool('plus', 'rooms.new', () => open_new(page))),
		h('div', { class: 'side-filter' }, icon('search'), filter),
		h('div', { class: 'side-scroll' }, list, empty));

	const render = () => {
		const wanted = filter.value.trim().toLocaleLowerCase();
		const rooms = store.sorted_rooms.filter((room) =>
			room_name(room, words).toLocaleLowerCase().includes(wanted));
		keyed(list, rooms.map((room) => model_of(room, store)), {
			make: () => h('li', {}),
			update: (item, model, former) => update_row(item, model, former, words),
		});
		show_empty(rooms.length);
	};
	const show_empty = (count) => {
		show(list, count > 0);
		show(empty, count === 0);
		show(filter.parentNode, store.rooms.size > 5 || filter.value !== '');
		if (count > 0)
			return;
		if (!store.rooms_known)
			replace(empty, h('p', { class: 'muted' }, words.t('rooms.loading')));
		else if (store.rooms.size > 0)
			replace(empty, h('p', { class: 'muted' }, words.t('rooms.no_match')));
		else if (!empty.querySelector('button'))
			replace(empty, first_steps(page));
	};
	const later = once_a_frame(render);

	render();
	return {
		node,
		update(what) {
			if (what === 'rooms' || what === 'current')
				later();
		},
		end() {},
	};
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
		h('button', { type: 'button', class: 'button primary',
			onclick: () => open_new(page) }, words.t('rooms.new')),
		h('button', { type: 'button', class: 'button quiet',
			onclick: () => open_join(page) }, words.t('rooms.join')),
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
		mentions: room.me?.mentions ?? 0,
		is_current: room.id === store.current,
		is_mine: room.last_message?.sender?.id === store.user?.id,
		today: new Date().toDateString(),
	};
}

function update_row(item, model, former, words) {
	if (former && Object.keys(model).every((key) => model[key] === former[key]))
		return;
	const { room, message, unread } = model;
	const name = room_name(room, words);
	const time = message?.created_at ?? room.created_at;

	// the link stays, and with it the focus
	const link = item.firstChild ?? item.appendChild(h('a', { class: 'room-row' }));
	set(link, 'href', path_of(room.id));
	set(link, 'aria-current', model.is_current ? 'page' : null);
	replace(link,
		avatar(room.id, name),
		h('span', { class: 'room-name', dir: 'auto' },
			room.kind === 'group' ? null : kind_icon(room, words), name),
		time ? h('time', { class: 'room-time', datetime: time },
			words.when(new Date(time))) : null,
		h('span', { class: 'room-last', dir: 'auto' }, preview(model, words)),
		unread > 0 ? h('span', { class: 'badge' },
			h('span', { 'aria-hidden': 'true' }, unread > 999 ? '999+' : String(unread)),
			h('span', { class: 'unseen' }, words.t('rooms.unread', { count: unread }))) : null);
}

function kind_icon(room, words) {
	return room.kind === 'public'
		? h('span', { class: 'room-kind', title: words.t('rooms.kind.public') },
			icon('globe'))
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

export function text_of(message, words) {
	if (message.deleted_at)
		return words.t('message.deleted');
	if (message.text)
		return message.text.replace(/\s+/g, ' ').slice(0, 200);
	const key = `message.kind.${message.kind}`;
	return words.has(key) ? words.t(key) : '';
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
