// line.js -- one person's live connection while things break; it is opened again as often as
// necessary.
//
// It is lighter than lib/live.js, which keeps everything it receives: hundreds of thousands of
// frames arrive here. A connection that is silent for a while sends a ping, as a good client
// does, since a broken connection looks like a quiet one.

import WebSocket from 'ws';

import { tick, within } from '../lib/wait.js';

export const ANSWER_MS = 4000;
const QUIET_MS = 1200;

export class Line {
	// over(): is everything over, so that nobody reconnects? on_frame(frame, text): all
	// frames but answers.
	constructor(who, { url, over, on_frame = () => {} }) {
		Object.assign(this, { who, url, over, on_frame });
		this.refs = 0;
		this.opened = 0;
	}

	// Waits for a connection that is ready.
	async ready() {
		while (!this.now?.is_ready) {
			this.opening ??= this.open().finally(() => (this.opening = null));
			await this.opening;
		}
		return this.now;
	}

	async open() {
		for (;;) {
			if (this.over())
				throw new Error('the party is over');
			const connection = new Connection(this);
			this.now = connection;
			try {
				await within(connection.hello, 'ready', ANSWER_MS);
				this.opened++;
				return;
			} catch {
				connection.end();
				await tick(20 + Math.random() * 100);
			}
		}
	}

	// Sends a frame and returns its answer, on the present connection or the next one.
	async ask(frame) {
		return (await this.ready()).ask(frame);
	}

	end() {
		this.now?.end();
	}
}

class Connection {
	constructor(line) {
		this.line = line;
		this.asked = new Map();
		this.heard = performance.now();
		this.is_ready = false;
		this.is_stalled = false;
		this.socket = new WebSocket(line.url, [], {
			headers: {
				'X-Forwarded-For': line.who.address, Authorization: `Bearer ${line.who.token}`,
			},
			maxPayload: 16 << 20, perMessageDeflate: false, handshakeTimeout: ANSWER_MS,
		});
		this.hello = new Promise((resolve, reject) => {
			this.tell_ready = resolve;
			this.socket.on('close', () => reject(new Error('closed')));
		});
		this.hello.catch(() => {});
		this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => {
			this.gone(code, reason.toString());
			resolve(this.code);
		}));
		this.socket.on('error', () => {});
		this.socket.on('ping', () => (this.heard = performance.now()));
		this.socket.on('message', (data) => this.take(data.toString()));
		this.watching = setInterval(() => this.watch(), QUIET_MS / 3);
	}

	take(text) {
		const frame = JSON.parse(text);
		const waits = frame.ref && this.asked.get(frame.ref);

		this.heard = performance.now();
		if (this.is_over)
			return;
		if (frame.type === 'ready') {
			this.is_ready = true;
			this.epoch = frame.epoch;
			this.tell_ready();
		} else if (waits) {
			waits.resolve(frame);
		} else {
			this.line.on_frame(frame, text, this);
		}
	}

	watch() {
		const quiet = performance.now() - this.heard;

		if (this.is_stalled || !this.is_ready)
			return;
		if (quiet > ANSWER_MS)
			this.end();
		else if (quiet > QUIET_MS)
			this.socket.send('{"type":"ping"}');
	}

	ask(frame) {
		const ref = `r${++this.line.refs}`;
		const answer = new Promise((resolve, reject) => {
			if (this.is_over)
				reject(new Error('it is gone'));
			this.asked.set(ref, { resolve, reject });
		});

		if (!this.is_over)
			this.socket.send(JSON.stringify({ ...frame, ref }));
		return within(answer, `answer to ${frame.type}`, ANSWER_MS)
			.finally(() => this.asked.delete(ref));
	}

	gone(code, reason) {
		this.code ??= code;
		this.reason ??= reason;
		this.is_over = true;
		this.is_ready = false;
		clearInterval(this.watching);
		for (const { reject } of this.asked.values())
			reject(new Error(`closed with ${code}`));
	}

	// Stops reading: the other side notices only when the buffers in between are full.
	stall() {
		this.is_stalled = true;
		this.socket.pause();
	}

	unstall() {
		this.socket.resume();
		this.heard = performance.now();
		this.is_stalled = false;
	}

	end() {
		this.gone(1006, '');
		this.socket.terminate();
	}
}
