// poll.js -- polls while there is no live connection.
//
// Starts when the connection has been lost for a moment, stops when it is back, and reports
// whether the server answers.

import { backoff_ms, clock as real_clock } from './clock.js';

const GRACE_MS = 2500;

export class Poll {
	#socket;
	#ask;
	#on_change;
	#clock;
	#random;
	#interval_ms;
	#cancel = null;
	#failures = 0;
	#turn = 0;

	// ask(): one round; rejects if the server is out of reach. on_change(polling): whether
	// the page relies on polling. interval_ms(): the pause.
	constructor({ socket, ask, on_change, interval_ms, clock = real_clock,
		random = Math.random }) {
		this.#socket = socket;
		this.#ask = ask;
		this.#on_change = on_change;
		this.#interval_ms = interval_ms;
		this.#clock = clock;
		this.#random = random;
		socket.addEventListener('state', (event) => this.#on_state(event.detail.state));
	}

	// Asks now instead of in the next round: the network may be back.
	nudge() {
		if (this.#cancel === null)
			return;
		this.#failures = 0;
		this.#plan(0);
	}

	#on_state(state) {
		if (state === 'online' || state === 'closed')
			this.#stop();
		else if (this.#cancel === null)
			this.#plan(GRACE_MS);
	}

	#stop() {
		this.#turn++;
		this.#cancel?.();
		this.#cancel = null;
		this.#failures = 0;
		this.#on_change(false);
	}

	#plan(wait) {
		this.#cancel?.();
		this.#cancel = this.#clock.after(wait, () => this.#round());
	}

	async #round() {
		const turn = ++this.#turn;
		let answers = true;
		try {
			await this.#ask();
		} catch {
			answers = false;
		}
		if (turn !== this.#turn)
			return;
		this.#failures = answers ? 0 : this.#failures + 1;
		this.#on_change(answers);
		this.#plan(this.#interval_ms() + (answers
			? 0 : backoff_ms(this.#failures, this.#random, { base_ms: 1000 })));
	}
}
