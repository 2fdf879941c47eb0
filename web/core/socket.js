// socket.js -- the live connection: opens it, watches it and opens it again.
//
// Takes the WebSocket class as an argument and extends EventTarget. Knows frames as JSON
// objects, but nothing of rooms or messages. Reports the state of the connection and reacts
// to each close code as the API describes (the table below).
//
// Owns:   at most one WebSocket, and its timers.
// Events: state {state, retry_at, failures}, frame (the object), ready (the frame), doubt
//         (whether a ping is waiting for its answer).
// Never:  queues a frame: send() returns whether it went out.

import { ApiError } from './api.js';
import { backoff_ms, clock as real_clock } from './clock.js';
import { Slices } from './slices.js';

export const PROTOCOL = 'foyer.v1';

const READY_MS = 15000;		// from opening to the server's first frame
const PROBE_MS = 6000;		// from a ping to any frame at all
const STEADY_MS = 10000;	// a connection that lasted this long resets the backoff
const HEARTBEAT_S = 25;		// if the server names none

const OPEN = 1;

// What to do after a close with this code; after any other, retry.
const AFTER_CLOSE = {
	1001: 'as_told',
	4401: 'credentials',
	4403: 'slowly',
	4429: 'slowly',
};

// Seconds to wait, from a close reason: JSON or plain text around a number.
export function retry_after_of(reason) {
	const found = /retry_after\W*(\d+(?:\.\d+)?)/.exec(reason ?? '');
	return found ? Number(found[1]) : null;
}

export class Socket extends EventTarget {
	#WebSocket;
	#session;
	#clock;
	#random;
	#ws = null;
	#turn = 0;		// discards events of a former connection
	#wanted = false;
	#failures = 0;
	#steady_at = 0;
	#heard_at = 0;
	#is_doubted = false;
	#heartbeat_ms = HEARTBEAT_S * 1000;
	#cancel_wait = () => {};
	#cancel_beat = () => {};
	#token = null;

	// url may be changed while closed. session: session.js.
	constructor({ WebSocket, url, session, clock = real_clock, random = Math.random }) {
		super();
		this.#WebSocket = WebSocket;
		this.#session = session;
		this.#clock = clock;
		this.#random = random;
		this.url = url;
		this.state = 'closed';
		this.retry_at = 0;
		session.addEventListener('renewed', () => this.#on_renewed());
	}

	get online() {
		return this.state === 'online';
	}

	start() {
		if (this.#wanted)
			return;
		this.#wanted = true;
		this.#failures = 0;
		this.#connect();
	}

	stop() {
		this.#wanted = false;
		this.#drop(1000);
		this.#become('closed');
	}

	// Returns whether the frame went out. It may still be lost: only an ack confirms it.
	send(frame) {
		if (!this.online || this.#ws.readyState !== OPEN)
			return false;
		this.#ws.send(JSON.stringify(frame));
		return true;
	}

	// Conditions have improved (the network is back, the user has returned): connect now, or
	// check an open connection.
	nudge() {
		if (this.state === 'waiting')
			this.#connect();
		else if (this.online)
			this.#probe();
	}

	// The server does not answer although the connection looks open.
	restart() {
		if (this.#wanted)
			this.#connect();
	}

	#become(state, retry_at = 0) {
		this.state = state;
		this.retry_at = retry_at;
		this.dispatchEvent(new CustomEvent('state', {
			detail: { state, retry_at, failures: this.#failures },
		}));
	}

	#doubt(is_doubted) {
		if (is_doubted === this.#is_doubted)
			return;
		this.#is_doubted = is_doubted;
		this.dispatchEvent(new CustomEvent('doubt', { detail: is_doubted }));
	}

	#drop(code) {
		this.#turn++;
		this.#cancel_wait();
		this.#cancel_beat();
		const ws = this.#ws;
		this.#ws = null;
		try {
			ws?.close(code);
		} catch {
			// not open yet, or already closed
		}
	}

	async #connect() {
		this.#drop(1000);
		const turn = this.#turn;
		this.#become('connecting');
		try {
			this.#token = await this.#session.token();
		} catch (error) {
			if (turn === this.#turn)
				this.#on_no_token(error);
			return;
		}
		if (turn !== this.#turn)
			return;
		try {
			this.#open(turn);
		} catch {
			this.#retry();	// the browser refuses this URL outright
		}
	}

	#open(turn) {
		const ws = new this.#WebSocket(this.url, [PROTOCOL, `bearer.${this.#token}`]);
		this.#ws = ws;
		const heard = (handler) => (event) => {
			if (turn === this.#turn)
				handler(event);
		};
		const slices = new Slices({
			clock: this.#clock, each: heard((event) => this.#on_message(event.data)),
		});
		ws.onmessage = heard((event) => {
			this.#heard_at = this.#clock.now();
			this.#doubt(false);
			slices.push(event);
		});
		ws.onclose = heard((event) => {
			slices.finish();
			heard(() => this.#on_close(event.code, event.reason))();
		});
		ws.onerror = () => {};	// tells nothing; a close follows
		this.#cancel_wait = this.#clock.after(READY_MS, () => this.#retry());
	}

	#on_no_token(error) {
		if (error.status === 401)
			this.stop();	// the session has ended, and announces that itself
		else
			this.#retry(error.retry_after);
	}

	#on_message(data) {
		let frame;
		try {
			frame = JSON.parse(data);
		} catch {
			// nothing after a broken frame can be trusted
			this.#retry();
			return;
		}
		if (frame.type === 'ready')
			this.#on_ready(frame);
		else if (frame.type === 'token_expiring')
			this.#session.renew(this.#token).catch(() => {});
		else if (frame.type !== 'pong')
			this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
	}

	#on_ready(frame) {
		// a renewed token is answered with `ready` too; that is no news
		if (this.online)
			return;
		this.#cancel_wait();
		this.#heartbeat_ms = (frame.heartbeat_s || HEARTBEAT_S) * 1000;
		this.#steady_at = this.#clock.now() + STEADY_MS;
		this.#become('online');
		this.#beat();
		this.dispatchEvent(new CustomEvent('ready', { detail: frame }));
	}

	#on_renewed() {
		// while connecting, the old token is in use; if it is refused, we connect again
		this.#session.token().then((token) => {
			if (token !== this.#token && this.send({ type: 'auth', token }))
				this.#token = token;
		}, () => {});
	}

	#on_close(code, reason) {
		const steady = this.online && this.#clock.now() >= this.#steady_at;
		if (steady)
			this.#failures = 0;
		switch (AFTER_CLOSE[code]) {
		case 'as_told':
			this.#retry(retry_after_of(reason));
			break;
		case 'credentials':
			this.#on_refused(reason);
			break;
		case 'slowly':
			this.#retry(retry_after_of(reason) ?? 10 + 10 * this.#random());
			break;
		default:
			this.#retry();
		}
	}

	async #on_refused(reason) {
		const code = /session_ended/.test(reason) ? 'session_ended' : 'token_expired';
		this.#drop(1000);
		const turn = this.#turn;
		this.#become('connecting');
		try {
			await this.#session.refused(this.#token, new ApiError({ status: 401, code }));
		} catch (error) {
			if (turn === this.#turn)
				this.#on_no_token(error);
			return;
		}
		if (turn !== this.#turn)
			return;
		// if a fresh token is refused too, do not hurry
		if (this.#failures++ === 0)
			this.#connect();
		else
			this.#retry();
	}

	#retry(told_s = null) {
		this.#drop(1000);
		if (!this.#wanted)
			return;
		const wait = told_s === null
			? backoff_ms(this.#failures, this.#random)
			: told_s * 1000;
		this.#failures++;
		this.#cancel_wait = this.#clock.after(wait, () => this.#connect());
		this.#become('waiting', this.#clock.now() + wait);
	}

	// A connection can die silently: if nothing was received for a while, ping.
	#beat() {
		this.#cancel_beat = this.#clock.after(this.#heartbeat_ms, () => {
			if (this.#clock.now() - this.#heard_at < this.#heartbeat_ms)
				this.#beat();
			else
				this.#probe();
		});
	}

	#probe() {
		const asked_at = this.#clock.now();
		this.#cancel_beat();
		this.send({ type: 'ping' });
		this.#doubt(true);
		this.#cancel_beat = this.#clock.after(PROBE_MS, () => {
			// equal counts as an answer: the clock is coarse
			if (this.#heard_at >= asked_at)
				this.#beat();
			else
				this.#connect();
		});
	}
}
