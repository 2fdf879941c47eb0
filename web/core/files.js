// files.js -- where the files of messages are to be had.
//
// An address that a page can load is signed for this person and holds for an hour or so.
// Messages from history have such ones; what came live has plain ones, the same for
// everybody, and the message is asked for again before its file is shown. So it is when
// an address was refused. What was asked for is remembered for as long as it holds.
//
// Owns: the addresses that were asked for, and the requests under way.

import { ApiError } from './api.js';
import { clock as real_clock } from './clock.js';

// This long before its end an address is not handed out any more.
const MARGIN_MS = 60000;
// An address just made is good, whatever this machine's clock says.
const FRESH_MS = 10 * 60000;
// The least recently asked for is forgotten beyond so many.
const MOST = 400;

const until_of = (url) => Number(/[?&]until=(\d+)/.exec(url ?? '')?.[1] ?? 0) * 1000;

export class Files {
	#api;
	#clock;
	#asked = new Map();		// file id -> {url, thumb_url, at}
	#asking = new Map();		// file id -> promise of the same
	#turn = 0;		// answers for somebody who has left are not kept

	constructor({ api, clock = real_clock }) {
		this.#api = api;
		this.#clock = clock;
	}

	// {url, thumb_url} that are good now, or null if the message has to be asked for.
	known({ data }) {
		if (until_of(data.url) - MARGIN_MS > this.#clock.now())
			return data;
		const asked = this.#asked.get(data.file_id);
		const now = this.#clock.now();
		return asked && (now - asked.at < FRESH_MS || until_of(asked.url) - MARGIN_MS > now)
			? asked : null;
	}

	// The same, asked for where it has to be. Rejects when it cannot be had: the message
	// may be gone by now.
	address(message) {
		const known = this.known(message);
		return known ? Promise.resolve(known) : this.renew(message);
	}

	// Asked for in any case: what was known has been refused.
	renew({ id, data }) {
		const { file_id } = data;

		if (!this.#asking.has(file_id))
			this.#asking.set(file_id, this.#ask(id, file_id)
				.finally(() => this.#asking.delete(file_id)));
		return this.#asking.get(file_id);
	}

	// Somebody else sits here now.
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
