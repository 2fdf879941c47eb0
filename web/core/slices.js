// slices.js -- what comes in a burst is done in slices, in its order, so that the page can
// be drawn and used in between. A browser may hand over hundreds of frames in one task.

const SLICE_MS = 8;

export class Slices {
	#each;
	#clock;
	#waiting = [];
	#end = null;		// of this slice; null: nothing was done in this task yet

	// each(one): does it.
	constructor({ each, clock }) {
		this.#each = each;
		this.#clock = clock;
	}

	// Done at once, unless too much was done in this task.
	push(one) {
		this.#waiting.push(one);
		this.#go_on();
	}

	// What waits, now: nothing comes any more.
	finish() {
		this.#end = Infinity;
		this.#work();
	}

	#go_on() {
		if (this.#end === null) {
			this.#end = this.#clock.now() + SLICE_MS;
			this.#clock.soon(() => {
				this.#end = null;
				if (this.#waiting.length > 0)
					this.#go_on();
			});
		}
		this.#work();
	}

	#work() {
		while (this.#waiting.length > 0 && this.#clock.now() < this.#end)
			this.#each(this.#waiting.shift());
	}
}
