// company.js -- tells the others in a room what the user does, and tracks what they do: who
// is in it, who is typing, how far everybody has read.
//
// Read and delivered positions are sent a little later, in one go. Typing is sent while it
// goes on, and when it stops.
//
// Owns: the timers, and what is still to be sent.

import { clock as real_clock } from './clock.js';
import { all_pages } from './pages.js';

const SEEN_MS = 800;
const ARRIVED_MS = 1000;
// `typing` expires after 8 seconds: it is repeated in time, and ended after a pause.
const WRITING_MS = 8000;
const AGAIN_MS = 4000;
const STILL_MS = 6000;
// Larger rooms have no receipts.
const PAGE = 100;
// A mention is looked up among at most this many pages.
const MOST_PAGES = 20;

export class Company {
	#api;
	#socket;
	#store;
	#clock;
	#read = new Map();		// room id -> seq to report as read
	#arrived = new Map();		// room id -> seq to report as delivered
	#told = new Map();		// room id -> seq reported as delivered: not again on a new connection
	#cancel_read = () => {};
	#cancel_arrived = () => {};
	#writers = new Map();		// "room person" -> cancels the end of their typing
	#wrote = null;			// {room_id, at, cancel}: the last `typing` sent
	#turn = 0;

	constructor({ api, socket, store, clock = real_clock }) {
		this.#api = api;
		this.#socket = socket;
		this.#store = store;
		this.#clock = clock;
		for (const name of ['ready', 'frame'])
			socket.addEventListener(name, (event) => this.#on_frame(event.detail));
	}

	close() {
		this.#turn++;
		this.#cancel_read();
		this.#cancel_arrived();
		this.#wrote?.cancel();
		this.#wrote = null;
		for (const cancel of this.#writers.values())
			cancel();
		for (const map of [this.#read, this.#arrived, this.#told, this.#writers])
			map.clear();
	}

	// The user has seen messages up to seq, which was news to the store (room_seen()).
	seen(room_id, seq) {
		if (this.#read.size === 0)
			this.#cancel_read = this.#clock.after(SEEN_MS, () => this.#tell_read());
		this.#read.set(room_id, seq);
		this.#arrived.delete(room_id);
	}

	// The user is typing; is_something false: the text was sent or deleted.
	wrote(room_id, is_something) {
		if (!is_something) {
			this.#stopped();
			return;
		}
		const now = this.#clock.now();
		if (this.#wrote?.room_id !== room_id)
			this.#stopped();
		this.#wrote?.cancel();
		const at = this.#wrote?.at ?? -Infinity;
		const is_due = now - at >= AGAIN_MS;
		if (is_due)
			this.#socket.send({ type: 'typing', room_id, on: true });
		this.#wrote = {
			room_id, at: is_due ? now : at,
			cancel: this.#clock.after(STILL_MS, () => this.#stopped()),
		};
	}

	// Reads all members of a room, page by page, to look one up by name.
	async all_members(room_id) {
		const { items } = await all_pages((cursor) =>
			this.#api.members(room_id, { cursor, limit: PAGE }), MOST_PAGES);

		this.#learn(room_id, items, true);
	}

	#stopped() {
		const wrote = this.#wrote;

		this.#wrote = null;
		wrote?.cancel();
		if (wrote)
			this.#socket.send({ type: 'typing', room_id: wrote.room_id, on: false });
	}

	#tell_read() {
		for (const [room_id, seq] of this.#store.can('read') ? this.#read : [])
			if (!this.#socket.online
				|| !this.#socket.send({ type: 'read', room_id, seq }))
				this.#api.mark_read(room_id, seq).catch(() => {});
		this.#read.clear();
	}

	// Only reported if somebody can see it.
	#on_arrived(room_id, seq) {
		const { kind, member_count, me } = this.#store.rooms.get(room_id) ?? {};

		if (!me || kind === 'public' || member_count > PAGE
			|| seq <= Math.max(me.read_seq, this.#told.get(room_id) ?? 0))
			return;
		if (this.#arrived.size === 0)
			this.#cancel_arrived = this.#clock.after(ARRIVED_MS, () => this.#tell_arrived());
		this.#arrived.set(room_id, seq);
	}

	#tell_arrived() {
		for (const [room_id, seq] of this.#arrived)
			if (this.#socket.send({ type: 'delivered', room_id, seq }))
				this.#told.set(room_id, seq);
		this.#arrived.clear();
	}

	#on_frame(frame) {
		const { members, user } = this.#store;
		const { room_id } = frame;

		switch (frame.type) {
		case 'joined':
			this.#read_members(room_id);
			break;
		case 'ready':
			for (const { id, seq, unread } of frame.rooms ?? [])
				if (unread > 0)
					this.#on_arrived(id, seq);
			break;
		case 'activity':
			if (frame.unread > 0)
				this.#on_arrived(room_id, frame.seq);
			break;
		case 'message':
			if (frame.sender?.id === user?.id)
				break;
			this.#on_arrived(room_id, frame.seq);
			this.#on_typing(room_id, frame.sender?.id, false);
			break;
		case 'member':
			members.member_came(frame);
			break;
		case 'receipt':
			members.receipt_came(frame);
			break;
		case 'typing':
			this.#on_typing(room_id, frame.user_id, frame.on);
			break;
		}
	}

	#on_typing(room_id, user_id, on) {
		const key = `${room_id} ${user_id}`;

		this.#writers.get(key)?.();
		this.#writers.delete(key);
		if (on && user_id !== this.#store.user?.id)
			this.#writers.set(key, this.#clock.after(WRITING_MS, () =>
				this.#on_typing(room_id, user_id, false)));
		this.#store.members.writing_changed(room_id, user_id, this.#writers.has(key));
	}

	async #read_members(room_id) {
		const turn = this.#turn;
		try {
			const { items, next } = await this.#api.members(room_id, { limit: PAGE });
			if (turn === this.#turn)
				this.#learn(room_id, items, next === null);
		} catch {
			// no receipts until the room is joined again
		}
	}

	#learn(room_id, items, is_whole) {
		this.#store.people.learn(...items.map(({ user }) => user));
		this.#store.members.members_read(room_id, items, is_whole);
	}
}
