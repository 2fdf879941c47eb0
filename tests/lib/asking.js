// asking.js -- a request that a property made up: written out, sent as it is, and its
// answer judged by all that holds for every answer.
//
// It goes out through node's own http, which puts nothing right: a header may be there
// twice, a path may be no UTF-8.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import http from 'node:http';

import Ajv from 'ajv/dist/2020.js';

import { reference_of } from './reference.js';
import { an_address, check_ground_rules } from './rest.js';
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

// Of a path or a query, as it is, with its percents.
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

	// A value as a form or a query would have it.
	word(thing) {
		const value = this.value(thing);

		if (value instanceof Encoded)
			return value.text;
		if (Array.isArray(value))
			return value.map((v) => this.word(v)).join(',');
		return percent(typeof value === 'object' && !(value instanceof Raw)
			? this.json(value) : value);
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
			'\r\n\r\n', this.value(value) ?? '', '\r\n',
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

// What goes wrong on the way: each makes other bytes of a body.
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

// The request as it goes out. how: see World.value.
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
		return undefined; // which no schema describes
	}
}

export async function send(server, request) {
	const [reply, bytes] = await once(server, request).catch((error) => {
		// it had been closed for its age while we wrote
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

// ---- judging the answer ---------------------------------------------------------------

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

// The method that is meant, as request.c reads it.
function meant({ method, headers }) {
	const other = headers['X-HTTP-Method-Override'];

	if (method !== 'POST' || other === undefined || other === '')
		return method;
	return METHODS.slice(2).includes(other) ? other : 'NONE';
}

// What the web server does not let through: a body with GET, a zero, control characters or
// surrogates in the path, too much of it.
export function is_web_servers(request, answer) {
	if (answer.headers.get('x-request-id') !== null)
		return false;
	const size = request.path.length
		+ Object.values(request.headers).reduce((n, v) => n + String(v).length + 40, 0);
	return (answer.status === 400 && request.method in { GET: 1, HEAD: 1 } && request.body)
		|| (answer.status === 400 && /%[01][0-9a-f]|%7f|[^\x21-\x7e]/i.test(request.path))
		|| (answer.status === 404 && /%ed%[ab]/i.test(request.path))
		|| (answer.status === 431 && size > 7000);
}

export function told({ method, path, headers, body }, answer) {
	const text = body === undefined ? '' : body.toString('latin1').slice(0, 1500);
	return `${method} ${path.slice(0, 2000)}\n${JSON.stringify(headers)}\n${text}\n-> ${
		answer?.status} ${answer?.text.slice(0, 2000)}`;
}

const checks = new WeakMap();
const ajv = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true });

function breaks(schema, value) {
	if (!checks.has(schema))
		checks.set(schema, ajv.compile(schema));
	return !checks.get(schema)(value);
}

// Fields that are not in the list, or there twice, under another name too.
function misnamed(fields, pairs) {
	const ours = (name) => fields.find((f) => f.name === name || f.also.includes(name))?.name;
	const names = pairs.map(([name]) => ours(name));
	return names.includes(undefined) || new Set(names).size < names.length;
}

// Does the document itself forbid this request? (It forbids less than the server, which
// knows what is a login.)
function forbidden(op, asked, request) {
	if (misnamed(op.query, asked.query))
		return true;
	const { body } = asked;
	const content = op.content.find((c) => c.type === body?.type);
	if (!content || body.damage || !['json', 'pairs'].includes(body.form))
		return false;
	if (misnamed(content.fields, body.fields))
		return body.form === 'json' || !misnamed(content.fields, body.fields.slice(0, 1));
	const other = body.fields.some(([name]) => !content.fields.some((f) => f.name === name));
	if (body.form !== 'json' || other)
		return false;
	try {
		return breaks(content.schema, JSON.parse(request.body));
	} catch {
		return true;
	}
}

export function check_refused(op, asked, request, answer) {
	if (meant(request) === op.method.replace('HEAD', 'GET') && forbidden(op, asked, request))
		assert.ok(answer.status >= 400, `the document forbids it:\n${told(request, answer)}`);
}

export async function judge(server, request, answer) {
	try {
		assert.ok(answer.status < 500, `a ${answer.status}`);
		if (is_web_servers(request, answer))
			return;
		check_ground_rules(request.method, answer);
		const given = request.headers['X-Request-Id'];
		if (/^[A-Za-z0-9._-]{1,64}$/.test(given ?? ''))
			assert.equal(answer.headers.get('x-request-id'), given);
		(await reference_of(server)).check(meant(request), request.path, answer);
	} catch (error) {
		throw new Error(`${error.message}\n${told(request, answer)}`, { cause: error });
	}
}
