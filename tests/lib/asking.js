// asking.js -- writes out a request that a property made up, and sends it as it is.
//
// It uses node's own http, which corrects nothing: a header may occur twice, a path need not be
// UTF-8.

import { Buffer } from 'node:buffer';
import http from 'node:http';

import { an_address } from './rest.js';
import { DEADLINE_MS } from './wait.js';
import { Ref } from './world.js';

// A piece of JSON that JSON.stringify would not write: -0, 1e400.
export class Raw {
	constructor(text) {
		this.text = text;
	}

	toString() {
		return this.text;
	}
}

// Part of a path or a query that is already percent-encoded.
export class Encoded extends Raw {}

// ---- writing it out -------------------------------------------------------------------

function percent(text) {
	return Buffer.from(String(text), 'utf8').toString('latin1')
		.replace(/[^A-Za-z0-9._~-]/g, (c) => `%${c.charCodeAt(0).toString(16)
			.toUpperCase().padStart(2, '0')}`);
}

class Writer {
	constructor(world, how) {
		this.value = (thing) => (thing instanceof Ref ? world.value(thing, how) : thing);
	}

	json(thing) {
		const value = this.value(thing);

		if (value instanceof Raw)
			return value.text;
		if (Array.isArray(value))
			return `[${value.map((v) => this.json(v)).join(',')}]`;
		if (value && typeof value === 'object')
			return this.object(Object.entries(value));
		return JSON.stringify(value);
	}

	object(pairs) {
		return `{${pairs.map(([name, v]) => `${JSON.stringify(name)}:${this.json(v)}`)
			.join(',')}}`;
	}

	// A value as a form or a query string has it.
	word(thing) {
		const value = this.value(thing);

		if (value instanceof Encoded)
			return value.text;
		if (Array.isArray(value))
			return value.map((v) => this.word(v)).join(',');
		return percent(typeof value === 'object' && !(value instanceof Raw)
			? this.json(value) : value);
	}

	// The same without percent-encoding.
	plain(thing) {
		return Buffer.from(this.word(thing).replace(/%(..)/g,
			(_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
	}

	pairs(list) {
		return list.map(([name, value]) => `${percent(name)}=${this.word(value)}`).join('&');
	}

	path(segments, query) {
		const path = segments.map((s) => `/${this.word(s)}`).join('');
		return query.length > 0 ? `${path}?${this.pairs(query)}` : path;
	}

	multipart(parts, boundary) {
		const pieces = parts.flatMap(({ name, filename, type, value }) => [
			`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
			filename === undefined ? '' : `; filename="${filename}"`,
			type === undefined ? '' : `\r\nContent-Type: ${type}`,
			'\r\n\r\n', Buffer.isBuffer(value) ? value : this.plain(value), '\r\n',
		]);
		return Buffer.concat([...pieces, `--${boundary}--\r\n`]
			.map((p) => (Buffer.isBuffer(p) ? p : Buffer.from(String(p)))));
	}

	body({ form, fields, text, parts, boundary }) {
		if (form === 'json')
			return Buffer.from(this.object(fields));
		if (form === 'pairs')
			return Buffer.from(this.pairs(fields));
		if (form === 'multipart')
			return this.multipart(parts, boundary);
		return Buffer.isBuffer(text) ? text : Buffer.from(String(this.value(text)));
	}
}

// What may damage a body on its way; each returns other bytes.
export const damages = {
	cut: (b, at) => b.subarray(0, Math.floor(b.length * at)),
	bad_utf8: (b, at) => splice(b, at, [0xff, 0xfe]),
	overlong: (b, at) => splice(b, at, [0xc0, 0xaf]),
	zero: (b, at) => splice(b, at, [0]),
	byte_order_mark: (b) => Buffer.concat([Buffer.from('\ufeff'), b]),
	twice: (b) => Buffer.concat([b, b]),
	deep: (b) => Buffer.concat([Buffer.from('['.repeat(40)), b, Buffer.from(']'.repeat(40))]),
	very_deep: () => Buffer.from('{"a":'.repeat(20000)),
	list: (b) => Buffer.concat([Buffer.from('['), b, Buffer.from(']')]),
	null: () => Buffer.from('null'),
	empty: () => Buffer.alloc(0),
	too_large: (b) => Buffer.concat([b, Buffer.alloc(132000, 0x20)]),
	just_fits: (b) => Buffer.concat([b, Buffer.alloc(Math.max(0, 131072 - b.length), 0x20)]),
};

function splice(bytes, at, more) {
	const place = Math.floor(bytes.length * at);
	return Buffer.concat([bytes.subarray(0, place), Buffer.from(more), bytes.subarray(place)]);
}

// The request as it is sent: { method, path, headers, body }. how: see World.value.
export function written(world, asked, how) {
	const writer = new Writer(world, how);
	const who = world.client(asked.actor);
	const headers = { 'X-Forwarded-For': who?.address ?? (world.address ??= an_address()) };
	let { body } = asked;

	if (who?.token)
		headers.Authorization = `Bearer ${who.token}`;
	if (body?.type)
		headers['Content-Type'] = body.type;
	Object.assign(headers, asked.headers);
	if (body) {
		let bytes = writer.body(body);
		if (body.damage)
			bytes = damages[body.damage.kind](bytes, body.damage.at);
		body = bytes;
		headers['Content-Length'] = bytes.length;
	} else if (asked.method !== 'GET' && asked.method !== 'HEAD') {
		headers['Content-Length'] = 0;
	}
	return { method: asked.method, path: writer.path(asked.path, asked.query), headers, body };
}

// ---- sending it -----------------------------------------------------------------------

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function once(server, { method, path, headers, body }) {
	return new Promise((resolve, reject) => {
		const request = http.request(`${server.api}/`, {
			agent, method, headers, path: new URL(server.api).pathname + path,
			timeout: DEADLINE_MS * 2,
		});
		request.on('timeout', () => request.destroy(new Error('no answer in time')));
		request.on('error', (error) => reject(Object.assign(error, { reused: request.reusedSocket })));
		request.on('response', (reply) => {
			const parts = [];
			reply.on('data', (b) => parts.push(b));
			reply.on('error', reject);
			reply.on('end', () => resolve([reply, Buffer.concat(parts)]));
		});
		request.end(body);
	});
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // which fits no schema
	}
}

export async function send(server, request) {
	const [reply, bytes] = await once(server, request).catch((error) => {
		// the server closed the idle connection while we wrote
		if (error.reused && error.code === 'ECONNRESET')
			return once(server, request);
		throw error;
	});
	const headers = new Headers();
	for (let i = 0; i < reply.rawHeaders.length; i += 2)
		headers.append(reply.rawHeaders[i], reply.rawHeaders[i + 1]);
	const answer = { status: reply.statusCode, headers, text: bytes.toString('utf8') };
	if (/json/.test(headers.get('content-type') ?? '') && answer.text)
		answer.body = parsed(answer.text);
	return answer;
}
