// notices.js -- decides what to notify the user about, and which tab does it.
//
// Derived from the list of rooms alone, so it works the same for live events, polling, or
// many at once after sleep. The tab that the user looks at holds a lock; while it does, the
// other tabs show no system notifications. Otherwise the first tab to lock the name of a
// message (or call) notifies.
//
// Owns:   this device's notification settings (stored), and what was already notified.
// Events: notice {notices: [notice], attentive}, read {room_id}: nothing is new there.
//         notice: {room, message, count, is_personal}
// Never:  the page.

import { clock as real_clock } from './clock.js';

const KEY = 'notices';
// Notices within this time are shown together.
const GATHER_MS = 250;
// Longer than another tab may need to receive the same message.
const CLAIM_MS = 10000;

const DEFAULTS = {
	is_on: false,		// system notifications; the browser's permission is separate
	what: 'all',		// or personal: mentions and direct messages
	in_page: true,
	with_text: true,
	sound: true,
};

export class Notices extends EventTarget {
	#store;
	#keep;
	#locks;
	#clock;
	#known = null;			// room id -> {seq, mentions}, once the list was read
	#waiting = new Map();		// room id -> notice
	#cancel = () => {};
	#is_attentive = false;
	#let_go = null;

	constructor({ store, keep, locks = null, clock = real_clock }) {
		super();
		this.#store = store;
		this.#keep = keep;
		this.#locks = locks;
		this.#clock = clock;
		store.addEventListener('change', ({ detail }) => this.#on_change(detail));
		this.#on_change({ what: 'rooms' });
	}

	get wishes() {
		return { ...DEFAULTS, ...this.#keep.get(KEY) };
	}

	wish(changes) {
		this.#keep.set(KEY, { ...this.wishes, ...changes });
	}

	// Whether the user is looking at this page.
	attend(is_attentive) {
		if (is_attentive === this.#is_attentive)
			return;
		this.#is_attentive = is_attentive;
		if (!is_attentive) {
			this.#let_go?.();
			this.#let_go = null;
			return;
		}
		const held = new Promise((resolve) => {
			this.#let_go = resolve;
		});
		this.#locks?.request(this.#name('attended'), { mode: 'shared' }, () => held)
			.catch(() => {});
	}

	#name(what) {
		return this.#keep.prefix + what;
	}

	#on_change({ what, room_id, is_further = false }) {
		if (what === 'user') {
			this.#known = null;
			this.#waiting.clear();
			this.#cancel();
		} else if (what === 'rooms' && this.#store.rooms_known) {
			this.#look(room_id, is_further);
		}
	}

	// is_further: a further page of the list, whose messages are no news.
	#look(room_id, is_further) {
		const { rooms } = this.#store;
		const is_first = this.#known === null;
		const room = rooms.get(room_id);

		this.#known ??= new Map();
		for (const one of room_id ? [room].filter(Boolean) : rooms.values())
			this.#look_at(one, is_first || (is_further && !this.#known.has(one.id)));
		if (room_id && !room)
			this.#forget(room_id);
	}

	#look_at(room, is_first) {
		const { me, last_message: message } = room;
		const seq = message?.seq ?? 0;
		const mentions = me?.mentions ?? 0;
		const known = this.#known.get(room.id)
			?? { seq: is_first ? seq : me?.read_seq ?? seq, mentions: 0, unread: 0 };

		this.#known.set(room.id, {
			seq: Math.max(seq, known.seq), mentions, unread: me?.unread ?? 0,
		});
		if (known.unread > 0 && me?.unread === 0)
			this.#forget(room.id);
		if (is_first || seq <= known.seq || !me?.unread)
			return;
		const is_personal = room.kind === 'direct' || mentions > known.mentions
			|| (message.mentions ?? []).includes(this.#store.user.id);
		if (this.#is_wanted(room, message, is_personal))
			this.#gather({ room, message, is_personal });
	}

	#is_wanted(room, message, is_personal) {
		const { user, people } = this.#store;
		const { notify = 'all' } = room.me;

		if (message.sender?.id === user.id || message.deleted_at || message.kind === 'system'
			|| people.is_blocked(message.sender?.id))
			return false;
		// busy: no notifications
		if (notify === 'none' || user.status === 'busy')
			return false;
		return is_personal || (notify === 'all' && this.wishes.what === 'all');
	}

	#gather(notice) {
		const before = this.#waiting.get(notice.room.id);

		if (this.#waiting.size === 0)
			this.#cancel = this.#clock.after(GATHER_MS, () => this.#tell());
		this.#waiting.set(notice.room.id, {
			...notice,
			count: (before?.count ?? 0) + 1,
			is_personal: notice.is_personal || Boolean(before?.is_personal),
		});
	}

	// Read in the meantime, here or on another device; or the room is gone.
	#forget(room_id) {
		this.#waiting.delete(room_id);
		this.dispatchEvent(new CustomEvent('read', { detail: { room_id } }));
	}

	async #tell() {
		const all = [...this.#waiting.values()];
		let notices = all;
		const attentive = this.#is_attentive;

		this.#waiting.clear();
		if (!attentive) {
			if (await this.#is_attended_elsewhere())
				return;
			const mine = await Promise.all(all.map(({ room, message }) =>
				this.#claim(`notice:${room.id}:${message.seq}`)));
			notices = all.filter((_, at) => mine[at]);
		}
		if (notices.length > 0)
			this.dispatchEvent(new CustomEvent('notice', { detail: { notices, attentive } }));
	}

	async #is_attended_elsewhere() {
		try {
			const { held } = await this.#locks.query();
			return held.some(({ name }) => name === this.#name('attended'));
		} catch {
			return false;	// no locks here, so no way to know
		}
	}

	// Whether this tab should show a system notification for something else (a call): the
	// user looks at none of the tabs, and no other tab has claimed it.
	async may_tell(name) {
		return this.wishes.is_on && this.#store.user?.status !== 'busy' && !this.#is_attentive
			&& !await this.#is_attended_elsewhere() && this.#claim(name);
	}

	// Claims it for this tab; false if another tab has.
	#claim(name) {
		if (!this.#locks)
			return true;
		return new Promise((resolve) => {
			this.#locks.request(this.#name(name),
				{ ifAvailable: true }, (lock) => {
					resolve(lock !== null);
					return lock && new Promise((done) => {
						this.#clock.after(CLAIM_MS, done);
					});
				}).catch(() => resolve(true));
		});
	}
}
