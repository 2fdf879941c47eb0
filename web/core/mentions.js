// mentions.js -- where in a room I am named and have not read it yet.
//
// Looked for among the messages at hand first, then page by page in what comes after.
//
// Never: the page; what has been read is company.js's.

const PAGE = 100;
// A mention further on than this is found by who reads on.
const MOST_PAGES = 20;

export class Mentions {
	#api;
	#store;

	constructor({ api, store }) {
		this.#api = api;
		this.#store = store;
	}

	// The seq of the first one after `after` and after all that was read; null: none.
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

	// {found, cursor}: cursor is where to read on, null where nothing comes after.
	#at_hand(room_id, from) {
		const { messages = [], has_before = true, has_after = true } =
			this.#store.timelines.get(room_id) ?? {};

		// what lies between is not there
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
