// notes.js -- texts that one said, noted in the storage of small things in the same breath:
// the shelf (shelf.js) takes a moment to have them, and the page may be gone by then.
//
// Note: an item of the outbox, under its person and its client_id; is_kept says whether it
// outlives the page, which it does not where the browser refuses the storage.
//
// Owns: the names in the storage that begin with `outbox:`.

const start_of = (user_id) => `outbox:${user_id}:`;
const name_of = ({ user_id, client_id }) => start_of(user_id) + client_id;

export class Notes {
	#keep;

	constructor(keep) {
		this.#keep = keep;
	}

	// Answers whether it outlives the page now.
	add(item) {
		return this.#keep.set(name_of(item), item);
	}

	remove(item) {
		this.#keep.remove(name_of(item));
	}

	// What this user left, in its order.
	of(user_id) {
		return this.#keep.names(start_of(user_id))
			.map((name) => ({ ...this.#keep.get(name), is_kept: this.#keep.is_stored(name) }))
			// what somebody else put there is no note
			.filter((item) => item.user_id === user_id && item.client_id && item.room_id)
			.sort((a, b) => a.order - b.order);
	}

	clear(user_id) {
		for (const name of this.#keep.names(start_of(user_id)))
			this.#keep.remove(name);
	}
}
