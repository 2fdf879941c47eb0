// slices.js -- handles a burst in slices, in order, so that the page can draw and respond in
// between. A browser may deliver hundreds of frames in one task.

const SLICE_MS = 8;

export class Slices {
	#each;
	#clock;
	#waiting = [];
	#end = null;		// of this slice; null: nothing was done in this task yet

	// each(one): handles one.
	constructor({ each, clock }) {
		this.#each = each;
		this.#clock = clock;
	}

	// Handled at once, unless this task has already done enough.
	push(one) {
		this.#waiting.push(one);
		this.#go_on();
	}

	// Handles the rest now: nothing more will come.
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
