// fake.js -- a chat server in memory that has a chosen fault, to test the checker.
//
// It speaks as much of the protocol as party.js uses, loses answers and connections like a
// server that is being killed, and keeps the promise unless told to break it.

import http from 'node:http';
import { WebSocketServer } from 'ws';

// The faults, and the rules that must notice them.
export const FAULTS = {
	acknowledges_before_commit: ['acked_is_in_log'],
	skips_one_on_resume: ['heard_without_gap'],
	delivers_twice: ['heard_once'],
	delivers_again_on_resume: ['heard_once'],
	delivers_what_is_not_committed: ['heard_is_committed'],
	delivers_out_of_order: ['heard_in_order'],
	takes_another_text: ['one_text_per_key'],
	forgets_client_ids: ['one_message_per_key', 'one_answer_per_key'],
	lets_the_banned_post: ['banned_is_silent', 'banned_is_refused'],
	stores_what_it_refuses: ['refused_is_not_in_log'],
	skips_a_number: ['log_without_gap'],
};

export class Fake {
	constructor(random, fault) {
		Object.assign(this, { random, fault, log: [], seq: 0, keys: new Map(), banned: new Set() });
		this.room_id = 'room';
		this.epoch = '0123456789abcdef';
		this.ears = new Set();
		this.http = http.createServer((request, reply) => this.rest(request, reply));
		this.sockets = new WebSocketServer({ server: this.http, path: '/api/v1/ws' });
		this.sockets.on('connection', (socket, request) => this.connected(socket,
			request.headers.authorization.split(' ')[1]));
	}

	async open() {
		await new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
		const { port } = this.http.address();
		this.api = `http://127.0.0.1:${port}/api/v1`;
		this.ws = `ws://127.0.0.1:${port}/api/v1`;
		this.cutting = setInterval(() => this.cut(), 60);
		return this;
	}

	close() {
		clearInterval(this.cutting);
		for (const socket of this.sockets.clients)
			socket.terminate();
		this.http.closeAllConnections();
		this.http.close();
	}

	// Looks like kill -9 from outside.
	cut() {
		for (const socket of this.sockets.clients)
			if (this.random() < 0.1)
				socket.terminate();
	}

	now_and_then(fault) {
		return this.fault === fault && this.random() < 0.2;
	}

	append(event) {
		this.seq += this.now_and_then('skips_a_number') ? 2 : 1;
		const full = { ...event, seq: this.seq, room_id: this.room_id };
		this.log.push(full);
		if (!this.held && this.now_and_then('delivers_out_of_order')) {
			this.held = full;
			return full;
		}
		this.tell(full);
		if (this.held || this.now_and_then('delivers_twice'))
			this.tell(this.held ?? full);
		this.held = null;
		return full;
	}

	tell(event) {
		for (const ear of this.ears)
			ear.send(JSON.stringify(event));
	}

	// Returns the answer to the writer.
	post(user, { client_id, text }) {
		const key = `${user} ${client_id}`;
		const message = {
			type: 'message', id: `id-${this.seq + 1}`, sender: { id: user }, client_id, text,
		};
		if (this.banned.has(user) && this.fault !== 'lets_the_banned_post') {
			if (this.fault === 'stores_what_it_refuses')
				this.append(message);
			return { refused: true };
		}
		const known = this.fault !== 'forgets_client_ids' && this.keys.get(key);
		if (known && known.text !== text && this.fault !== 'takes_another_text')
			return { mismatch: true };
		if (known)
			return known;
		if (this.now_and_then('acknowledges_before_commit'))
			return { ...message, seq: this.seq + 1 };
		if (this.now_and_then('delivers_what_is_not_committed'))
			this.tell({ ...message, id: 'rolled-back', seq: this.seq + 1, room_id: this.room_id });
		const done = this.append(message);
		this.keys.set(key, done);
		return done;
	}

	connected(socket, user) {
		const send = (frame) => socket.send(JSON.stringify(frame));

		socket.on('error', () => {});
		socket.on('close', () => this.ears.delete(socket));
		socket.on('message', (data) => {
			const frame = JSON.parse(data);
			if (frame.type === 'ping')
				return send({ type: 'pong' });
			if (frame.type === 'join') {
				send({
					type: 'joined', ref: frame.ref, room_id: this.room_id, recovered: true, seq: this.seq,
				});
				const missed = this.log.filter((e) => e.seq > frame.after);
				if (this.fault === 'skips_one_on_resume')
					missed.shift();
				if (this.fault === 'delivers_again_on_resume')
					missed.unshift(...this.log.filter((e) => e.seq === frame.after));
				missed.forEach(send);
				this.ears.add(socket);
				return;
			}
			const done = this.post(user, frame);
			if (this.random() < 0.05)
				return socket.terminate();
			const code = done.refused ? 'forbidden' : done.mismatch && 'idempotency_mismatch';
			send(code ? { type: 'error', ref: frame.ref, code }
				: { ...done, type: 'ack', ref: frame.ref });
		});
		send({ type: 'ready' });
	}

	async rest(request, reply) {
		const user = request.headers.authorization.split(' ')[1];
		let body = '';
		for await (const part of request)
			body += part;
		const answer = (status, value) => {
			if (this.random() < 0.05)
				return request.socket.destroy();
			reply.writeHead(status, { 'Content-Type': 'application/json' });
			reply.end(JSON.stringify(value));
		};

		if (request.url.endsWith('/messages')) {
			const done = this.post(user, JSON.parse(body));
			if (done.mismatch)
				return answer(422, { code: 'idempotency_mismatch' });
			return answer(done.refused ? 403 : 201, done.refused ? { code: 'forbidden' } : done);
		}
		if (request.method === 'PUT') {
			const target = request.url.split('/').at(-1);
			const { banned } = JSON.parse(body);
			if (this.banned.has(target) !== banned) {
				this.banned[banned ? 'add' : 'delete'](target);
				this.append({ type: 'member', user: { id: target },
					action: banned ? 'banned' : 'unbanned' });
			}
		}
		return answer(200, {});
	}
}
