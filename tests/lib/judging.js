// judging.js -- what must hold for the answer to any request that a property made up. See also
// reference.js, which checks answers against the document.

import assert from 'node:assert/strict';

import Ajv from 'ajv/dist/2020.js';

import { reference_of } from './reference.js';
import { check_ground_rules, PASSWORD } from './rest.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

// The effective method, as request.c determines it.
function meant({ method, headers }) {
	const other = headers['X-HTTP-Method-Override'];

	if (method !== 'POST' || other === undefined || other === '')
		return method;
	return METHODS.slice(2).includes(other) ? other : 'NONE';
}

// Did the web server refuse this by itself? It does so for a body with GET; for NUL, control
// characters or invalid UTF-8 in the path; and for a head that is too large.
export function is_web_servers(request, answer) {
	if (answer.headers.get('x-request-id') !== null)
		return false;
	const size = request.path.length
		+ Object.values(request.headers).reduce((n, v) => n + String(v).length + 40, 0);
	const odd = !is_utf8(request.path) || /%[01][0-9a-f]|%7f|[^\x21-\x7e]/i.test(request.path);
	return (answer.status === 400 && (odd || (request.method in { GET: 1, HEAD: 1 } && request.body)))
		|| (answer.status === 404 && !is_utf8(request.path))
		|| (answer.status === 431 && size > 7000);
}

function is_utf8(path) {
	try {
		decodeURIComponent(path);
		return true;
	} catch {
		return false;
	}
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

// Fields that are not in the list, or occur twice, perhaps once under another name.
function misnamed(fields, pairs) {
	const ours = (name) => fields.find((f) => f.name === name || f.also.includes(name))?.name;
	const names = pairs.map(([name]) => ours(name));
	return names.includes(undefined) || new Set(names).size < names.length;
}

// Does the document itself forbid this request? (It forbids less than the server, which also
// knows what a valid login is.)
function forbidden(op, asked, request) {
	if (misnamed(op.query, asked.query))
		return true;
	const { body } = asked;
	const content = op.content.find((c) => c.type === body?.type);
	const as_told = { json: /json/, pairs: /urlencoded/ }[body?.form]?.test(body.type);
	if (!content || body.damage || !as_told) // JSON sent as text/plain is text
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

const GRANTED = {
	nobody: [], reader: ['read'], poster: ['post'], manager: ['read', 'post', 'admin'],
	bound: ['read', 'post', 'admin'], operator: ['read', 'post', 'admin', 'session', 'operator'],
};

// Does the caller have no token, or one that is not enough for this operation?
function unauthorised(op, asked) {
	const granted = asked.headers.Authorization === undefined
		? GRANTED[asked.actor] ?? ['read', 'post', 'admin', 'session'] : [];
	return op.roles && (granted.length === 0 || !op.roles.every((r) => granted.includes(r)));
}

export function check_refused(op, asked, request, answer) {
	if (meant(request) !== op.method)
		return;
	if (forbidden(op, asked, request))
		assert.ok(answer.status >= 400, `the document forbids it:\n${told(request, answer)}`);
	if (unauthorised(op, asked))
		assert.ok(answer.status >= 400, `not for such a token:\n${told(request, answer)}`);
}

// Nobody is told another's address or anybody's password, unless the request contained it.
export function check_discreet(world, asked, request, answer) {
	if (answer.body?.access_token)
		return; // signing in as somebody makes the caller that person
	if (request.path.startsWith('/admin/'))
		return; // the caller is an administrator, perhaps since a request ago
	const said = told(request).toLowerCase();
	const secrets = ['owner', 'member', 'stranger', 'victim']
		.filter((name) => name !== asked.actor && !['operator', ...TOKENS_OF[name] ?? []]
			.includes(asked.actor)).map((name) => world.who[name].email);

	for (const secret of [PASSWORD, ...secrets])
		if (!said.includes(secret))
			assert.ok(!answer.text.includes(secret), `tells ${secret}:\n${told(request, answer)}`);
}

const TOKENS_OF = { owner: ['reader', 'poster', 'manager', 'bound'] };

const DOTS = /\/(\.|%2e){1,2}(\/|$)/i;

export async function judge(server, request, answer) {
	try {
		assert.ok(answer.status < 500, `a ${answer.status}`);
		if (is_web_servers(request, answer))
			return;
		check_ground_rules(request.method, answer);
		if (DOTS.test(request.path))
			return; // the web server resolved it to another path
		const given = request.headers['X-Request-Id'];
		if (/^[A-Za-z0-9._-]{1,64}$/.test(given ?? ''))
			assert.equal(answer.headers.get('x-request-id'), given);
		(await reference_of(server)).check(meant(request), request.path, answer);
	} catch (error) {
		throw new Error(`${error.message}\n${told(request, answer)}`, { cause: error });
	}
}
