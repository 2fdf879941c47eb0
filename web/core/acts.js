// acts.js -- what one does with a message that is there: change it, delete it, react to
// it, find it.
//
// Changes and reactions are shown at once and taken back when they are refused; then the
// promise rejects with the server's word. The log has the last word in any case.

const later = Promise.resolve();

export class Acts {
	#api;
	#store;
	#clock;
	#queue = new Map();		// message id -> the last thing done with it

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

	// One after the other, as they were meant.
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
