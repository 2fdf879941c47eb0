// delivery.js -- how one message goes out: over the live line, else by POST.
//
// Answers with a promise that is kept only by an acknowledgement. A message whose try
// over the line was lost goes by POST the next time: the same client_id makes both one,
// and a line that swallows it cannot keep it for ever.
//
// Owns: the promises of the messages on their way.

import { ApiError, without_nulls } from './api.js';
import { clock as real_clock } from './clock.js';

const ACK_MS = 15000;

// What an error's word means over REST. A refused token is not the message's fault:
// the line is about to close, and comes back.
const STATUS = {
	rate_limited: 429, unavailable: 503, internal: 500,
	token_expired: 0, token_invalid: 0, session_ended: 0,
};

const offline = () => new ApiError({ code: 'offline' });

// What a message is made of, of all that an item of the outbox says.
const fields_of = ({ client_id, kind, text, data, reply_to }) => ({
	client_id, kind: kind === 'text' ? null : kind, text, data, reply_to,
});

// An error frame as the same kind of error that REST throws.
export function error_of_frame(frame) {
	return new ApiError({ ...frame, status: STATUS[frame.code] ?? 422 });
}

export class Delivery {
	#api;
	#socket;
	#clock;
	#on_posted;
	#waiting = new Map();		// ref -> {resolve, reject}
	#lost = new Set();		// client_ids whose try over the line came to nothing

	// on_posted(room_id): a message went by POST, and no line will show it by itself.
	constructor({ api, socket, on_posted, clock = real_clock }) {
		this.#api = api;
		this.#socket = socket;
		this.#clock = clock;
		this.#on_posted = on_posted;
		socket.addEventListener('frame', (event) => this.#on_frame(event.detail));
		socket.addEventListener('state', (event) => {
			if (event.detail.state !== 'online')
				this.#fail_all();
		});
	}

	async send(item) {
		const { client_id } = item;

		if (this.#socket.online && !this.#lost.has(client_id))
			return this.#over_line(item);
		const message = await this.#api.post_message(item.room_id, fields_of(item));
		this.#lost.delete(client_id);
		this.#on_posted(item.room_id);
		return message;
	}

	#over_line(item) {
		const { client_id, room_id } = item;

		return new Promise((resolve, reject) => {
			const ref = `message:${client_id}`;
			const cancel = this.#clock.after(ACK_MS, () => this.#fail(ref, offline()));
			this.#waiting.set(ref, { resolve, reject, cancel, client_id });
			const frame = { type: 'message', ref, room_id, ...without_nulls(fields_of(item)) };
			if (!this.#socket.send(frame))
				this.#fail(ref, offline());
		});
	}

	#on_frame(frame) {
		if (frame.type === 'ack')
			this.#take(frame.ref)?.resolve(frame);
		else if (frame.type === 'error')
			this.#fail(frame.ref, error_of_frame(frame));
	}

	#take(ref) {
		const promise = this.#waiting.get(ref);
		this.#waiting.delete(ref);
		promise?.cancel();
		return promise;
	}

	#fail(ref, error) {
		const promise = this.#take(ref);
		if (promise && error.status === 0)
			this.#lost.add(promise.client_id);
		promise?.reject(error);
	}

	#fail_all() {
		for (const ref of [...this.#waiting.keys()])
			this.#fail(ref, offline());
	}
}
