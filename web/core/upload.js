// upload.js -- uploads one file, with progress.
//
// Uses XMLHttpRequest, the only browser API that reports upload progress, or fetch without
// progress if none is given. An upload may take any time, but may not stall. An expired token
// is renewed once, as elsewhere.
//
// Errors: ApiErrors: the server's, `offline` if the connection broke or stalled, `cancelled`
//         if the signal was aborted.
// Never:  retries; the key makes a retry by the caller safe.

import { ApiError, error_of } from './api.js';
import { clock as real_clock } from './clock.js';

// Without progress for this long, the connection is taken for dead.
const STALL_MS = 60000;

export class Uploads {
	#base;
	#session;
	#fetch;
	#XMLHttpRequest;
	#clock;

	// base: the URL of the API. XMLHttpRequest may be null.
	constructor({ base, session, fetch, XMLHttpRequest = null, clock = real_clock }) {
		this.#base = base;
		this.#session = session;
		this.#fetch = fetch;
		this.#XMLHttpRequest = XMLHttpRequest;
		this.#clock = clock;
	}

	// key: makes a repeated upload the same one. on_progress(sent, total): in bytes,
	// including form overhead. Returns what the server knows of the file.
	async send({ blob, name, key, signal, on_progress }) {
		const token = await this.#session.token();
		const form = new FormData();

		form.append('file', blob, name);
		const request = {
			url: `${this.#base}/files`, body: form, signal, on_progress,
			headers: { Accept: 'application/json', 'Idempotency-Key': key },
		};
		let reply = await this.#once(request, token);
		if (reply.status === 401) {
			const renewed = await this.#session.refused(token, await error_of(reply));
			reply = await this.#once(request, renewed);
		}
		if (!reply.ok)
			throw await error_of(reply);
		return reply.json();
	}

	#once(request, token) {
		const headers = { ...request.headers, Authorization: `Bearer ${token}` };

		return this.#XMLHttpRequest
			? this.#by_request({ ...request, headers })
			: this.#by_fetch({ ...request, headers });
	}

	async #by_fetch({ url, headers, body, signal }) {
		try {
			return await this.#fetch(url, {
				method: 'POST', headers, body, signal, credentials: 'omit',
			});
		} catch {
			throw new ApiError({ code: signal?.aborted ? 'cancelled' : 'offline' });
		}
	}

	#by_request({ url, headers, body, signal, on_progress }) {
		const xhr = new this.#XMLHttpRequest();
		let cancel_stall = () => {};

		return new Promise((resolve, reject) => {
			const give_up = (code) => {
				reject(new ApiError({ code }));
				xhr.abort();
			};
			const moved = () => {
				cancel_stall();
				cancel_stall = this.#clock.after(STALL_MS, () => give_up('offline'));
			};

			xhr.open('POST', url);
			for (const [header, value] of Object.entries(headers))
				xhr.setRequestHeader(header, value);
			xhr.upload.onprogress = ({ loaded, total }) => {
				moved();
				on_progress?.(loaded, total);
			};
			xhr.onerror = () => give_up('offline');
			xhr.onload = () => resolve(reply_of(xhr));
			signal?.addEventListener('abort', () => give_up('cancelled'));
			if (signal?.aborted) {
				give_up('cancelled');
				return;
			}
			moved();
			xhr.send(body);
		}).finally(() => cancel_stall());
	}
}

// The Response that fetch would have returned.
function reply_of(xhr) {
	const headers = new Headers();

	for (const name of ['content-type', 'retry-after'])
		if (xhr.getResponseHeader(name))
			headers.set(name, xhr.getResponseHeader(name));
	return new Response(xhr.responseText, { status: xhr.status, headers });
}
