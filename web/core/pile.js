// pile.js -- the unconfirmed messages of one user, shared by all tabs.
//
// Each tab has all of them in memory, with their local state; the shelf (shelf.js) has those
// that must survive. After writing to the shelf a tab tells the others, and they read it
// again. A text is first noted (notes.js), so it survives from its first moment, even if the
// shelf does not take it.
//
// Owns:   the items, in memory, on the shelf and noted; files that the shelf does not have.
// Events: item (changed), gone (the item), theirs ({room_id}: another tab wrote there).
// Never:  sends anything.

// Waiting files are kept up to this total; beyond it they last as long as the page.
const MAX_KEPT_BYTES = 200 * 1024 ** 2;

export class Pile extends EventTarget {
	#shelf;
	#notes;
	#channel;
	#items = new Map();		// client_id -> item
	#fleeting = new Map();		// client_id -> file not on the shelf (yet)
	#done = new Set();		// client_ids that are settled: the shelf may lag behind
	#shelved = new Map();		// client_id -> step at which it was last seen stored, or put there
	#step = 0;
	#user_id = null;

	// channel: a BroadcastChannel between tabs, or null.
	constructor({ shelf, notes, channel }) {
		super();
		this.#shelf = shelf;
		this.#notes = notes;
		this.#channel = channel;
		if (channel)
			channel.onmessage = ({ data }) => this.#on_told(data);
	}

	async open(user_id) {
		this.close();
		this.#user_id = user_id;
		const has_read = this.reread();
		// written on this page and noted in memory only: the shelf may take it
		for (const item of this.items)
			if (!item.is_kept)
				this.#put(item);
		await has_read;
	}

	// Forgets everything in memory; what is on the shelf stays.
	close() {
		this.#items.clear();
		this.#fleeting.clear();
		this.#shelved.clear();
		this.#user_id = null;
	}

	get user_id() {
		return this.#user_id;
	}

	get items() {
		return [...this.#items.values()];
	}

	get(client_id) {
		return this.#items.get(client_id);
	}

	// The file of an item, or null.
	async blob(client_id) {
		return this.#fleeting.get(client_id) ?? this.#shelf.blob(client_id);
	}

	// Adds an item, with its file if it carries one.
	async add(item, blob) {
		this.show(item);
		if (blob)
			this.#fleeting.set(item.client_id, blob);
		if (blob && this.#carried_bytes > MAX_KEPT_BYTES)
			this.show({ ...item, is_kept: false });
		else
			await this.#put(item, blob ?? undefined);
		this.#tell({ what: 'changed', room_id: item.room_id });
	}

	// Changes it in memory only.
	show(item) {
		this.#items.set(item.client_id, item);
		this.dispatchEvent(new CustomEvent('item', { detail: item }));
		return item;
	}

	// Changes it in storage too.
	async change(item) {
		this.show(item);
		if (item.is_kept !== false)
			await this.#put(item);
		this.#tell({ what: 'changed', room_id: item.room_id });
	}

	// Acknowledged: shown until the log shows it, and no longer stored.
	sent(item, seq) {
		this.show({ ...item, state: 'sent', seq, progress: null });
		this.#drop(item.client_id);
		this.#notes.remove(item);
		this.#shelf.remove(item.client_id);
		this.#tell({ what: 'sent', client_id: item.client_id, seq });
	}

	async remove(item) {
		const { client_id } = item;

		this.#forget(client_id);
		this.#notes.remove(item);
		await this.#shelf.remove(client_id);
		this.#tell({ what: 'gone', client_id });
	}

	async clear() {
		const user_id = this.#user_id;

		await Promise.all(this.items.map((item) => this.remove(item)));
		// items left by an earlier page and not read yet
		const found = await this.#shelf.all(user_id).catch(() => []);
		await Promise.all(found.map(({ client_id }) => this.#shelf.remove(client_id)));
	}

	// Reads what other tabs noted, stored and removed.
	async reread() {
		const user_id = this.#user_id;
		const step = ++this.#step;
		// before the shelf: an item moving from notes to shelf is then seen in one of them
		const noted = this.#notes.of(user_id);
		let found;

		for (const item of noted)
			this.#take_up(item, step);
		try {
			found = await this.#shelf.all(user_id);
		} catch {
			return; // no shelf: memory is all there is
		}
		if (user_id !== this.#user_id)
			return;
		const there = new Set(noted.map((item) => item.client_id));
		for (const item of found) {
			// if it is noted too, the shelf may have an older version
			if (!there.has(item.client_id))
				this.#take_up({ ...item, is_kept: true }, step);
			there.add(item.client_id);
		}
		for (const [client_id, seen] of [...this.#shelved])
			if (seen < step && !there.has(client_id))
				this.#forget(client_id);
	}

	get #carried_bytes() {
		return this.items.filter(({ file, state }) => file && state !== 'sent')
			.reduce((sum, { data }) => sum + (data.size ?? 0), 0);
	}

	#take_up(item, step) {
		const { client_id, state } = item;
		const known = this.#items.get(client_id);

		if (this.#done.has(client_id) || this.#shelved.get(client_id) > step)
			return;
		this.#shelved.set(client_id, step);
		if (!known || (known.state !== state && known.state !== 'sending'))
			this.show({ ...item, progress: null });
	}

	async #put(item, blob) {
		const { client_id, file } = item;
		// store a message in flight as waiting, for the page after this one
		const state = item.state === 'sending' ? 'waiting' : item.state;
		const kept = { ...item, state, progress: null };
		const is_noted = !file && this.#notes.add(kept);

		if (is_noted)
			this.#say_kept(client_id, true);
		this.#shelved.set(client_id, ++this.#step);
		const is_shelved = await this.#shelf.put(kept, blob);
		if (is_shelved) {
			this.#fleeting.delete(client_id);
			this.#notes.remove(item);
		} else {
			this.#shelved.delete(client_id);
		}
		// another tab took it from the note and has already sent or discarded it
		if (this.#done.has(client_id))
			this.#shelf.remove(client_id);
		this.#say_kept(client_id, is_noted || is_shelved);
	}

	#say_kept(client_id, is_kept) {
		const now = this.#items.get(client_id);

		if (now && now.is_kept !== is_kept)
			this.show({ ...now, is_kept });
	}

	#drop(client_id) {
		this.#done.add(client_id);
		this.#items.delete(client_id);
		this.#fleeting.delete(client_id);
		this.#shelved.delete(client_id);
	}

	#forget(client_id) {
		const item = this.#items.get(client_id);

		this.#drop(client_id);
		if (item)
			this.dispatchEvent(new CustomEvent('gone', { detail: item }));
	}

	// --- other tabs ---

	#tell(word) {
		this.#channel?.postMessage({ ...word, user_id: this.#user_id });
	}

	#on_told({ what, user_id, client_id, room_id, seq }) {
		if (user_id !== this.#user_id)
			return;
		const item = this.#items.get(client_id);

		if (what === 'gone') {
			this.#forget(client_id);
		} else if (what === 'sent') {
			if (item)
				this.show({ ...item, state: 'sent', seq, progress: null });
			this.#drop(client_id);
		} else if (what === 'changed') {
			this.reread().then(() => this.dispatchEvent(
				new CustomEvent('theirs', { detail: { room_id } })));
		}
	}
}
