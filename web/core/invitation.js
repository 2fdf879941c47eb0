// invitation.js -- an opened invitation to a room. It is kept until somebody signs in,
// perhaps after a mail and in another tab, but no longer than a day: later it may be another
// person.

const KEY = 'invited';
const GOOD_MS = 24 * 3600 * 1000;

export class Invitation {
	#keep;
	#clock;

	constructor({ keep, clock }) {
		this.#keep = keep;
		this.#clock = clock;
	}

	opened(code) {
		this.#keep.set(KEY, { code, at: this.#clock.now() });
	}

	get code() {
		const kept = this.#keep.get(KEY);
		return kept && this.#clock.now() - kept.at < GOOD_MS ? kept.code : null;
	}

	// Returns what join(code) returns; null if there is no invitation.
	async accept(join) {
		const { code } = this;

		this.#keep.remove(KEY);
		if (!code)
			return null;
		try {
			return await join(code);
		} catch (error) {
			if (error.code === 'offline') // no answer: it may still be valid
				this.opened(code);
			throw error;
		}
	}
}
