// stream.js -- follows a room over HTTP, in any of its three forms, as it arrives.
//
// `text` is everything received; `items` are the complete events in it: { id, event, data } of
// an event stream, objects of NDJSON, lists of four fields of plain lines. A frame that
// docs/asyncapi.json does not describe fails the test.

import assert from 'node:assert/strict';
import http from 'node:http';

import { frames } from './frames.js';
import { an_address } from './rest.js';
import { within } from './wait.js';

// The complete events of an event stream, parsed as the standard says (HTML, 9.2.6).
export function read_events(text) {
	const items = [];
	let retry, last_id;

	for (const block of text.split('\n\n').slice(0, -1)) {
		const item = {};
		for (const line of block.split('\n')) {
			const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
			if (name === 'retry')
				retry = Number(value);
			else if (name !== '')
				item[name] = name in item && name === 'data' ? `${item.data}\n${value}` : value;
		}
		last_id = item.id ?? last_id;
		if (item.data !== undefined)
			items.push({ ...item, data: JSON.parse(item.data) });
	}
	return { items, retry, last_id };
}

export const SSE = 'text/event-stream', NDJSON = 'application/x-ndjson', PLAIN = 'text/plain';

// The items of a text that ends with the end of an event.
function items_of(form, text) {
	if (form === SSE)
		return read_events(text).items;
	const lines = text.split('\n').filter((line) => line !== '');
	return lines.map((line) => (form === NDJSON ? JSON.parse(line) : line.split('\t')));
}

const open_ones = new Set();
const strange = [];

export class Stream {
	// options: form, token, query, headers, method, port (instead of the web server's)
	constructor(server, room_id, options = {}) {
		const { form = SSE, token, query = {}, headers = {}, method = 'GET' } = options;
		const url = new URL(`${server.api}/rooms/${room_id}/events`);

		if (options.port)
			url.port = options.port;
		for (const [name, value] of Object.entries(query))
			url.searchParams.set(name, value);
		this.form = form;
		this.items = [];
		this.parts = [];
		this.rest = ''; // an incomplete event
		this.decoder = new TextDecoder();
		this.waiting = [];
		open_ones.add(this);
		this.request = http.request(url, {
			method,
			agent: false,
			headers: {
				'X-Forwarded-For': options.address ?? an_address(),
				Accept: form,
				...(token ? { Authorization: `Bearer ${token}` } : {}),
				...headers,
			},
		});
		this.opened = new Promise((resolve, reject) => {
			this.request.on('response', (reply) => {
				this.reply = reply;
				this.status = reply.statusCode;
				reply.on('data', (bytes) => this.take(this.decoder.decode(bytes, { stream: true })));
				reply.on('error', () => {});
				resolve(this);
			});
			this.request.on('error', reject);
		});
		this.opened.catch(() => {});
		this.ended = new Promise((resolve) => {
			this.request.on('close', () => {
				this.gone = true;
				resolve(this);
				this.settle();
			});
		});
		this.request.end();
	}

	take(text) {
		const mark = this.form === SSE ? '\n\n' : '\n';
		const all = this.rest + text;
		const end = this.status === 200 ? all.lastIndexOf(mark) : -1;
		const whole = end < 0 ? '' : all.slice(0, end + mark.length);

		this.parts.push(text);
		this.rest = all.slice(whole.length);
		for (const item of items_of(this.form, whole))
			this.keep(item);
		this.settle();
	}

	keep(item) {
		this.items.push(item);
		try {
			if (this.form !== PLAIN)
				frames.check_heard(this.form === SSE ? item.data : item);
		} catch (error) {
			strange.push(error.message);
		}
	}

	get text() {
		return this.parts.join('');
	}

	settle() {
		this.waiting = this.waiting.filter((w) => !w());
	}

	// Waits for the first item that satisfies `like`.
	find(like, what = 'such an item', ms) {
		let next = 0;
		const found = new Promise((resolve, reject) => {
			const look = () => {
				while (next < this.items.length && !like(this.items[next]))
					next++;
				if (next < this.items.length)
					resolve(this.items[next]);
				else if (this.gone)
					reject(new Error(`${what}: ended with ${this.text.slice(-400)}`));
				return next < this.items.length || this.gone;
			};
			if (!look())
				this.waiting.push(look);
		});
		return within(found, () => `${what}; last was ${this.text.slice(-400)}`, ms);
	}

	// Waits for the event with this seq, in any form.
	at(seq, ms) {
		return this.find((item) => (this.form === PLAIN ? Number(item[0]) : this.form === SSE
			? item.data.seq : item.seq) === seq, `event ${seq}`, ms);
	}

	// The seqs of the items, in order of arrival.
	seqs() {
		return this.items.map((item) => (this.form === PLAIN ? item[0] : this.form === SSE
			? item.data.seq : item.seq)).filter((seq) => seq !== undefined && seq !== '-').map(Number);
	}

	// Waits for the end of the stream; returns all items.
	async all(ms) {
		await within(this.ended, () => `end of the stream; last was ${this.text.slice(-300)}`, ms);
		return this.items;
	}

	end() {
		this.request.destroy();
	}
}

export async function stream(server, room_id, options) {
	const one = new Stream(server, room_id, options);

	await within(one.opened, 'answer');
	return one;
}

// Opens a stream and requires status 200.
export async function follow(server, room_id, options) {
	const one = await stream(server, room_id, options);

	if (one.status !== 200)
		await one.all();
	assert.equal(one.status, 200, one.text);
	return one;
}

// Opens a stream that must be refused with this status and code; returns it.
export async function refused(server, room_id, status, code, options) {
	const one = await stream(server, room_id, options);

	await within(one.ended, `end of a ${one.status}`);
	assert.equal(one.status, status, one.text);
	one.body = JSON.parse(one.text);
	assert.equal(one.body.code, code);
	assert.equal(one.body.status, status);
	assert.match(one.reply.headers['content-type'], /^application\/problem\+json/);
	assert.equal(one.body.request_id, one.reply.headers['x-request-id']);
	return one;
}

// For afterEach: closes all streams.
export function end_streams() {
	for (const one of open_ones)
		one.end();
	open_ones.clear();
	assert.deepEqual(strange.splice(0), [], 'every frame is in docs/asyncapi.json');
}
