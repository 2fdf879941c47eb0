// room.js -- the open room: its head, its timeline, and where one writes; or why it
// cannot be shown.

import { drop_zone } from './attach.js';
import { avatar, room_name } from './avatar.js';
import { Composer } from './composer.js';
import { h, is_coarse, replace, say, show } from './dom.js';
import { icon } from './icons.js';
import { open_about, open_invite } from './room_dialogs.js';
import { go_to, path_of } from './router.js';
import { Timeline } from './timeline.js';

// room_id null: nothing is open.
export class Room {
	#page;
	#room_id;
	#head = null;
	#body = h('div', { class: 'room-body' });
	#parts = null;		// {timeline, composer}, while it can be shown
	#trouble = null;	// what is shown instead

	constructor(page, room_id) {
		this.#page = page;
		this.#room_id = room_id;
		if (room_id) {
			this.#head = make_head(page, room_id);
			this.node = h('div', { class: 'room' }, this.#head.node, this.#body);
			replace(this.#body, waiting(page));
			this.#render();
		} else {
			this.node = nothing_open(page);
		}
	}

	update(what, id) {
		if (this.#room_id && (what === 'current' || what === 'rooms'))
			this.#render();
		this.#parts?.timeline.update(what, id);
	}

	end() {
		this.#parts?.timeline.end();
		this.#parts?.drop.end();
	}

	focus() {
		// on a phone the keyboard would hide what one came to read
		if (this.#parts && !is_coarse())
			this.#parts.composer.focus();
		else if (this.#parts)
			this.#head.focus();
		else
			this.#body.querySelector('button')?.focus();
	}

	#render() {
		const { store } = this.#page;
		const { trouble } = store;

		if (trouble && trouble !== this.#trouble)
			this.#show_trouble(trouble);
		else if (!trouble && !this.#parts && store.rooms.has(this.#room_id))
			this.#show_parts();
		this.#head.update();
	}

	#show_parts() {
		const timeline = new Timeline(this.#page, this.#room_id);
		const composer = new Composer(this.#page, this.#room_id, {
			on_send: () => timeline.to_bottom(),
		});

		const { words, store } = this.#page;
		const drop = drop_zone(this.#page, this.#body,
			room_name(store.rooms.get(this.#room_id), words),
			(files) => composer.add_files(files));

		this.#parts = { timeline, composer, drop };
		this.#trouble = null;
		replace(this.#body, timeline.node, composer.node, drop.node);
	}

	#show_trouble(trouble) {
		this.end();
		this.#parts = null;
		this.#trouble = trouble;
		replace(this.#body, trouble_view(this.#page, this.#room_id, trouble));
	}
}

// Until it is known whether the room is one of mine.
function waiting({ words }) {
	return h('p', { class: 'loading waiting', role: 'status' },
		h('span', { class: 'spinner' }), words.t('timeline.loading'));
}

function nothing_open({ words }) {
	return h('div', { class: 'room none' }, h('div', { class: 'nothing' },
		h('span', { class: 'round' }, icon('talk')),
		h('h2', {}, words.t('room.pick')),
		h('p', { class: 'muted' }, words.t('room.pick_hint'))));
}

function make_head(page, room_id) {
	const { words, store } = page;
	const face = h('span', {});
	const title = h('h1', { class: 'room-title', dir: 'auto', tabindex: -1 });
	const about = h('p', { class: 'room-about muted', dir: 'auto' });
	const room = () => store.rooms.get(room_id);
	const tool = (name, label, open) => h('button', {
		type: 'button', class: 'icon-button', 'aria-label': words.t(label),
		title: words.t(label), onclick: () => open(page, room()),
	}, icon(name));
	const tools = h('div', { class: 'room-tools' },
		tool('invite', 'room.invite', open_invite),
		tool('more', 'room.more', open_about));
	const node = h('header', { class: 'room-head' },
		h('a', { class: 'icon-button room-back', href: path_of(null),
			'aria-label': words.t('room.back') }, icon('back')),
		face,
		h('div', { class: 'room-names' }, title, about),
		tools);

	return {
		node,
		focus: () => title.focus(),
		update() {
			const known = room();
			show(tools, Boolean(known));
			show(face, Boolean(known));
			show(title, Boolean(known));
			if (!known)
				return;
			const name = room_name(known, words);
			if (title.textContent !== name)
				replace(face, avatar(room_id, name));
			say(title, name);
			say(about, [
				words.t('rooms.members', { count: known.member_count ?? 1 }),
				known.description,
			].filter(Boolean).join(' · '));
		},
	};
}

// Not being in it is no dead end: one may join.
function trouble_view({ words, client, store }, room_id, trouble) {
	const key = words.has(`room.trouble.${trouble}`) ? trouble : 'internal';
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const hint = `room.trouble.${key}_hint`;
	const join = async (event) => {
		event.target.disabled = true;
		try {
			await client.join_room(room_id);
			client.reopen_room();
		} catch (e) {
			replace(error, icon('warning'), words.error(e));
			show(error, true);
			event.target.disabled = false;
		}
	};
	const may_join = ['not_member', 'left'].includes(trouble);
	const may_retry = store.rooms.has(room_id);

	return h('div', { class: 'nothing trouble', role: 'status' },
		h('span', { class: 'round' }, icon(may_join ? 'lock' : 'warning')),
		h('h1', {}, words.t(`room.trouble.${key}`)),
		words.has(hint) ? h('p', { class: 'muted' }, words.t(hint)) : null,
		error,
		may_join ? h('button', { type: 'button', class: 'button primary', onclick: join },
			words.t('room.join_this')) : null,
		may_retry ? h('button', { type: 'button', class: 'button primary',
			onclick: () => client.reopen_room() }, words.t('room.retry')) : null,
		h('button', { type: 'button', class: 'button quiet', onclick: () => go_to(null) },
			words.t('room.to_list')));
}
