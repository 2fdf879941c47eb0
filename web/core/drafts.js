// drafts.js -- what one began to write in each room, kept over a reload.
//
// Draft: {text, reply_to}: reply_to is the message that is answered, or null. Views read
// `store.drafts`. A draft is written to storage a moment after the last letter.

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
		for (const name of this.#keep.names(this.#start)) {
			const draft = this.#keep.get(name);
			if (typeof draft?.text === 'string')
				this.#store.draft_changed(name.slice(this.#start.length), draft);
		}
	}

	// Nothing is left behind for who comes next.
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
