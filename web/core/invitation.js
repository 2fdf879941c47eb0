// invitation.js -- an invitation to a room, opened by whoever sits here. It waits until
// somebody is signed in, be that after a mail and in another tab. Who comes to this browser
// a day later is somebody else.

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

	// What join(code) answers; null without an invitation.
	async accept(join) {
		const { code } = this;

		this.#keep.remove(KEY);
		if (!code)
			return null;
		try {
			return await join(code);
		} catch (error) {
			if (error.code === 'offline') // nobody has answered: it may be good yet
				this.opened(code);
			throw error;
		}
	}
}
