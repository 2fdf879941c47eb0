// room.js -- the open room: its head, timeline, composer and details; or why it cannot be
// shown.

import { avatar, room_name } from './avatar.js';
import { Composer } from './composer.js';
import { h, is_coarse, once_a_frame, replace, show } from './dom.js';
import { drop_zone } from './drop.js';
import { icon } from './icons.js';
import { RoomHead, load_details } from './room_head.js';
import { go_to, is_details } from './router.js';
import { Timeline } from './timeline.js';

// room_id null: no room is open.
export class Room {
	#page;
	#room_id;
	#head = null;
	#body = h('div', { class: 'room-body' });
	#parts = null;		// {timeline, composer}, while it can be shown
	#trouble = null;	// the error shown instead
	#head_later = once_a_frame(() => this.#room_id && this.#head.update());
	#details = null;	// the panel, while it is open
	#wanted = null;		// seq of the message to show
	#is_awaited = false;	// whether the focus waits for it
	#narrow = matchMedia('(max-width: 68rem)');	// as in style/details.css
	#on_narrow = () => this.#cover();

	constructor(page, room_id) {
		this.#page = page;
		this.#room_id = room_id;
		if (room_id) {
			this.#head = new RoomHead(page, room_id);
			this.node = h('div', { class: 'room' },
				h('div', { class: 'room-main' }, this.#head.node, this.#body));
			replace(this.#body, waiting(page));
			this.#narrow.addEventListener('change', this.#on_narrow);
		} else {
			this.node = nothing_open(page);
		}
	}

	// The node is on the page now, so the timeline has a height.
	begin() {
		if (!this.#room_id)
			return;
		this.#render();
		this.turn_details();
	}

	update(what, id) {
		const { trouble } = this.#page.store;

		// a thousand messages at once update the head once
		if (what === 'rooms' && this.#parts && !trouble)
			this.#head_later();
		else if (this.#room_id && ['current', 'rooms', 'calls', 'status'].includes(what))
			this.#render();
		else if (what === 'people' || what === 'writing')
			this.#head?.update();
		this.#parts?.timeline.update(what, id);
		this.#details?.update(what, id);
		this.#parts?.composer.update(what, id);
		if (what === 'timeline' && id === this.#room_id)
			this.#show_wanted();
	}

	// Makes what the details cover unreachable.
	#cover() {
		this.node.firstChild.inert = Boolean(this.#details) && this.#narrow.matches;
	}

	end() {
		this.#narrow.removeEventListener('change', this.#on_narrow);
		this.#head?.end();
		this.#details?.end();
		this.#parts?.timeline.end();
		this.#parts?.composer.end();
		this.#parts?.drop.end();
		this.#room_id = null;
	}

	// Opens or closes the details according to the URL.
	async turn_details() {
		const { store } = this.#page;
		const is_wanted = () => Boolean(this.#room_id) && is_details()
			&& store.rooms.has(this.#room_id) && !store.trouble;

		if (is_wanted() && !this.#details) {
			const { Details } = await load_details();
			if (!is_wanted() || this.#details)
				return;
			this.#details = new Details(this.#page, this.#room_id, {
				on_close: () => this.#head.turn_details(),
			});
			this.node.append(this.#details.node);
			this.node.dataset.details = '';
			this.#details.focus();
			this.#cover();
		} else if (!is_wanted() && this.#details) {
			const had_focus = this.#details.node.contains(document.activeElement);
			this.#details.end();
			this.#details.node.remove();
			this.#details = null;
			delete this.node.dataset.details;
			this.#cover();
			if (had_focus && store.trouble)
				this.focus();
			else if (had_focus)
				this.#head.focus_details();
		}
		this.#head?.update();
	}

	focus() {
		// on a phone the keyboard would hide the messages
		if (this.#parts && !is_coarse() && !this.#parts.composer.is_closed)
			this.#parts.composer.focus();
		else if (this.#parts)
			this.#head.focus();
		else if (this.#trouble)
			this.#body.querySelector('button').focus();
		else
			this.#is_awaited = true;
	}

	// Replaces the body; focus that was in it, or waits, moves to the new content.
	#fill(...nodes) {
		const { body, activeElement } = document;
		const has_focus = this.#body.contains(activeElement)
			|| (this.#is_awaited && activeElement === body);

		this.#is_awaited = false;
		replace(this.#body, ...nodes);
		if (has_focus)
			this.focus();
	}

	// Goes to the message with this seq, as soon as the room can be read.
	show(seq) {
		this.#wanted = seq;
		this.#show_wanted();
	}

	#show_wanted() {
		const { store } = this.#page;
		if (this.#wanted === null || !this.#parts || !store.timelines.has(this.#room_id))
			return;
		this.#parts.timeline.show(this.#wanted);
		this.#wanted = null;
	}

	#render() {
		const { store } = this.#page;
		const { trouble } = store;

		if (trouble && trouble !== this.#trouble)
			this.#show_trouble(trouble);
		else if (!trouble && !this.#parts && store.rooms.has(this.#room_id))
			this.#show_parts();
		this.#head.update();
		this.turn_details();
	}

	#show_parts() {
		// they need each other: the composer quotes what the timeline shows
		const page = { ...this.#page };
		const composer = page.composer = new Composer(page, this.#room_id, {
			on_send: () => timeline.to_bottom(),
		});
		const timeline = page.timeline = new Timeline(page, this.#room_id);

		const { words, store } = this.#page;
		const drop = drop_zone(this.#page, this.#body,
			room_name(store.rooms.get(this.#room_id), words),
			(files) => composer.add_files(files));

		this.#parts = { timeline, composer, drop };
		this.#trouble = null;
		this.#fill(timeline.node, composer.node, drop.node);
		timeline.begin();
	}

	#show_trouble(trouble) {
		this.#parts?.timeline.end();
		this.#parts?.composer.end();
		this.#parts?.drop.end();
		this.#parts = null;
		this.#trouble = trouble;
		this.#fill(trouble_view(this.#page, this.#room_id, trouble));
	}
}

// Shown until it is known whether the room is one of mine.
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

// Preview of a room that the user may join.
function preview(room, words) {
	const name = room_name(room, words);

	return [
		avatar(room.id, name, 'large', { url: room.avatar_url }),
		h('p', { class: 'account-name', dir: 'auto' }, name),
		h('p', { class: 'muted' }, [words.t(`rooms.kind.${room.kind}`),
			words.t('rooms.members', { count: room.member_count ?? 0 })].join(' · ')),
		room.description ? h('p', { class: 'about-text', dir: 'auto' }, room.description) : null,
	];
}

// For a non-member this is no dead end: offers to join.
function trouble_view({ words, client, store }, room_id, trouble) {
	const key = words.has(`room.trouble.${trouble}`) ? trouble : 'internal';
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const hint = `room.trouble.${key}_hint`;
	const join = async () => {
		try {
			await client.join_room(room_id);
			client.reopen_room();
		} catch (e) {
			replace(error, icon('warning'), words.error(e));
			show(error, true);
		}
	};
	const may_join = ['not_member', 'left', 'removed'].includes(trouble);
	const may_retry = store.rooms.has(room_id);
	const face = h('span', { class: 'round' }, icon(may_join ? 'lock' : 'warning'));
	const room = h('div', { class: 'trouble-room' });

	if (may_join)
		client.manage.look(room_id).then((found) =>
			replace(room, preview(found, words)), () => {});
	return h('div', { class: 'nothing trouble', role: 'status' },
		face,
		room,
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
