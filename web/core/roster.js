// roster.js -- the members of the room whose member list is open.
//
// Held by the store; views read `store.roster`: `room_id` (null: no list is open), `list`,
// `is_whole` (all pages are read), `trouble` (an error code, or null). Each change dispatches
// the store's event {what: 'roster', room_id}. Only core/ writes: manage.js the pages, then
// the room's `member` events in their order.

export class Roster {
	#tell;
	#list = new Map();		// user id -> member
	room_id = null;
	is_whole = false;
	trouble = null;

	constructor(tell) {
		this.#tell = tell;
	}

	get list() {
		return [...this.#list.values()];
	}

	of(user_id) {
		return this.#list.get(user_id) ?? null;
	}

	open(room_id) {
		this.close();
		this.room_id = room_id;
	}

	close() {
		this.room_id = null;
		this.is_whole = false;
		this.trouble = null;
		this.#list = new Map();
	}

	page_read(items, { is_last }) {
		for (const member of items)
			this.#list.set(member.user.id, member);
		this.is_whole = is_last;
		this.trouble = null;
		this.#tell(this.room_id);
	}

	page_failed(code) {
		this.trouble = code;
		this.#tell(this.room_id);
	}

	put(room_id, member) {
		if (room_id !== this.room_id)
			return;
		this.#list.set(member.user.id, member);
		this.#tell(room_id);
	}

	gone(room_id, user_id) {
		if (room_id === this.room_id && this.#list.delete(user_id))
			this.#tell(room_id);
	}

	event_came({ room_id, action, user, role, muted_until, created_at }) {
		if (room_id !== this.room_id || !user)
			return;
		const known = this.#list.get(user.id);
		const fresh = { user, role, joined_at: created_at, muted_until: null, banned: false };

		if (action === 'left' || (action === 'unbanned' && !role))
			this.#list.delete(user.id);
		else if (action === 'banned')
			this.#list.set(user.id, { ...fresh, ...known, role: 'member', banned: true });
		else if (action === 'joined' || action === 'unbanned')
			this.#list.set(user.id, { ...fresh, user: { ...known?.user, ...user } });
		else if (known)
			this.#list.set(user.id, { ...known, role: role ?? known.role,
				muted_until: action === 'muted' ? muted_until ?? null : known.muted_until });
		this.#tell(room_id);
	}
}
