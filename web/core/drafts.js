// drafts.js -- the unfinished message in each room, kept across reloads.
//
// Draft: {text, reply_to}: reply_to is the quoted message, or null. Views read
// `store.drafts`. A draft is written to storage a moment after the last keystroke.

const REST_MS = 400;

export class Drafts {
	#keep;
	#store;
	#clock;
	#unsaved = new Set();		// room ids
	#cancel = () => {};

	constructor({ keep, store, clock }) {
		this.#keep = keep;
		this.#store = store;
		this.#clock = clock;
	}

	get #start() {
		return `draft:${this.#store.user?.id}:`;
	}

	open() {
		for (const name of this.#keep.names(this.#start))
			this.#reread(name.slice(this.#start.length));
	}

	// Another tab changed the stored value `key`: takes over its draft, unless the user is
	// writing here too.
	on_storage(key) {
		const start = this.#keep.prefix + this.#start;
		const room_id = key?.startsWith(start) ? key.slice(start.length) : null;

		if (room_id && !this.#unsaved.has(room_id))
			this.#reread(room_id);
	}

	#reread(room_id) {
		const draft = this.#keep.get(this.#start + room_id);

		this.#store.draft_changed(room_id, typeof draft?.text === 'string' ? draft : null);
	}

	// Leaves nothing behind for the next user.
	clear() {
		this.#cancel();
		this.#unsaved.clear();
		for (const name of this.#keep.names('draft:'))
			this.#keep.remove(name);
	}

	change(room_id, draft) {
		const { text, reply_to } = draft;

		this.#store.draft_changed(room_id, text || reply_to ? draft : null);
		this.#unsaved.add(room_id);
		this.#cancel();
		this.#cancel = this.#clock.after(REST_MS, () => this.save());
	}

	save() {
		this.#cancel();
		for (const room_id of this.#unsaved) {
			const draft = this.#store.drafts.get(room_id);
			if (draft)
				this.#keep.set(this.#start + room_id, draft);
			else
				this.#keep.remove(this.#start + room_id);
		}
		this.#unsaved.clear();
	}
}
