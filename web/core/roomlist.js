// roomlist.js -- keeps the list of my rooms as the server has it.
//
// Read whole when signing in and whenever something says that it has changed. A server
// that tells of activity in rooms one does not listen to (feature `activity`) needs no
// more than that; with another one the list is read again every few seconds while the
// line is up, which costs it next to nothing, since the answer is mostly "not modified".
//
// Owns: the request under way, and the timer.

import { clock as real_clock } from './clock.js';

const MOST_PAGES = 20;
const AGAIN_MS = 5000;

export class RoomList {
	#api;
	#store;
	#clock;
	#on_read;
	#reading = null;
	#cancel = () => {};

	// on_read(): the list in the store is new.
	constructor({ api, socket, store, on_read, clock = real_clock }) {
		this.#api = api;
		this.#store = store;
		this.#clock = clock;
		this.#on_read = on_read;
		socket.addEventListener('state', (event) => this.#on_state(event.detail.state));
		socket.addEventListener('ready', (event) => this.#on_ready(event.detail));
	}

	// Rejects when it cannot be had.
	read() {
		this.#reading ??= this.#read().finally(() => {
			this.#reading = null;
		});
		return this.#reading;
	}

	// When nobody waits for it: the next one will do as well.
	refresh() {
		this.read().catch(() => {});
	}

	async #read() {
		const { user } = this.#store;
		const rooms = [];
		let cursor;

		for (let page = 0; page < MOST_PAGES && cursor !== null; page++) {
			const { items, next } = await this.#api.rooms({ cursor });
			rooms.push(...items);
			cursor = next;
		}
		if (user !== this.#store.user)
			return;
		this.#store.rooms_read(rooms);
		this.#on_read();
	}

	// The line's first word names my rooms: is that what we know?
	#on_ready({ rooms = [], more_rooms }) {
		const known = this.#store.rooms;
		const is_news = rooms.length !== known.size
			|| rooms.some(({ id, seq }) => known.get(id)?.seq !== seq);

		if (!this.#store.rooms_known || more_rooms || is_news)
			this.refresh();
		else
			for (const { id, unread, mentions, read_seq } of rooms)
				this.#store.room_told(id, { unread, mentions, read_seq });
	}

	#on_state(state) {
		this.#cancel();
		if (state === 'online')
			this.#plan();
	}

	#plan() {
		this.#cancel = this.#clock.after(AGAIN_MS, async () => {
			if (this.#store.can('activity'))
				return;
			const { user } = this.#store;
			await this.read().catch(() => {});
			if (user === this.#store.user)
				this.#plan();
		});
	}
}
