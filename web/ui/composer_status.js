// composer_status.js -- why the user may not write now. Above the composer: the wait of slow
// mode, or of a server that limits the rate. In place of it: a mute with its end, or that the
// user blocks the other person.

import { h, once_a_frame, replace, say, show } from './dom.js';
import { icon } from './icons.js';
import { part } from './load.js';

const load_unblock = part(() => import('./unblock.js'));

export class ComposerStatus {
	#page;
	#room_id;
	#on_change;
	#timer = null;
	#said_at = -Infinity;
	#was_waiting = false;
	#closed_by = null;		// 'blocked', or the time until which the user is muted
	#later = once_a_frame(() => this.#tick());

	// on_change(): sending may have become possible or impossible.
	constructor(page, room_id, { on_change }) {
		this.#page = page;
		this.#room_id = room_id;
		this.#on_change = on_change;
		this.node = h('p', { class: 'composer-status' });
		this.notice = h('p', { class: 'composer-notice', role: 'status', hidden: true });
		this.#render_slow();
		this.#render_notice();
	}

	update(what) {
		if (what === 'rooms' || what === 'timeline' || what === 'people')
			this.#later();
	}

	end() {
		clearTimeout(this.#timer);
	}

	// Whether the user may not write at all.
	get is_closed() {
		return this.#closed_by !== null;
	}

	// The user has just sent something.
	said() {
		this.#said_at = Date.now();
		this.#tick();
	}

	// Seconds left of slow mode.
	get wait_s() {
		const { settings, me } = this.#room ?? {};
		const pause_ms = (settings?.slow_mode_s ?? 0) * 1000;

		if (pause_ms === 0 || me?.role !== 'member')
			return 0;
		const last = Math.max(this.#said_at, this.#last_said());
		return Math.max(0, Math.ceil((last + pause_ms - Date.now()) / 1000));
	}

	// Seconds until a rate-limited message is sent.
	get #held_s() {
		const held = this.#page.store.pending_of(this.#room_id).map(({ state, retry_at }) =>
			state === 'waiting' && retry_at ? retry_at : 0);
		return Math.max(0, Math.ceil((Math.max(0, ...held) - Date.now()) / 1000));
	}

	get #room() {
		return this.#page.store.rooms.get(this.#room_id);
	}

	#last_said() {
		const { store } = this.#page;
		const { messages = [] } = store.timelines.get(this.#room_id) ?? {};
		const last = messages.findLast(({ sender }) => sender?.id === store.user?.id);

		return last ? Date.parse(last.created_at) : -Infinity;
	}

	get #muted_until() {
		const until = this.#room?.me?.muted_until;
		return until && Date.parse(until) > Date.now() ? new Date(until) : null;
	}

	#tick() {
		this.#render_slow();
		this.#render_notice();
		const is_waiting = this.wait_s > 0;
		if (is_waiting !== this.#was_waiting)
			this.#on_change();
		this.#was_waiting = is_waiting;
	}

	#render_slow() {
		const { words } = this.#page;
		const count = this.wait_s;
		const held = this.#held_s;

		// in slow mode the line is always there, so that nothing moves
		show(this.node, this.#room?.settings?.slow_mode_s > 0 || held > 0);
		say(this.node, held > 0 ? words.t('composer.held', { count: held })
			: count > 0 ? words.t('composer.slow', { count }) : '');
		clearTimeout(this.#timer);
		if (count > 0 || held > 0 || this.#muted_until)
			this.#timer = setTimeout(() => this.#tick(), count + held > 0 ? 500 : 5000);
	}

	#render_notice() {
		const { words, store } = this.#page;
		const until = this.#muted_until;
		const by = store.people.is_blocked(this.#room?.peer?.id) ? 'blocked'
			: until && this.#as_told(until);

		show(this.notice, Boolean(by));
		if (this.#closed_by === by)
			return;
		this.#closed_by = by;
		if (by === 'blocked')
			this.#offer_to_unblock();
		else if (by)
			replace(this.notice, icon('lock'), words.t('composer.muted', { time: by }));
	}

	// 15:00, or with the day if it is not today.
	#as_told(date) {
		const { words } = this.#page;
		const is_today = date.toDateString() === new Date().toDateString();

		return is_today ? words.time(date) : `${words.day(date)}, ${words.time(date)}`;
	}

	async #offer_to_unblock() {
		replace(this.notice, icon('lock'));
		const { unblock } = await load_unblock();
		if (this.#closed_by === 'blocked')
			this.notice.append(...unblock(this.#page, this.#room.peer.id, () => this.#tick()));
	}
}
