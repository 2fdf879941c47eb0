// call_ring.js -- the ringing sounds, of incoming and outgoing calls. Generated, so there is
// no file to load.

const VOLUME = 0.12;

// The tones of each: [[frequency, from second, to second], …], repeated after `every`
// seconds.
const SOUNDS = {
	in: {
		tones: [[659, 0, 0.16], [784, 0.18, 0.34], [988, 0.36, 0.7], [784, 0.72, 1.1]], every: 2.6,
	},
	out: { tones: [[425, 0, 1]], every: 4 },
};
const SHAKE = [300, 200, 300];

export class Ring {
	#name = null;
	#context = null;
	#timer = null;
	#release = () => {};

	// name: 'in', 'out'; null: silence.
	sound(name) {
		if (name === this.#name)
			return;
		this.#stop();
		this.#name = name;
		// a page without user activation may not play sound
		if (name && (navigator.userActivation?.hasBeenActive ?? true))
			this.#in_one_tab(() => this.#start(name));
	}

	// One tab is enough.
	#in_one_tab(start) {
		if (!navigator.locks) {
			start();
			return;
		}
		const name = this.#name;
		navigator.locks.request(`${document.baseURI}ring`, { ifAvailable: true }, (lock) => {
			if (!lock || this.#name !== name)
				return null;
			start();
			return new Promise((resolve) => {
				this.#release = resolve;
			});
		}).catch(() => {});
	}

	#start(name) {
		try {
			this.#context = new AudioContext();
		} catch {
			return;		// no sound card: rings visibly only
		}
		this.#play(SOUNDS[name], name === 'in');
	}

	#play(sound, shakes) {
		const now = this.#context.currentTime + 0.02;

		for (const [frequency, from, to] of sound.tones)
			this.#tone(frequency, now + from, now + to);
		if (shakes)
			navigator.vibrate?.(SHAKE);
		this.#timer = setTimeout(() => this.#play(sound, shakes), sound.every * 1000);
	}

	#tone(frequency, from, to) {
		const tone = this.#context.createOscillator();
		const gain = this.#context.createGain();

		tone.frequency.value = frequency;
		gain.gain.setValueAtTime(0, from);
		gain.gain.linearRampToValueAtTime(VOLUME, from + 0.02);
		gain.gain.setValueAtTime(VOLUME, to - 0.06);
		gain.gain.linearRampToValueAtTime(0, to);
		tone.connect(gain).connect(this.#context.destination);
		tone.start(from);
		tone.stop(to);
	}

	#stop() {
		clearTimeout(this.#timer);
		this.#context?.close().catch(() => {});
		this.#context = null;
		this.#release();
		this.#release = () => {};
		if (this.#name === 'in' && navigator.userActivation?.hasBeenActive)
			navigator.vibrate?.(0);
		this.#name = null;
	}
}
