// files.js -- URLs of the files of messages.
//
// A URL that a page can load is signed for this user and valid for about an hour. Messages
// from history have signed URLs; live messages have plain ones, the same for everybody, so
// the message is requested again before its file is shown. The same is done if a URL was
// refused. Results are cached while they are valid.
//
// Owns: the cached URLs, and the requests in flight.

import { ApiError } from './api.js';
import { clock as real_clock } from './clock.js';

// A URL this close to its expiry is not used any more.
const MARGIN_MS = 60000;
// A new URL is valid, whatever this machine's clock says.
const FRESH_MS = 10 * 60000;
// Beyond this many, the oldest is dropped.
const MOST = 400;

const until_of = (url) => Number(/[?&]until=(\d+)/.exec(url ?? '')?.[1] ?? 0) * 1000;

export class Files {
	#api;
	#clock;
	#asked = new Map();		// file id -> {url, thumb_url, at}
	#asking = new Map();		// file id -> promise of the same
	#turn = 0;		// discards answers for a former user

	constructor({ api, clock = real_clock }) {
		this.#api = api;
		this.#clock = clock;
	}

	// {url, thumb_url} that are valid now, or null if the message must be requested.
	known({ data }) {
		if (until_of(data.url) - MARGIN_MS > this.#clock.now())
			return data;
		const asked = this.#asked.get(data.file_id);
		const now = this.#clock.now();
		return asked && (now - asked.at < FRESH_MS || until_of(asked.url) - MARGIN_MS > now)
			? asked : null;
	}

	// The same, requested if necessary. Rejects on failure: the message may have been
	// deleted.
	address(message) {
		const known = this.known(message);
		return known ? Promise.resolve(known) : this.renew(message);
	}

	// Requests new URLs: the known ones were refused.
	renew({ id, data }) {
		const { file_id } = data;

		if (!this.#asking.has(file_id))
			this.#asking.set(file_id, this.#ask(id, file_id)
				.finally(() => this.#asking.delete(file_id)));
		return this.#asking.get(file_id);
	}

	// Another user has signed in.
	clear() {
		this.#turn++;
		this.#asked.clear();
		this.#asking.clear();
	}

	async #ask(message_id, file_id) {
		const turn = this.#turn;
		const { data } = await this.#api.message(message_id);
		if (!data)
			throw new ApiError({ status: 404, code: 'not_found' });
		const { url, thumb_url } = data;
		const found = { url, thumb_url, at: this.#clock.now() };

		if (turn !== this.#turn)
			return found;
		this.#asked.delete(file_id);
		this.#asked.set(file_id, found);
		if (this.#asked.size > MOST)
			this.#asked.delete(this.#asked.keys().next().value);
		return found;
	}
}
