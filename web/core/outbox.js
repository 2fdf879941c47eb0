// outbox.js -- what I wrote and the server has not yet confirmed.
//
// A message gets its random client_id here, is kept in storage at once, and is sent
// until it is acknowledged or refused: always under the same client_id, so that the
// server stores it once however often it hears it. In each room one message is on its
// way at a time, which keeps them in the order they were written.
//
// Item: {client_id, room_id, user_id, kind, text, data, reply_to, order, created_at,
// state, error}, the message's own fields as the contract has them, null where there is
// none; state: waiting (for the line), sending, sent (acknowledged), failed (refused).
//
// Owns:   the stored items of one user; the queues.
// Events: item (changed), gone (the item): the store follows these.
// Never:  knows how a message is sent: send(item) resolves with {seq} when it is
//         acknowledged, and rejects with an error that is `transient` or not.

import { backoff_ms, clock as real_clock } from './clock.js';
import { random_id } from './text.js';

export class Outbox extends EventTarget {
	#keep;
	#send;
	#clock;
	#random;
	#new_id;
	#items = new Map();		// client_id -> item, in order
	#busy = new Set();		// room ids with a message on its way
	#pauses = new Map();		// room id -> what ends the pause before the next try
	#attempts = new Map();		// room id -> failed tries of its first message
	#user_id = null;
	#turn = 0;
	#last_order = 0;

	constructor({ keep, send, clock = real_clock, random = Math.random,
		new_id = random_id }) {
		super();
		this.#keep = keep;
		this.#send = send;
		this.#clock = clock;
		this.#random = random;
		this.#new_id = new_id;
	}

	// Take up what this user left unsent, here or in a tab that is closed by now. What
	// was on its way then may have arrived: its client_id settles that.
	open(user_id) {
		this.close();
		this.#user_id = user_id;
		this.#load();
		this.nudge();
	}

	// Let go of everything; what is stored stays stored.
	close() {
		this.#turn++;
		for (const room_id of [...this.#pauses.keys()])
			this.#end_pause(room_id);
		this.#items.clear();
		this.#busy.clear();
		this.#attempts.clear();
		this.#user_id = null;
	}

	// Unsent ones are forgotten too.
	clear() {
		for (const item of [...this.#items.values()])
			this.#remove(item);
	}

	get unsent_count() {
		return [...this.#items.values()].filter((item) => item.state !== 'sent').length;
	}

	// said: {text, kind, data, reply_to}; a text needs no more than that.
	add(room_id, { text = null, kind = 'text', data = null, reply_to = null }) {
		const now = this.#clock.now();
		const item = this.#put({
			client_id: this.#new_id(),
			user_id: this.#user_id,
			room_id,
			kind,
			text,
			data,
			reply_to,
			order: this.#next_order(),
			created_at: new Date(now).toISOString(),
			state: 'waiting',
			error: null,
		});
		this.#pump(room_id);
		return item;
	}

	// A refused one, once more, behind what is waiting.
	retry(client_id) {
		const item = this.#items.get(client_id);
		if (item?.state !== 'failed')
			return;
		this.#items.delete(client_id);
		this.#put({ ...item, state: 'waiting', error: null, order: this.#next_order() });
		this.#pump(item.room_id);
	}

	discard(client_id) {
		const item = this.#items.get(client_id);
		if (item && item.state !== 'sending')
			this.#remove(item);
	}

	// The log shows it: whatever became of the answer, it is there.
	confirmed(client_id) {
		const item = this.#items.get(client_id);
		if (item)
			this.#remove(item);
	}

	// The line is back: what waits for its next try is tried now.
	nudge() {
		if (this.#user_id === null)
			return;
		this.#load();
		for (const room_id of [...this.#pauses.keys()])
			this.#end_pause(room_id);
		for (const room_id of new Set([...this.#items.values()].map((i) => i.room_id)))
			this.#pump(room_id);
	}

	#next_order() {
		this.#last_order = Math.max(this.#last_order + 1, this.#clock.now());
		return this.#last_order;
	}

	#name(client_id) {
		return `outbox:${this.#user_id}:${client_id}`;
	}

	#load() {
		const found = this.#keep.names(this.#name(''))
			.map((name) => this.#keep.get(name))
			.filter((item) => item && !this.#items.has(item.client_id))
			.sort((a, b) => a.order - b.order);

		for (const item of found) {
			this.#last_order = Math.max(this.#last_order, item.order);
			this.#put(item);
		}
	}

	#put(item) {
		this.#items.set(item.client_id, item);
		if (item.state === 'waiting' || item.state === 'failed')
			this.#keep.set(this.#name(item.client_id), item);
		this.dispatchEvent(new CustomEvent('item', { detail: item }));
		return item;
	}

	#remove(item) {
		this.#items.delete(item.client_id);
		this.#keep.remove(this.#name(item.client_id));
		this.dispatchEvent(new CustomEvent('gone', { detail: item }));
	}

	#first_waiting(room_id) {
		for (const item of this.#items.values())
			if (item.room_id === room_id && item.state === 'waiting')
				return item;
		return null;
	}

	async #pump(room_id) {
		if (this.#busy.has(room_id) || this.#pauses.has(room_id))
			return;
		const item = this.#first_waiting(room_id);
		if (!item)
			return;
		const turn = this.#turn;
		this.#busy.add(room_id);
		this.#put({ ...item, state: 'sending' });
		let error = null;
		let ack = null;
		try {
			ack = await this.#send(item);
		} catch (e) {
			error = e;
		}
		if (turn !== this.#turn)
			return;
		this.#busy.delete(room_id);
		this.#settle(item, ack, error);
		this.#pump(room_id);
	}

	// The try is over. The item may be gone by now: the log was faster.
	#settle(item, ack, error) {
		const { client_id, room_id } = item;
		const is_there = this.#items.has(client_id);

		if (!error) {
			this.#attempts.delete(room_id);
			if (is_there) {
				this.#put({ ...item, state: 'sent', seq: ack.seq });
				this.#keep.remove(this.#name(client_id));
				this.#items.delete(client_id);
			}
		} else if (error.transient) {
			if (is_there)
				this.#put(item);
			this.#pause(room_id, error.retry_after);
		} else if (is_there) {
			this.#attempts.delete(room_id);
			this.#put({ ...item, state: 'failed', error: error.code ?? 'internal' });
		}
	}

	#pause(room_id, told_s) {
		const attempt = this.#attempts.get(room_id) ?? 0;
		const wait = Math.max(backoff_ms(attempt, this.#random), (told_s ?? 0) * 1000);

		this.#attempts.set(room_id, attempt + 1);
		this.#pauses.set(room_id, this.#clock.after(wait, () => {
			this.#pauses.delete(room_id);
			this.#pump(room_id);
		}));
	}

	#end_pause(room_id) {
		this.#pauses.get(room_id)?.();
		this.#pauses.delete(room_id);
	}
}
