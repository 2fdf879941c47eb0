// members.js -- the members of each room, how far each has read, and who is typing. Held by
// the store; views read `store.members`:
//   of(room_id)            the known members: {user, role, read_seq, …}
//   is_whole(room_id)      whether these are all
//   writing(room_id)       ids of the others who are typing
//   progress(message)      of a message of mine: sent, delivered or read, by the slowest of
//                          the others; if unknown, as the server reported it
//   readers(message)       the others who have read it; those who hide reading have no
//                          read_seq
// Changes dispatch the store's event {what: 'members'} or {what: 'writing'}.

const nothing = { people: new Map(), is_whole: false, writing: new Set() };

export class Members {
	#rooms = new Map();
	#tell;

	constructor(tell) {
		this.#tell = tell;
	}

	#room(room_id) {
		return this.#rooms.get(room_id) ?? nothing;
	}

	#make(room_id) {
		if (!this.#rooms.has(room_id))
			this.#rooms.set(room_id, {
				people: new Map(), is_whole: false, writing: new Set(),
			});
		return this.#rooms.get(room_id);
	}

	of(room_id) {
		return [...this.#room(room_id).people.values()];
	}

	is_whole(room_id) {
		return this.#room(room_id).is_whole;
	}

	writing(room_id) {
		return [...this.#room(room_id).writing];
	}

	progress({ room_id, seq, sender, status }) {
		const { people, is_whole } = this.#room(room_id);
		const others = [...people.values()].filter(({ user }) => user.id !== sender?.id);

		if (status === null || !is_whole || others.length === 0)
			return status ?? 'sent';
		const has_all = (name) => others.every((member) => member[name] >= seq);
		if (has_all('read_seq'))
			return 'read';
		return has_all('delivered_seq') ? 'delivered' : 'sent';
	}

	readers({ room_id, seq, sender }) {
		return this.of(room_id)
			.filter(({ user, read_seq }) => user.id !== sender?.id && read_seq >= seq);
	}

	// --- for core/ only ---

	members_read(room_id, items, is_whole) {
		const room = this.#make(room_id);

		room.people = new Map(items.filter(({ banned }) => !banned)
			.map((member) => [member.user.id, member]));
		room.is_whole = is_whole;
		this.#tell('members', room_id);
	}

	member_came({ room_id, user, action, role, muted_until, seq }) {
		const { people } = this.#room(room_id);
		if (people === nothing.people)
			return;
		if (action === 'left' || action === 'banned')
			people.delete(user.id);
		else
			people.set(user.id, {
				// new members need not have read what came before them
				read_seq: seq, delivered_seq: seq, ...people.get(user.id), user, role,
				muted_until,
			});
		this.#tell('members', room_id);
	}

	receipt_came({ room_id, user_id, delivered_seq, read_seq }) {
		const member = this.#room(room_id).people.get(user_id);
		if (!member)
			return;
		Object.assign(member, {
			delivered_seq: Math.max(member.delivered_seq ?? 0, delivered_seq, read_seq),
			read_seq: Math.max(member.read_seq ?? 0, read_seq),
		});
		this.#tell('members', room_id);
	}

	writing_changed(room_id, user_id, on) {
		const { writing } = this.#make(room_id);
		if (writing.has(user_id) === on)
			return;
		if (on)
			writing.add(user_id);
		else
			writing.delete(user_id);
		this.#tell('writing', room_id);
	}

	clear() {
		this.#rooms.clear();
	}
}
