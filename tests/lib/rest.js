// rest.js -- a person at the REST API, who checks on every answer what must hold for all.
//
// Each actor has an address of its own (X-Forwarded-For, which the server trusts from
// loopback), so that no suite runs into another's limits.

import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';

import { reference_of } from './reference.js';
import { DEADLINE_MS } from './wait.js';

export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const PASSWORD = 'correct horse battery staple';

const given = new Set();

// Each once, as long as there are enough, since most limits are of an address.
export function an_address() {
	const address = `198.${18 + randomInt(2)}.${randomInt(256)}.${1 + randomInt(254)}`;

	if (given.has(address) && given.size < 50000)
		return an_address();
	given.add(address);
	return address;
}

export function a_login(name = 'user') {
	return `${name}_${randomBytes(6).toString('hex')}`;
}

// What must hold for every answer, whatever the request was.
export function check_ground_rules(method, reply) {
	const { status, headers, body } = reply;

	assert.match(headers.get('x-request-id') ?? '', /^[\x21-\x7e]{1,128}$/, 'X-Request-Id');
	assert.equal(headers.get('set-cookie'), null, 'no cookie, ever');
	assert.equal(headers.get('x-content-type-options'), 'nosniff');
	if (status >= 400 && method !== 'HEAD')
		check_problem(reply);
	if (status === 405)
		assert.ok(headers.get('allow'), 'a 405 names what is allowed');
	if (status === 401)
		assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
	if (status === 429 || status === 503)
		assert.match(headers.get('retry-after') ?? '', /^\d+$/);
	if (body && body.access_token)
		assert.match(headers.get('cache-control') ?? '', /no-store/);
	if (status === 204 || status === 304)
		assert.equal(reply.text, '');
}

function check_problem({ status, headers, body, text }) {
	assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, text);
	assert.equal(typeof body.type, 'string');
	assert.equal(typeof body.title, 'string');
	assert.ok(body.title.length > 0);
	assert.equal(body.status, status);
	assert.equal(typeof body.detail, 'string');
	assert.match(body.code, /^[a-z_]+$/);
	assert.equal(body.request_id, headers.get('x-request-id'));
	for (const error of body.errors ?? []) {
		assert.equal(typeof error.field, 'string');
		assert.match(error.code, /^[a-z_]+$/);
		assert.equal(typeof error.message, 'string');
	}
}

function encode(body) {
	if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body))
		return body;
	return JSON.stringify(body);
}

export class Client {
	constructor(server, { token, address = an_address() } = {}) {
		this.server = server;
		this.token = token;
		this.address = address;
	}

	// options: body (an object becomes JSON), type, headers, token (null: none), raw: skip
	// the ground rules and the reference (the web server itself may answer)
	async call(method, path, options = {}) {
		const { body, type = 'application/json', token = this.token } = options;
		const headers = { 'X-Forwarded-For': this.address };

		if (token)
			headers.Authorization = `Bearer ${token}`;
		if (body !== undefined && type)
			headers['Content-Type'] = type;
		Object.assign(headers, options.headers);
		const reply = await fetch(this.server.api + path, {
			method,
			headers,
			body: encode(body),
			redirect: 'manual',
			signal: AbortSignal.timeout(options.deadline_ms ?? Math.max(30000, DEADLINE_MS)),
		});
		const text = await reply.text();
		const answer = { status: reply.status, headers: reply.headers, text };
		if (/json/.test(reply.headers.get('content-type') ?? '') && text)
			answer.body = JSON.parse(text);
		assert.doesNotMatch(reply.headers.get('content-type') ?? '', /html/, 'no HTML from the API');
		if (!options.raw) {
			const meant = method === 'POST'
				&& options.headers?.['X-HTTP-Method-Override'] || method;
			check_ground_rules(method, answer);
			(await reference_of(this.server)).check(meant, path, answer);
		}
		return answer;
	}

	// The same, but requires this status; returns the body.
	async want(status, method, path, options) {
		const reply = await this.call(method, path, options);

		assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
		return reply.body;
	}

	get(path, options) {
		return this.want(200, 'GET', path, options);
	}

	// Requires an error with this status and code; returns the answer with the names of its
	// fields, sorted.
	async refused(status, code, method, path, options) {
		const reply = await this.call(method, path, options);

		assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
		assert.equal(reply.body.code, code);
		reply.fields = (reply.body.errors ?? []).map((e) => e.field).sort();
		return reply;
	}

	async room(fields = {}) {
		const body = { name: 'a room', kind: 'group', ...fields };
		return this.want(201, 'POST', '/rooms', { body });
	}

	async post(room_id, text, fields = {}) {
		const body = { text, ...fields };
		return this.want(201, 'POST', `/rooms/${room_id}/messages`, { body });
	}

	join(room_id) {
		return this.want(200, 'POST', `/rooms/${room_id}/join`);
	}

	ban(room_id, user_id, banned = true) {
		return this.want(200, 'PUT', `/rooms/${room_id}/members/${user_id}`, {
			body: { banned },
		});
	}
}

// Registers somebody and signs in: a Client with user, login, pair.
export async function actor(server, name = 'user') {
	const client = new Client(server);
	const login = a_login(name);

	client.login = login;
	client.email = `${login}@example.org`;
	client.pair = await client.want(201, 'POST', '/auth/register', {
		body: { login, email: client.email, password: PASSWORD },
	});
	client.token = client.pair.access_token;
	client.user = client.pair.user;
	client.id = client.user.id;
	return client;
}

// Signs the same person in on another device.
export async function sign_in(server, who) {
	const client = new Client(server);

	client.pair = await client.want(200, 'POST', '/auth/login', {
		body: { login: who.login, password: PASSWORD },
	});
	client.token = client.pair.access_token;
	Object.assign(client, { login: who.login, email: who.email, user: who.user, id: who.id });
	return client;
}
