// outbox.js -- what I wrote and the server has not yet confirmed.
//
// A message gets its random client_id here, is kept with the file that it carries
// (pile.js), and is sent until it is acknowledged or refused: always under the same
// client_id, so that the server stores it once however often it hears it. In each room
// one message is on its way at a time, which keeps them in the order they were written,
// files and words alike.
//
// All tabs of a person have the same items. Under a lock of the room one tab sends,
// whoever wrote it; where a browser has no locks, several may send the same, which is
// once for the server. A tab that rests (frozen by its browser) gives the lock away.
//
// Item: {client_id, room_id, user_id, kind, text, data, reply_to, file, order,
// created_at, state, error, progress, retry_at, is_kept}: the message's own fields as the contract
// has them, null where there is none; file: {is_plain} where it carries one; state:
// waiting (for the line), sending, sent (acknowledged), failed (refused); progress: {sent,
// total} bytes, while its file goes up; retry_at: until when the server makes it wait, by
// our clock; is_kept: whether it outlives the page; not there until that is known.
//
// Owns:   the queues.
// Events: item (changed), gone (the item): the store follows these.
// Never:  knows how a message is sent: send(item, {blob, signal, on_progress,
//         on_uploaded}) resolves with {seq} when it is acknowledged, and rejects with an
//         error that is `transient` or not.

import { backoff_ms, clock as real_clock } from './clock.js';
import { Pile } from './pile.js';
import { new_item } from './store.js';
import { random_id } from './text.js';

// What another tab wrote is its own to send, unless that does not happen.
const THEIRS_MS = 3000;
const PROGRESS_MS = 200;

export class Outbox extends EventTarget {
	#pile;
	#send;
	#locks;
	#name;
	#clock;
	#random;
	#new_id;
	#busy = new Set();		// room ids with a message on its way
	#pauses = new Map();		// room id -> what ends the pause before the next try
	#attempts = new Map();		// room id -> failed tries of its first message
	#theirs = new Map();		// room id -> what ends the wait for another tab
	#aborts = new Map();		// client_id -> AbortController of its upload
	#turn = 0;
	#end_turn = () => {};
	#turn_ended;
	#last_order = 0;

	// shelf: shelf.js. notes: notes.js. channel: what tabs tell each other by (a
	// BroadcastChannel), or null. locks: the browser's LockManager, or null. name: what
	// locks are called after.
	constructor({ shelf, notes, send, channel = null, locks = null, name = '',
		clock = real_clock, random = Math.random, new_id = random_id }) {
		super();
		this.#pile = new Pile({ shelf, notes, channel });
		this.#send = send;
		this.#locks = locks;
		this.#name = name;
		this.#clock = clock;
		this.#random = random;
		this.#new_id = new_id;
		this.#begin_turn();
		this.#pile.addEventListener('item', ({ detail }) => this.#on_item(detail));
		this.#pile.addEventListener('gone', ({ detail }) => this.#on_gone(detail));
		this.#pile.addEventListener('theirs', ({ detail }) => this.#on_theirs(detail));
	}

	// Take up what this user left unsent, here or in another tab. What was on its way may
	// have arrived: its client_id settles that.
	async open(user_id) {
		this.close();
		await this.#pile.open(user_id);
		this.#pump_all();
	}

	// Let go of everything; what is kept stays kept.
	close() {
		this.rest();
		for (const cancel of [...this.#pauses.values(), ...this.#theirs.values()])
			cancel();
		for (const map of [this.#pauses, this.#theirs, this.#attempts])
			map.clear();
		this.#pile.close();
	}

	// The browser is about to stop this page where it is: nobody waits for it. nudge()
	// takes everything up again.
	rest() {
		this.#begin_turn();
		this.#busy.clear();
		for (const abort of this.#aborts.values())
			abort.abort();
		this.#aborts.clear();
		for (const item of this.#pile.items)
			if (item.state === 'sending')
				this.#pile.show({ ...item, state: 'waiting', progress: null });
	}

	// Unsent ones are forgotten too.
	clear() {
		return this.#pile.clear();
	}

	get unsent_count() {
		return this.#pile.items.length;
	}

	// Whether something would be lost with the page.
	get is_fleeting() {
		return this.#pile.items.some(({ is_kept }) => !is_kept);
	}

	// said: {text, kind, data, reply_to}; a text needs no more than that. blob: the file
	// that it carries; data has its name and size then. is_plain: show it as a file,
	// whatever it is.
	add(room_id, said, { blob = null, is_plain = false } = {}) {
		const item = new_item({
			...said, client_id: this.#new_id(), user_id: this.#pile.user_id, room_id,
			file: blob ? { is_plain } : null, order: this.#next_order(),
		}, this.#clock.now());

		this.#pile.add(item, blob);
		this.#pump(room_id);
		return item;
	}

	// Whether it is unconfirmed, and known here.
	has(client_id) {
		return this.#pile.get(client_id) !== undefined;
	}

	// The file that an item carries, or null.
	blob(client_id) {
		return this.#pile.blob(client_id);
	}

	// A refused one, once more, behind what is waiting.
	retry(client_id) {
		const item = this.#pile.get(client_id);
		if (item?.state !== 'failed')
			return;
		this.#pile.change({ ...item, state: 'waiting', error: null,
			order: this.#next_order() });
		this.#pump(item.room_id);
	}

	// Forget it, unless it is on its way already; a file on its way up is called back.
	discard(client_id) {
		const item = this.#pile.get(client_id);
		if (item && (item.state !== 'sending' || item.progress))
			this.#pile.remove(item);
	}

	// The log shows it: whatever became of the answer, it is there.
	confirmed(client_id) {
		const item = this.#pile.get(client_id);
		if (item)
			this.#pile.remove(item);
	}

	// The line is back: what waits for its next try is tried now.
	async nudge() {
		if (this.#pile.user_id === null)
			return;
		for (const cancel of this.#pauses.values())
			cancel();
		this.#pauses.clear();
		this.#pump_all();
		await this.#pile.reread();
		this.#pump_all();
	}

	#on_item(item) {
		this.#last_order = Math.max(this.#last_order, item.order);
		this.dispatchEvent(new CustomEvent('item', { detail: item }));
	}

	#on_gone(item) {
		this.#aborts.get(item.client_id)?.abort();
		this.dispatchEvent(new CustomEvent('gone', { detail: item }));
	}

	#on_theirs({ room_id }) {
		this.#theirs.get(room_id)?.();
		this.#theirs.set(room_id, this.#clock.after(THEIRS_MS, () => {
			this.#theirs.delete(room_id);
			this.#pump(room_id);
		}));
	}

	#begin_turn() {
		this.#turn++;
		this.#end_turn();
		this.#turn_ended = new Promise((resolve) => {
			this.#end_turn = resolve;
		});
	}

	#next_order() {
		this.#last_order = Math.max(this.#last_order + 1, this.#clock.now());
		return this.#last_order;
	}

	// --- the queues ---

	#first_waiting(room_id) {
		return this.#pile.items
			.filter((item) => item.room_id === room_id && item.state === 'waiting')
			.sort((a, b) => a.order - b.order)[0];
	}

	#pump_all() {
		for (const room_id of new Set(this.#pile.items.map((item) => item.room_id)))
			this.#pump(room_id);
	}

	async #pump(room_id) {
		if (this.#busy.has(room_id) || this.#pauses.has(room_id)
			|| !this.#first_waiting(room_id))
			return;
		const turn = this.#turn;
		this.#busy.add(room_id);
		await this.#locked(room_id, () => this.#send_all(room_id, turn));
		if (turn !== this.#turn)
			return;
		this.#busy.delete(room_id);
		this.#pump(room_id);
	}

	// work(), while no other tab does the same; the lock is given away with the turn.
	async #locked(room_id, work) {
		let has_begun = false;
		const bounded = () => {
			has_begun = true;
			return Promise.race([work(), this.#turn_ended]);
		};

		try {
			await this.#locks?.request(`${this.#name}outbox:${room_id}`, bounded);
		} catch {
			// a page that may not have locks does without
		}
		if (!has_begun)
			await bounded();
	}

	async #send_all(room_id, turn) {
		// somebody else may have been sending until now
		if (this.#locks && turn === this.#turn)
			await this.#pile.reread();
		while (turn === this.#turn && !this.#pauses.has(room_id)) {
			const item = this.#first_waiting(room_id);
			if (!item)
				return;
			await this.#send_one(item, turn);
		}
	}

	async #send_one(item, turn) {
		const { client_id, room_id } = item;
		let error = null;
		let ack = null;

		this.#pile.show({ ...item, state: 'sending', retry_at: null });
		try {
			ack = await this.#send(item, item.file ? await this.#carried(item, turn) : {});
		} catch (e) {
			error = e;
		}
		if (turn !== this.#turn)
			return;
		this.#aborts.delete(client_id);
		// it may be gone: called back, or the log was faster
		const now = this.#pile.get(client_id);
		if (!error?.transient)
			this.#attempts.delete(room_id);
		if (error?.transient && error.code !== 'cancelled')
			this.#on_lost(room_id, now, error);
		else if (now && error)
			this.#pile.change({ ...now, state: 'failed', progress: null,
				error: error.code ?? 'internal' });
		else if (now)
			this.#pile.sent(now, ack.seq);
	}

	#on_lost(room_id, item, error) {
		const attempt = this.#attempts.get(room_id) ?? 0;
		const wait_ms = Math.max(backoff_ms(attempt, this.#random),
			(error.retry_after ?? 0) * 1000);

		if (item)
			this.#pile.show({ ...item, state: 'waiting', progress: null,
				// told to do so, not out of reach
				retry_at: error.retry_after ? this.#clock.now() + wait_ms : null });
		this.#attempts.set(room_id, attempt + 1);
		this.#pause(room_id, wait_ms);
	}

	// What sending one with a file takes.
	async #carried({ client_id, data }, turn) {
		const abort = new AbortController();
		let shown_at = 0;
		const change = (fields) => {
			const now = this.#pile.get(client_id);
			return turn === this.#turn && now ? { ...now, ...fields } : null;
		};
		const show = (item) => item && this.#pile.show(item);

		this.#aborts.set(client_id, abort);
		if (!data.file_id)
			show(change({ progress: { sent: 0, total: data.size } }));
		return {
			blob: await this.#pile.blob(client_id),
			signal: abort.signal,
			on_progress: (sent, total) => {
				if (this.#clock.now() - shown_at < PROGRESS_MS)
					return;
				shown_at = this.#clock.now();
				show(change({ progress: { sent, total } }));
			},
			// so that it is not uploaded twice, after a reload neither
			on_uploaded: (known) => {
				const item = change({ ...known, progress: null });
				if (item)
					this.#pile.change(item);
			},
		};
	}

	#pause(room_id, wait) {
		this.#pauses.set(room_id, this.#clock.after(wait, () => {
			this.#pauses.delete(room_id);
			this.#pump(room_id);
		}));
	}
}
