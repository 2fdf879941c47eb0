// live.js -- one live connection, seen from outside, frame by frame.
//
// It uses the independent ws package: a frame that ws rejects as broken would be rejected by
// other clients too. All received frames are kept in order, so that a test can wait for one and
// then check everything that came before it. A frame that docs/asyncapi.json does not describe
// fails the test, whatever the test is about.

import assert from 'node:assert/strict';
import WebSocket from 'ws';

import { frames } from './frames.js';
import { an_address } from './rest.js';
import { until, within, DEADLINE_MS } from './wait.js';

// Frames that are events of a room's log.
const LOG_TYPES = ['message', 'edited', 'deleted', 'reaction', 'member', 'room'];

export function is_event(frame, room_id) {
	return frame.room_id === room_id && LOG_TYPES.includes(frame.type);
}

// Frames that are not in the reference, each with what is wrong with it.
const strange = [];

function take_strange() {
	const found = strange.splice(0);

	assert.deepEqual(found, [], 'every frame is in docs/asyncapi.json');
}
process.on('exit', take_strange);

export class Live {
	// options: token (sent as Authorization), path, query, protocols, headers, origin, pongs: false
	constructor(server, options = {}) {
		const { path = '/ws', query, protocols = [], headers = {}, token } = options;
		const url = new URL((options.base ?? server.ws) + path);

		for (const [name, value] of Object.entries(query ?? {}))
			url.searchParams.set(name, value);
		this.frames = [];
		this.waiting = [];
		this.refs = 0;
		this.socket = new WebSocket(url, protocols, {
			headers: {
				'X-Forwarded-For': options.address ?? an_address(),
				...(token ? { Authorization: `Bearer ${token}` } : {}),
				...headers,
			},
			origin: options.origin,
			maxPayload: 16 << 20,
			perMessageDeflate: options.deflate ?? false,
			autoPong: options.pongs ?? true,
			handshakeTimeout: DEADLINE_MS,
		});
		this.opened = new Promise((resolve, reject) => {
			this.socket.on('open', () => resolve(this));
			this.socket.on('unexpected-response', (request, reply) => {
				reply.resume();
				reject(Object.assign(new Error(`upgrade: ${reply.statusCode}`), {
					status: reply.statusCode, headers: reply.headers,
				}));
				request.destroy();
			});
			this.socket.on('error', reject);
		});
		this.opened.catch(() => {});
		this.closed = new Promise((resolve) => {
			this.socket.on('close', (code, reason) => {
				this.gone = { code, reason: reason.toString() };
				resolve(this.gone);
				this.settle();
			});
		});
		this.socket.on('message', (data, binary) => {
			assert.equal(binary, false, 'the server sends text only');
			this.take(JSON.parse(data.toString()));
			this.settle();
		});
		this.socket.on('error', () => {});
	}

	take(frame) {
		this.frames.push(frame);
		try {
			frames.check_heard(frame);
		} catch (e) {
			strange.push(e.message);
		}
	}

	settle() {
		this.waiting = this.waiting.filter((w) => !w());
	}

	// Waits for the first frame from index `from` on that satisfies `like`.
	find(like, what = 'such frame', { from = 0, ms } = {}) {
		const test = typeof like === 'string' ? (f) => f.type === like : like;
		const name = typeof like === 'string' ? `${like} frame` : what;
		let next = from;

		const found = new Promise((resolve, reject) => {
			const look = () => {
				for (; next < this.frames.length; next++)
					if (test(this.frames[next])) {
						resolve(this.frames[next]);
						return true;
					}
				if (this.gone) {
					reject(new Error(`${name}: closed with ${JSON.stringify(this.gone)}, `
						+ `last ${JSON.stringify(this.frames.slice(-3))}`));
					return true;
				}
				return false;
			};
			if (!look())
				this.waiting.push(look);
		});
		return within(found, () => `${name}; last were `
			+ this.frames.slice(-3).map((f) => JSON.stringify(f).slice(0, 200)).join(' '), ms);
	}

	send(frame) {
		this.socket.send(typeof frame === 'object' && !Buffer.isBuffer(frame)
			? JSON.stringify(frame) : frame);
	}

	// Sends a frame, and returns the frame that answers with the same ref.
	async ask(frame) {
		const ref = `r${++this.refs}`;

		this.send({ ref, ...frame });
		return this.find((f) => f.ref === ref, `answer to ${frame.type}`);
	}

	async want(type, frame) {
		const reply = await this.ask(frame);

		assert.equal(reply.type, type, JSON.stringify(reply));
		return reply;
	}

	async refused(code, frame) {
		const reply = await this.want('error', frame);

		assert.equal(reply.code, code, JSON.stringify(reply));
		assert.equal(typeof reply.detail, 'string');
		return reply;
	}

	join(room_id, fields = {}) {
		return this.want('joined', { type: 'join', room_id, ...fields });
	}

	message(room_id, text, fields = {}) {
		return this.want('ack', { type: 'message', room_id, text, ...fields });
	}

	// All log events of a room, in the order received.
	events(room_id) {
		return this.frames.filter((f) => is_event(f, room_id));
	}

	messages(room_id) {
		return this.events(room_id).filter((f) => f.type === 'message');
	}

	// Waits until everything sent before is answered, since the frames of one connection
	// are handled in order. Returns the number of frames received.
	async settled() {
		await this.want('pong', { type: 'ping' });
		return this.frames.length;
	}

	close() {
		this.socket.close();
		return within(this.closed, 'close').catch(() => this.socket.terminate());
	}

	end() {
		this.socket.terminate();
	}
}

const open_ones = new Set();

// Opens a connection and waits for `ready`. end_all() closes it if the test does not.
export async function live(server, options) {
	const connection = await open(server, options);

	connection.ready = await connection.find('ready');
	return connection;
}

export async function open(server, options) {
	const connection = new Live(server, options);

	open_ones.add(connection);
	await within(connection.opened, 'upgrade');
	return connection;
}

// For afterEach: no test leaves sockets open for the next.
export function end_all() {
	for (const connection of open_ones)
		connection.end();
	open_ones.clear();
	take_strange();
}

// Opens a connection and waits until others can see that the person is here.
export async function here(server, who) {
	const connection = await live(server, { token: who.token });

	await until(() => server.sql(`SELECT 1 FROM presence WHERE user_id = '${who.id}'`),
		`presence of ${who.login}`);
	return connection;
}
