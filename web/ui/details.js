// details.js -- a room's details and members: a panel beside the conversation, or over it on
// a phone. In a direct room it shows the other person.

import { avatar, room_name } from './avatar.js';
import { ask } from './dialog.js';
import { h, new_id, once_a_frame, replace, show } from './dom.js';
import { icon } from './icons.js';
import { comes_near, dialog_part } from './load.js';
import { MembersView } from './members_view.js';
import { Profile } from './profile.js';
import { go_to } from './router.js';

const load_invite = dialog_part(() => import('./room_invite.js'));
const load_settings = dialog_part(() => import('./room_settings.js'));
const load_call_log = dialog_part(() => import('./call_log.js'), 'calls.css');

const NOTIFY = ['all', 'mentions', 'none'];

export class Details {
	#page;
	#room_id;
	#close;
	#top = h('div', { class: 'details-top' });
	#notify;
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#actions = h('div', { class: 'details-actions' });
	#profile = null;	// in a direct room
	#members = null;	// in any other
	#shown = '';
	#later = once_a_frame(() => this.#render());

	// on_close(): the user closes it.
	constructor(page, room_id, { on_close }) {
		const { words, client, store } = page;
		const room = store.rooms.get(room_id);
		const heading = new_id('details');

		this.#page = page;
		this.#room_id = room_id;
		this.#notify = notify_choice(words, (value) => this.#set_notify(value));
		if (room.kind === 'direct' && room.peer)
			this.#profile = new Profile(page, room.peer.id, { is_here: true });
		else if (room.kind !== 'direct')
			this.#members = new MembersView(page, room_id);
		this.#close = h('button', {
			type: 'button', class: 'icon-button', onclick: on_close,
			'aria-label': words.t('details.close'), title: words.t('details.close'),
		}, icon('close'));
		this.node = h('aside', {
			class: 'details', 'aria-labelledby': heading,
			onkeydown: (event) => {
				if (event.key === 'Escape' && !event.defaultPrevented)
					on_close();
			},
		},
		h('header', { class: 'details-head' },
			h('h2', { id: heading }, words.t(this.#profile
				? 'people.profile' : 'room.about')), this.#close),
		h('div', { class: 'details-scroll' },
			this.#profile ? this.#profile.node : this.#top, this.#error,
			this.#notify.node, this.#members?.node, this.#actions));
		this.#render();
		// the room may have changed while it was not open
		client.manage.look(room_id).catch(() => {});
	}

	focus() {
		this.#close.focus();
	}

	update(what, id) {
		if (what === 'people' || (what === 'rooms' && id !== null && id !== this.#room_id)) {
			this.#profile?.update();
			this.#members?.update(what);
			return;
		}
		if (['rooms', 'current', 'roster'].includes(what))
			this.#later();
		this.#members?.update(what);
	}

	end() {
		this.#members?.end();
	}

	#render() {
		const { store } = this.#page;
		const room = store.rooms.get(this.#room_id);

		if (!room)
			return;
		this.#profile?.update();
		const { last_message, seq, is_stale, ...rest } = room;
		const state = JSON.stringify([rest, room.me?.role, room.me?.notify]);
		if (state === this.#shown)
			return;
		this.#shown = state;
		this.#notify.set(room.me?.notify ?? 'all');
		if (!this.#profile)
			this.#render_top(room);
		this.#render_actions(room);
	}

	#render_top(room) {
		const { words } = this.#page;
		const name = room_name(room, words);
		const slow = room.settings?.slow_mode_s ?? 0;
		const had = this.#top.contains(document.activeElement)
			? document.activeElement.className : null;

		replace(this.#top,
			avatar(room.id, name, 'huge', { url: room.avatar_url }),
			h('p', { class: 'profile-name', dir: 'auto' }, name),
			h('p', { class: 'muted' }, [words.t(`rooms.kind.${room.kind}`),
				words.t('rooms.members', { count: room.member_count ?? 1 })].join(' · ')),
			room.description
				? h('p', { class: 'about-text', dir: 'auto' }, room.description) : null,
			slow > 0 ? h('p', { class: 'details-slow muted' }, icon('clock'),
				words.t('room.slow_is', { time: span(slow, words) })) : null,
			h('div', { class: 'details-tools' },
				this.#tool('invite', 'room.invite', load_invite, 'open_invite'),
				is_admin(room) ? this.#tool('pencil', 'room.settings',
					load_settings, 'open_settings') : null));
		if (had)
			this.#top.querySelector(`[class="${had}"]`)?.focus();
	}

	#tool(picture, label, load, open) {
		return h('button', {
			type: 'button', class: `button small quiet tool-${picture}`,
			onclick: async () => {
				const part = await load();
				part[open](this.#page, this.#page.store.rooms.get(this.#room_id));
			},
			...comes_near(load),
		}, icon(picture), this.#page.words.t(label));
	}

	#render_actions(room) {
		const { words, client } = this.#page;
		const action = (picture, label, act, looks = 'danger-ink') => h('button', {
			type: 'button', class: `details-action ${looks}`, onclick: act,
		}, icon(picture), words.t(label));
		const calls = async () => {
			const { open_call_log } = await load_call_log();
			open_call_log(this.#page, room);
		};

		replace(this.#actions, client.calls.is_possible(room)
			? action('phone', 'call.log', calls, '') : null,
		// a direct room only if the other one's account was removed
		room.kind === 'direct' && room.member_count > 1 ? null : [
			action('leave', 'room.leave', () => ask_leave(this.#page, room)),
			room.me?.role === 'owner'
				? action('bin', 'room.remove', () => ask_remove(this.#page, room)) : null,
		]);
	}

	async #set_notify(value) {
		const { client, store, words } = this.#page;

		show(this.#error, false);
		try {
			await client.manage.set_notify(this.#room_id, value);
		} catch (error) {
			replace(this.#error, icon('warning'), words.error(error));
			show(this.#error, true);
			this.#notify.set(store.rooms.get(this.#room_id)?.me?.notify ?? 'all');
		}
	}
}

export const is_admin = (room) => ['owner', 'admin'].includes(room.me?.role);

// A duration in whole units: 30 seconds, 5 minutes, 1 hour.
export function span(seconds, words) {
	const [key, count] = seconds % 3600 === 0 ? ['hours', seconds / 3600]
		: seconds % 60 === 0 ? ['minutes', seconds / 60] : ['seconds', seconds];
	return words.t(`span.${key}`, { count });
}

function notify_choice(words, on_choice) {
	const name = new_id('notify');
	const inputs = NOTIFY.map((value) => h('input', {
		type: 'radio', name, value, onchange: () => on_choice(value),
	}));
	const node = h('fieldset', { class: 'notify' },
		h('legend', {}, icon('bell'), words.t('room.notify')),
		h('div', { class: 'segments' }, inputs.map((input, at) =>
			h('label', { class: 'segment' }, input,
				h('span', {}, words.t(`room.notify.${NOTIFY[at]}`))))));

	return {
		node,
		set(value) {
			for (const input of inputs)
				input.checked = input.value === value;
		},
	};
}

function ask_leave(page, room) {
	const { words, client, store } = page;
	const is_open = room.kind === 'public' || room.join_by_id;
	// other owners are known only once all members are loaded
	const is_last_owner = room.me?.role === 'owner' && !store.roster.list.some((one) =>
		one.role === 'owner' && one.user.id !== store.user.id);
	const hint = room.member_count === 1 ? 'leave.hint_last'
		: is_last_owner ? 'leave.hint_owner'
			: is_open ? 'leave.hint' : 'leave.hint_closed';

	ask({
		words,
		title: words.t('leave.title', { name: room_name(room, words) }),
		hint: words.t(hint),
		yes: words.t('room.leave'),
		act: async () => {
			await client.leave_room(room.id);
			go_to(null);
		},
	});
}

function ask_remove({ words, client }, room) {
	ask({
		words,
		title: words.t('remove.title', { name: room_name(room, words) }),
		hint: words.t('remove.hint'),
		yes: words.t('room.remove'),
		act: async () => {
			await client.remove_room(room.id);
			go_to(null);
		},
	});
}
