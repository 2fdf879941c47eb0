// acts.js -- changes messages: edits, deletes, reacts; and searches.
//
// Edits and reactions are shown at once and reverted if the server refuses them; the promise
// then rejects with its error. The log has the last word in any case.

const later = Promise.resolve();

export class Acts {
	#api;
	#store;
	#clock;
	#queue = new Map();		// message id -> promise of its last change

	constructor({ api, store, clock }) {
		this.#api = api;
		this.#store = store;
		this.#clock = clock;
	}

	edit(message, text) {
		const edited_at = new Date(this.#clock.now()).toISOString();
		const { room_id, id } = message;

		this.#store.message_changed(room_id, id, (now) => ({ ...now, text, edited_at }));
		return this.#in_order(id, () => this.#api.edit_message(id, text), (now) =>
			(now.text === text ? { ...now, text: message.text, edited_at: message.edited_at }
				: now), room_id);
	}

	async remove({ id }) {
		await this.#api.remove_message(id);
	}

	react({ room_id, id }, emoji, on) {
		this.#store.message_reacted(room_id, id, emoji, on);
		return this.#in_order(id, () => this.#api.react(id, emoji, on), null, room_id,
			() => this.#store.message_reacted(room_id, id, emoji, !on));
	}

	// Sends the changes of one message in the order they were made.
	#in_order(id, send, undo, room_id, undo_it = () =>
		this.#store.message_changed(room_id, id, undo)) {
		const done = (this.#queue.get(id) ?? later).catch(() => {}).then(async () => {
			try {
				await send();
			} catch (error) {
				undo_it();
				throw error;
			}
		});
		this.#queue.set(id, done);
		return done;
	}

	// {items, next}: messages that I may see, newest first.
	search(query) {
		return this.#api.search(query);
	}
}
