// outbox.js -- messages that the server has not confirmed yet.
//
// A message gets a random client_id here, is stored together with its file (pile.js), and is
// sent until it is acknowledged or refused. It always keeps its client_id, so the server
// stores it once however often it receives it. Each room sends one message at a time, which
// preserves their order, files included.
//
// All tabs of a user have the same items. One tab sends, under a lock of the room, whichever
// tab wrote them. Without locks several tabs may send the same item; the server still stores
// it once. A tab that the browser freezes releases the lock.
//
// Item: {client_id, room_id, user_id, kind, text, data, reply_to, file, order, created_at,
// state, error, progress, retry_at, is_kept}. The message's own fields are those of the API,
// or null. file: {is_plain} if it carries one. state: waiting, sending, sent (acknowledged),
// failed (refused). progress: {sent, total} in bytes, during its upload. retry_at: until when
// the server makes it wait, by our clock. is_kept: whether it outlives the page; absent until
// that is known.
//
// Owns:   the queues.
// Events: item (changed), gone (the item): the store follows these.
// Never:  knows how a message is sent: send(item, {blob, signal, on_progress, on_uploaded})
//         resolves with {seq} when it is acknowledged, or rejects with an error that is
//         `transient` or not.

import { backoff_ms, clock as real_clock } from './clock.js';
import { Pile } from './pile.js';
import { new_item } from './store.js';
import { random_id } from './text.js';

// Another tab sends what it wrote, unless that takes longer than this.
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
	#busy = new Set();		// room ids with a message in flight
	#pauses = new Map();		// room id -> cancels the pause before the next try
	#attempts = new Map();		// room id -> failed tries of its first message
	#theirs = new Map();		// room id -> cancels the wait for another tab
	#aborts = new Map();		// client_id -> AbortController of its upload
	#turn = 0;
	#end_turn = () => {};
	#turn_ended;
	#last_order = 0;

	// shelf: shelf.js. notes: notes.js. channel: a BroadcastChannel between tabs, or null.
	// locks: the browser's LockManager, or null. name: prefix of lock names.
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

	// Loads what this user left unsent, here or in another tab. Messages that were in flight
	// may have arrived; sending them again under the same client_id is safe.
	async open(user_id) {
		this.close();
		await this.#pile.open(user_id);
		this.#pump_all();
	}

	// Forgets everything in memory; stored items stay stored.
	close() {
		this.rest();
		for (const cancel of [...this.#pauses.values(), ...this.#theirs.values()])
			cancel();
		for (const map of [this.#pauses, this.#theirs, this.#attempts])
			map.clear();
		this.#pile.close();
	}

	// The browser is about to freeze this page, so other tabs should take over. nudge()
	// resumes.
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

	// Also deletes unsent items.
	clear() {
		return this.#pile.clear();
	}

	get unsent_count() {
		return this.#pile.items.length;
	}

	// Whether closing the page would lose something.
	get is_fleeting() {
		return this.#pile.items.some(({ is_kept }) => !is_kept);
	}

	// said: {text, kind, data, reply_to}; text alone is enough. blob: the file it carries;
	// data then has its name and size. is_plain: show it as a file, whatever its type.
	add(room_id, said, { blob = null, is_plain = false } = {}) {
		const item = new_item({
			...said, client_id: this.#new_id(), user_id: this.#pile.user_id, room_id,
			file: blob ? { is_plain } : null, order: this.#next_order(),
		}, this.#clock.now());

		this.#pile.add(item, blob);
		this.#pump(room_id);
		return item;
	}

	// Whether this message is known here and unconfirmed.
	has(client_id) {
		return this.#pile.get(client_id) !== undefined;
	}

	// The file of an item, or null.
	blob(client_id) {
		return this.#pile.blob(client_id);
	}

	// Sends a refused message again, after those that are waiting.
	retry(client_id) {
		const item = this.#pile.get(client_id);
		if (item?.state !== 'failed')
			return;
		this.#pile.change({ ...item, state: 'waiting', error: null,
			order: this.#next_order() });
		this.#pump(item.room_id);
	}

	// Deletes an item unless it is in flight; an upload is cancelled.
	discard(client_id) {
		const item = this.#pile.get(client_id);
		if (item && (item.state !== 'sending' || item.progress))
			this.#pile.remove(item);
	}

	// The log shows this message, so it has arrived whatever became of its acknowledgement.
	confirmed(client_id) {
		const item = this.#pile.get(client_id);
		if (item)
			this.#pile.remove(item);
	}

	// The connection is back: retries everything now.
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

	// Runs work() while no other tab does the same; releases the lock when the turn ends.
	async #locked(room_id, work) {
		let has_begun = false;
		const bounded = () => {
			has_begun = true;
			return Promise.race([work(), this.#turn_ended]);
		};

		try {
			await this.#locks?.request(`${this.#name}outbox:${room_id}`, bounded);
		} catch {
			// locks are not allowed on this page: work without
		}
		if (!has_begun)
			await bounded();
	}

	async #send_all(room_id, turn) {
		// another tab may have been sending until now
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
		// it may be gone: discarded, or already confirmed by the log
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
				// only if the server asked for a delay, not if it is unreachable
				retry_at: error.retry_after ? this.#clock.now() + wait_ms : null });
		this.#attempts.set(room_id, attempt + 1);
		this.#pause(room_id, wait_ms);
	}

	// Extra arguments for sending an item with a file.
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
			// remembered, so that a retry or a reload does not upload it again
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
