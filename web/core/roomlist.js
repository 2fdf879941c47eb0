// roomlist.js -- keeps the list of my rooms up to date.
//
// The most recently active rooms are read at sign-in and whenever something indicates that
// the list has changed; further pages are read on request. A server that reports activity in
// rooms not joined (feature `activity`) needs little more: since a person's new name or
// picture is nobody's activity, the list is read again every few minutes while connected.
// With any other server it is read every few seconds.
//
// Owns: the request in flight, how far the list has been read, and the timer.

import { backoff_ms, clock as real_clock } from './clock.js';
import { all_pages, shared } from './pages.js';

const MOST_PAGES = 50;
// One screenful at first, for speed; then larger pages.
const FIRST = 12;
const PAGE = 100;
const AGAIN_MS = 5000;
const SELDOM_MS = 300000;

export class RoomList {
	#api;
	#store;
	#clock;
	#on_read;
	#is_due = false;		// what is being read is already out of date
	#cursor = null;		// of the next page; null: there is none
	#pages = 1;		// how many were read
	#cancel = () => {};
	#cancel_soon = null;	// cancels a refresh planned after missed news
	#random;
	#attempt = 0;		// failures of the first read
	#cancel_again = () => {};

	// Reads again all pages that were read before. Rejects on failure.
	read = shared(() => this.#read());
	// Reads the next page.
	more = shared(() => this.#more());

	// on_read(): the list in the store is new.
	constructor({ api, socket, store, on_read, clock = real_clock,
		random = Math.random }) {
		this.#api = api;
		this.#random = random;
		this.#store = store;
		this.#clock = clock;
		this.#on_read = on_read;
		socket.addEventListener('state', (event) => this.#on_state(event.detail.state));
		socket.addEventListener('ready', (event) => this.#on_ready(event.detail));
	}

	// For callers that do not wait. A request in flight may have been answered before the
	// change that caused this call, so the list is read once more after it.
	refresh() {
		if (!this.read.under_way)
			this.read().then(() => {
				this.#attempt = 0;
			}, (error) => this.#on_failed(error));
		else if (!this.#is_due)
			this.#after_reading(() => this.refresh());
	}

	// Nothing works without the first page, so it is retried automatically.
	#on_failed(error) {
		this.#cancel_again();
		if (!this.#store.user || this.#store.rooms_known)
			return;
		this.#store.rooms_refused(error.code ?? 'internal');
		this.#cancel_again = this.#clock.after(backoff_ms(this.#attempt++, this.#random), () => {
			if (this.#store.user && !this.#store.rooms_known)
				this.refresh();
		});
	}

	// Activity in a room that was not joined: how far its log goes, what is unread.
	on_activity({ type, room_id, ...fields }) {
		const room = this.#store.rooms.get(room_id);

		if (!room) {
			this.refresh();
			return;
		}
		// more happened than others' messages: perhaps a new name or role
		if (fields.seq - room.seq > fields.unread - (room.me?.unread ?? 0))
			this.#cancel_soon ??= this.#clock.after(AGAIN_MS, () => {
				this.#cancel_soon = null;
				this.refresh();
			});
		this.#store.room_told(room_id, fields);
	}

	#after_reading(work) {
		this.#is_due = true;
		this.read.under_way.catch(() => {}).then(() => {
			this.#is_due = false;
			work();
		});
	}

	// Reads all remaining pages, for a search by name.
	async rest() {
		while (this.#store.rooms_more && this.#pages < MOST_PAGES)
			await this.more();
	}

	async #read() {
		const { user } = this.#store;
		const before = new Set(this.#store.rooms.keys());
		const { items, next } = await all_pages((cursor) => this.#page(cursor), this.#pages);

		if (user !== this.#store.user)
			return;
		this.#cursor = next;
		this.#store.rooms_read(this.#with_news(items, before), { has_more: next !== null });
		this.#on_read();
	}

	#page(cursor) {
		return this.#api.rooms({ cursor, limit: cursor ? PAGE : FIRST });
	}

	// Live news may be newer than the answer: adds rooms joined in the meantime that the
	// answer lacks, and drops rooms left in the meantime.
	#with_news(rooms, before) {
		const { rooms: now } = this.#store;
		const listed = new Set(rooms.map((room) => room.id));

		return [...[...now.values()].filter(({ id }) => !before.has(id) && !listed.has(id)),
			...rooms.filter(({ id }) => !before.has(id) || now.has(id))];
	}

	async #more() {
		const { user } = this.#store;

		await this.read.under_way;
		if (!this.#cursor)
			return;
		const cursor = this.#cursor;
		const { items, next } = await this.#page(cursor);
		if (user !== this.#store.user || cursor !== this.#cursor)
			return;
		this.#cursor = next;
		this.#pages++;
		this.#store.rooms_also_read(items, { has_more: next !== null });
	}

	// The `ready` frame names my rooms: is that what we know? A list still being read may be
	// older than this frame.
	#on_ready({ rooms = [], more_rooms }) {
		const { rooms: known, rooms_known, rooms_more } = this.#store;

		if (this.read.under_way) {
			if (!this.#is_due)
				this.#after_reading(() => this.#on_ready({ rooms, more_rooms }));
			return;
		}
		// rooms not loaded yet are no news
		const near = rooms_more ? rooms.slice(0, known.size) : rooms;
		const is_news = (!rooms_more && !more_rooms && rooms.length !== known.size)
			|| near.some(({ id, seq }) => known.get(id)?.seq !== seq);

		if (!rooms_known || is_news)
			this.refresh();
		else
			for (const { id, unread, mentions, read_seq } of rooms)
				if (!(known.get(id)?.me?.read_seq > read_seq))
					this.#store.room_told(id, { unread, mentions, read_seq });
	}

	#on_state(state) {
		this.#cancel();
		if (state === 'closed') {
			this.#pages = 1;
			this.#cancel_soon?.();
			this.#cancel_soon = null;
		}
		if (state === 'online')
			this.#plan();
	}

	#plan() {
		const pause_ms = this.#store.can('activity') ? SELDOM_MS : AGAIN_MS;

		this.#cancel = this.#clock.after(pause_ms, async () => {
			const { user } = this.#store;
			await this.read().catch(() => {});
			if (user === this.#store.user)
				this.#plan();
		});
	}
}
