// delivery.js -- sends one message: first its file, if it has one; then the message, over the
// live connection or by POST.
//
// The promise resolves only when the message is acknowledged. If a try over the connection
// was lost, the next one goes by POST: the client_id prevents duplicates, and a connection
// that swallows messages cannot block them for ever.
//
// Owns: the promises of the messages in flight.

import { ApiError, error_of_frame, without_nulls } from './api.js';
import { clock as real_clock } from './clock.js';
import { kind_of_type } from './filetypes.js';

const ACK_MS = 15000;

const offline = () => new ApiError({ code: 'offline' });

// The client sends only these fields of a file; the server knows the rest.
const SAID_OF_FILE = ['file_id', 'alt', 'duration', 'waveform', 'width', 'height'];

// The fields of a message, from an outbox item.
function fields_of({ client_id, kind, text, data, reply_to, file }) {
	const said = file ? Object.fromEntries(SAID_OF_FILE
		.filter((name) => data[name] !== null && data[name] !== undefined)
		.map((name) => [name, data[name]])) : data;

	return without_nulls({
		client_id, kind: kind === 'text' ? null : kind, text, data: said, reply_to,
	});
}

export class Delivery {
	#api;
	#uploads;
	#socket;
	#clock;
	#on_posted;
	#waiting = new Map();		// ref -> {resolve, reject}
	#lost = new Set();		// client_ids whose try over the connection was lost

	// on_posted(room_id): a message was sent by POST; without a live connection no event will
	// show it.
	constructor({ api, uploads, socket, on_posted, clock = real_clock }) {
		this.#api = api;
		this.#uploads = uploads;
		this.#socket = socket;
		this.#clock = clock;
		this.#on_posted = on_posted;
		socket.addEventListener('frame', (event) => this.#on_frame(event.detail));
		socket.addEventListener('state', (event) => {
			if (event.detail.state !== 'online')
				this.#fail_all();
		});
	}

	// If it carries a file (item.file): `blob` is the file, `signal` cancels its upload,
	// on_progress(sent, total) and on_uploaded({kind, data}) report.
	async send(item, { blob, signal, on_progress, on_uploaded } = {}) {
		if (!item.file)
			return this.#send(item);
		const upload = async () => {
			const carried = await this.#upload(item, { blob, signal, on_progress });
			on_uploaded?.(carried);
			return { ...item, ...carried };
		};
		if (!item.data.file_id)
			return this.#send(await upload());
		try {
			return await this.#send(item);
		} catch (error) {
			// uploaded so long ago that the server has deleted it: upload again
			if (error.status !== 422 || !blob)
				throw error;
			return this.#send(await upload());
		}
	}

	async #upload(item, { blob, signal, on_progress }) {
		const { client_id, data, file } = item;

		await readable(blob);
		const { id, name, size, mime, width, height, duration } = await this.#uploads.send({
			blob, name: data.name, key: client_id, signal, on_progress,
		});
		const known = without_nulls({ name, size, mime, width, height, duration });
		return {
			// the content decides the kind, unless the user attached it as a plain file
			kind: file.is_plain ? 'file' : kind_of_type(mime),
			data: { ...data, ...known, file_id: id },
		};
	}

	async #send(item) {
		if (this.#socket.online && !this.#lost.has(item.client_id))
			return this.#over_line(item);
		const message = await this.#api.post_message(item.room_id, fields_of(item));
		this.#lost.delete(item.client_id);
		this.#on_posted(item.room_id);
		return message;
	}

	#over_line(item) {
		const { client_id, room_id } = item;

		return new Promise((resolve, reject) => {
			const ref = `message:${client_id}`;
			const cancel = this.#clock.after(ACK_MS, () => this.#fail(ref, offline()));
			this.#waiting.set(ref, { resolve, reject, cancel, client_id });
			const frame = { type: 'message', ref, room_id, ...fields_of(item) };
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

// A file changed on disk since it was chosen can no longer be read, and the browser would
// report that as a network error.
async function readable(blob) {
	try {
		await blob.slice(0, 1).arrayBuffer();
	} catch {
		throw new ApiError({ status: 422, code: 'unreadable' });
	}
}
