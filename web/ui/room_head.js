// room_head.js -- the head of the open room: its name, presence or member count, and buttons.

import { isolated } from '../core/words.js';
import { add_at_rest } from './at_rest.js';
import { avatar, room_name } from './avatar.js';
import { h, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';
import { comes_near, dialog_part } from './load.js';
import { status_text, typing_text } from './presence.js';
import { is_details, path_of, turn_details } from './router.js';

// Texts like "Last seen 5 minutes ago" are updated this often.
const AGAIN_MS = 30000;

const load_search = dialog_part(() => import('./search.js'), 'search.css');
export const load_details = dialog_part(() => import('./details.js'), 'details.css');
const load_invite = dialog_part(() => import('./room_invite.js'));

export class RoomHead {
	#page;
	#room_id;
	#face = h('span', { class: 'room-face' });
	#title = h('h1', { class: 'room-title', dir: 'auto', tabindex: -1 });
	#state = h('span', {});
	#description = h('span', { class: 'room-description' });
	#about = h('p', { class: 'room-about muted', dir: 'auto' }, this.#state, this.#description);
	#tools;
	#invite;
	#calls = null;
	#open;
	#shown = '';
	#has_ended = false;
	#timer = setInterval(() => this.update(), AGAIN_MS);

	constructor(page, room_id) {
		const { words } = page;

		this.#page = page;
		this.#room_id = room_id;
		this.#open = h('button', {
			type: 'button', class: 'icon-button', 'aria-expanded': 'false',
			'aria-label': words.t('room.more'), title: words.t('room.more'),
			onclick: () => this.turn_details(), ...comes_near(load_details),
		}, icon('more'));
		this.#invite = this.#tool('invite', 'room.invite', load_invite, ({ open_invite }) =>
			open_invite(page, this.#room));
		this.#tools = h('div', { class: 'room-tools' },
			this.#tool('search', 'search.title', load_search, ({ open_search }) =>
				open_search(page, room_id)),
			this.#invite, this.#open);
		this.node = h('header', { class: 'room-head' },
			h('a', { class: 'icon-button room-back', href: path_of(null),
				'aria-label': words.t('room.back') }, icon('back')),
			// the whole area is clickable by mouse; for everybody else there is a button
			h('div', { class: 'room-who', onclick: () => this.#room && this.turn_details() },
				this.#face, h('div', { class: 'room-names' }, this.#title, this.#about)),
			this.#tools);
		add_at_rest(page.client, () => import('./call_door.js'), () => this.#has_ended,
			({ call_tools }) => this.#add_calls(call_tools));
	}

	#add_calls(call_tools) {
		this.#calls = call_tools(this.#page, this.#room_id);
		this.#tools.prepend(this.#calls.node); // so that no other button moves
		this.#calls.update();
	}

	end() {
		this.#has_ended = true;
		clearInterval(this.#timer);
	}

	focus() {
		this.#title.focus();
	}

	focus_details() {
		this.#open.focus();
	}

	turn_details() {
		turn_details(this.#room_id);
	}

	update() {
		const { words, store } = this.#page;
		const room = this.#room;

		for (const node of [this.#tools, this.#face, this.#title, this.#about])
			show(node, Boolean(room));
		set(this.#open, 'aria-expanded', String(is_details()));
		if (!room)
			return;
		const peer = room.peer && (store.people.person(room.peer.id) ?? room.peer);
		const presence = peer ? store.people.presence(peer.id) : null;
		const name = room_name(peer ? { ...room, peer } : room, words);
		const url = peer ? peer.avatar_url : room.avatar_url;
		const face = [name, url, presence?.status].join('\n');

		this.#calls?.update();
		show(this.#invite, room.kind !== 'direct');
		if (face !== this.#shown)
			replace(this.#face, avatar(peer?.id ?? room.id, name, '', { url, presence }));
		this.#shown = face;
		say(this.#title, name);
		this.#say_about(room, presence);
	}

	get #room() {
		return this.#page.store.rooms.get(this.#room_id);
	}

	#say_about(room, presence) {
		const { words, store } = this.#page;
		const typing = typing_text(store.members.writing(room.id) ?? [], room.kind, this.#page);

		const is_described = !typing && room.kind !== 'direct' && room.description;

		this.#about.classList.toggle('typing', typing !== '');
		say(this.#state, typing || (room.kind === 'direct' ? status_text(presence, words)
			: words.t('rooms.members', { count: room.member_count ?? 1 })));
		say(this.#description, is_described ? ` · ${isolated(room.description)}` : '');
	}

	#tool(name, label, load, open) {
		const { words } = this.#page;
		return h('button', {
			type: 'button', class: 'icon-button', 'aria-label': words.t(label),
			title: words.t(label), onclick: async () => open(await load()),
			...comes_near(load),
		}, icon(name));
	}
}
