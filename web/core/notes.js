// notes.js -- notes written texts in local storage synchronously: the shelf (shelf.js) takes
// a moment, and the page may be closed by then.
//
// Note: an outbox item, under its user and client_id. is_kept: whether it outlives the page;
// false if the browser refuses storage.
//
// Owns: the names in the storage that begin with `outbox:`.

const start_of = (user_id) => `outbox:${user_id}:`;
const name_of = ({ user_id, client_id }) => start_of(user_id) + client_id;

export class Notes {
	#keep;

	constructor(keep) {
		this.#keep = keep;
	}

	// Returns whether it outlives the page.
	add(item) {
		return this.#keep.set(name_of(item), item);
	}

	remove(item) {
		this.#keep.remove(name_of(item));
	}

	// This user's notes, in their order.
	of(user_id) {
		return this.#keep.names(start_of(user_id))
			.map((name) => ({ ...this.#keep.get(name), is_kept: this.#keep.is_stored(name) }))
			// ignore values that are not notes
			.filter((item) => item.user_id === user_id && item.client_id && item.room_id)
			.sort((a, b) => a.order - b.order);
	}

	clear(user_id) {
		for (const name of this.#keep.names(start_of(user_id)))
			this.#keep.remove(name);
	}
}
