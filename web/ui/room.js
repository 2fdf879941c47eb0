// room.js -- the open room: its head, its timeline, and where one writes; or why it
// cannot be shown.

import { avatar, room_name } from './avatar.js';
import { make_composer } from './composer.js';
import { h, is_coarse, replace, say, show } from './dom.js';
import { icon } from './icons.js';
import { open_about, open_invite } from './room_dialogs.js';
import { go_to, path_of } from './router.js';
import { make_timeline } from './timeline.js';

// Answers {node, update, end, focus}. room_id null: nothing is open.
export function make_room(page, room_id) {
	return room_id ? make_open(page, room_id) : make_none(page);
}

function make_none({ words }) {
	return {
		node: h('div', { class: 'room none' }, h('div', { class: 'nothing' },
			h('span', { class: 'round' }, icon('talk')),
			h('h2', {}, words.t('room.pick')),
			h('p', { class: 'muted' }, words.t('room.pick_hint')))),
		update() {},
		end() {},
		focus() {},
	};
}

function make_open(page, room_id) {
	const { store } = page;
	const head = make_head(page, room_id);
	const body = h('div', { class: 'room-body' });
	const node = h('div', { class: 'room' }, head.node, body);
	let parts = null;	// {timeline, composer}, while it can be shown
	let trouble = null;

	function show_parts() {
		const timeline = make_timeline(page, room_id);
		const composer = make_composer(page, room_id, {
			on_send: () => timeline.to_bottom(),
		});
		parts = { timeline, composer };
		replace(body, timeline.node, composer.node);
	}

	function render() {
		const is_there = store.rooms.has(room_id);
		if (!store.trouble && (is_there || !store.rooms_known)) {
			trouble = null;
			if (!parts && is_there)
				show_parts();
		} else if (store.trouble && store.trouble !== trouble) {
			trouble = store.trouble;
			parts?.timeline.end();
			parts = null;
			replace(body, trouble_view(page, room_id, trouble));
		}
		head.update();
	}

	render();
	return {
		node,
		update(what, id) {
			if (what === 'current' || what === 'rooms')
				render();
			parts?.timeline.update(what, id);
		},
		end: () => parts?.timeline.end(),
		// on a phone the keyboard would hide what one came to read
		focus() {
			if (!parts)
				body.querySelector('button')?.focus();
			else if (is_coarse())
				head.focus();
			else
				parts.composer.focus();
		},
	};
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
