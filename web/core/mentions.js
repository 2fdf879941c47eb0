// mentions.js -- finds unread mentions of me in a room.
//
// Looks among the loaded messages first, then page by page after them.
//
// Never: the page; company.js reports what was read.

const PAGE = 100;
// A mention further on is found by scrolling.
const MOST_PAGES = 20;

export class Mentions {
	#api;
	#store;

	constructor({ api, store }) {
		this.#api = api;
		this.#store = store;
	}

	// The seq of the first mention after `after` and after my read position; null: none.
	async next(room_id, after = 0) {
		const { me } = this.#store.rooms.get(room_id) ?? {};
		const from = Math.max(after, me?.read_seq ?? 0);
		const { found, cursor } = this.#at_hand(room_id, from);

		return found ?? (cursor === null ? null : this.#look_on(room_id, cursor, from));
	}

	#first(messages, from) {
		const { id } = this.#store.user;
		return messages.find(({ seq, sender, mentions, deleted_at }) => seq > from
			&& mentions?.includes(id) && sender?.id !== id && !deleted_at)?.seq ?? null;
	}

	// {found, cursor}: cursor is where to read on; null: nothing follows.
	#at_hand(room_id, from) {
		const { messages = [], has_before = true, has_after = true } =
			this.#store.timelines.get(room_id) ?? {};

		// the messages in between are not loaded
		if (messages.length === 0 || (has_before && messages[0].seq > from + 1))
			return { found: null, cursor: from };
		const found = this.#first(messages, from);
		return { found, cursor: has_after ? Math.max(from, messages.at(-1).seq) : null };
	}

	async #look_on(room_id, after, from) {
		for (let n = 0, cursor = after; n < MOST_PAGES; n++) {
			const page = await this.#api.messages(room_id, { after: cursor, limit: PAGE });
			const found = this.#first(page.items, from);
			if (found !== null || !page.has_after || page.items.length === 0)
				return found;
			cursor = page.items.at(-1).seq;
		}
		return null;
	}
}
