// call_line.js -- calls over the live connection: actions, which are answered, and signals to
// another participant, which are answered only if they did not arrive.
//
// Owns: the promises of the actions in flight.

import { ApiError, error_of_frame } from './api.js';

const ANSWER_MS = 12000;

const offline = () => new ApiError({ code: 'offline' });

export class CallLine {
	#socket;
	#clock;
	#on_lost;
	#refs = 0;
	#waiting = new Map();		// ref -> {resolve, reject, cancel}

	// on_lost(user_id): a signal to this person did not arrive.
	constructor({ socket, clock, on_lost }) {
		this.#socket = socket;
		this.#clock = clock;
		this.#on_lost = on_lost;
		socket.addEventListener('frame', (event) => this.#on_frame(event.detail));
		socket.addEventListener('state', ({ detail }) => {
			if (detail.state !== 'online')
				for (const ref of [...this.#waiting.keys()])
					this.#take(ref).reject(offline());
		});
	}

	// Resolves with the answering frame. Rejects with an ApiError, perhaps with the call in
	// call_id.
	ask(fields) {
		return new Promise((resolve, reject) => {
			const ref = `call:${++this.#refs}`;
			const fail = () => this.#take(ref)?.reject(offline());
			const cancel = this.#clock.after(ANSWER_MS, fail);
			this.#waiting.set(ref, { resolve, reject, cancel });
			if (!this.#socket.send({ type: 'call', ref, ...fields }))
				fail();
		});
	}

	// Sends without waiting for the answer, for example while the page is closing.
	say(fields) {
		this.#socket.send({ type: 'call', ref: `call:${++this.#refs}`, ...fields });
	}

	signal(call_id, to, data) {
		this.#socket.send({ type: 'signal', ref: `signal:${to}`, call_id, to, data });
	}

	#on_frame(frame) {
		if (frame.type === 'call' && frame.ref) {
			this.#take(frame.ref)?.resolve(frame);
		} else if (frame.type === 'error' && frame.ref?.startsWith('signal:')) {
			this.#on_lost(frame.ref.slice('signal:'.length));
		} else if (frame.type === 'error' && frame.ref) {
			const error = error_of_frame(frame);
			error.call_id = frame.call_id ?? null;
			this.#take(frame.ref)?.reject(error);
		}
	}

	#take(ref) {
		const promise = this.#waiting.get(ref);
		this.#waiting.delete(ref);
		promise?.cancel();
		return promise;
	}
}
