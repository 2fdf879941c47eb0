// arbitrary.js -- requests made up from the OpenAPI document: good ones, ones at the edges of
// what is allowed, and broken ones.
//
// It knows no route by itself: it requests whatever the document lists.

import fc from 'fast-check';

import { damages, Encoded } from './asking.js';
import { gif, jpeg, png, wav } from './pictures.js';
import {
	chance, edge_of, EMOJI, good_of, letters, nasty, OF_FIELD, ref, some, wrong,
} from './values.js';
import { NO_ID } from './world.js';

// ---- reading the document ---------------------------------------------------------------

// Every operation, with what is needed to request it.
export function operations(document) {
	return Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({
			path,
			method: method.toUpperCase(),
			name: `${method.toUpperCase()} ${path}`,
			roles: roles_of(operation.security),
			query: fields_of(operation.parameters.filter((p) => p.in === 'query')),
			headers: operation.parameters.filter((p) => p.in === 'header').map((p) => p.name),
			content: Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => ({
				type, schema, fields: fields_of(members_of(schema)),
			})),
		})));
}

// The roles that a token needs; undefined if none is needed.
function roles_of(security) {
	const needed = security.length > 0 && security.every((scheme) => scheme.bearer);
	return needed ? security[0].bearer : undefined;
}

function members_of(schema) {
	return Object.entries(schema?.properties ?? {}).map(([name, of]) => ({
		name, schema: of, required: schema.required?.includes(name),
	}));
}

function fields_of(list) {
	return list.map(({ name, schema, required = false }) => ({
		name, schema, required,
		also: /Also accepted as: ([\w, ]+)/.exec(schema.description ?? '')?.[1].split(/,\s*/) ?? [],
	}));
}

// ---- fields: good ones, then one mischief ----------------------------------------------------

// Requests without these are seldom good, which the document says only in words.
const LIKELY = /^(text|name|status|password)$/;

// The required fields, and few, some or all of the others.
function good_fields(fields, fresh) {
	const with_others = (times) => fc.tuple(...fields.map((f) => (f.required || times === 1
		? good_of(f, fresh) : chance(good_of(f, fresh), LIKELY.test(f.name) ? 2 : times))));
	return fc.oneof({ weight: 3, arbitrary: with_others(6) },
		{ weight: 2, arbitrary: with_others(2) }, { weight: 1, arbitrary: with_others(1) })
		.map((values) => values.map((v, i) => [fields[i].name, v]).filter(([, v]) => v !== undefined));
}

const replace = (pairs, name, value) => [...pairs.filter(([n]) => n !== name), [name, value]];

// Yields functions that turn good pairs into others.
function mischief(fields) {
	const unknown = fc.tuple(fc.oneof(fc.constantFrom('id', 'more', 'is_admin', '__proto__'), nasty()),
		wrong()).map((pair) => (pairs) => [...pairs, pair]);
	if (fields.length === 0)
		return unknown;
	const at = fc.constantFrom(...fields);
	return fc.oneof(
		{ weight: 6, arbitrary: at.chain((f) => edge_of(f.schema, f)
			.map((value) => (pairs) => replace(pairs, f.name, value))) },
		{ weight: 2, arbitrary: fc.tuple(at, wrong())
			.map(([f, value]) => (pairs) => replace(pairs, f.name, value)) },
		{ weight: 1, arbitrary: at.map((f) => (pairs) => pairs.filter(([n]) => n !== f.name)) },
		{ weight: 1, arbitrary: fc.tuple(at, wrong())
			.map(([f, value]) => (pairs) => [...pairs, [f.name, value]]) },
		{ weight: 1, arbitrary: at.map((f) => (pairs) => pairs.map(([n, v]) =>
			[n === f.name && f.also.length > 0 ? f.also[0] : n, v])) },
		{ weight: 1, arbitrary: unknown },
	);
}

// calm: the weight of good pairs against spoilt ones.
function pairs_of(fields, { calm = 4, fresh = false } = {}) {
	return fc.oneof(
		{ weight: calm, arbitrary: good_fields(fields, fresh) },
		{ weight: 1, arbitrary: fc.tuple(good_fields(fields, fresh), mischief(fields))
			.map(([pairs, change]) => change(pairs)) },
	);
}

// ---- paths, queries, headers, bodies -----------------------------------------------------------

const OF_SEGMENT = {
	rooms: 'room', chat: 'room', messages: 'message', members: 'user', users: 'user',
	contacts: 'user', sessions: 'session', tokens: 'api_token', files: 'file', calls: 'call',
	avatars: 'avatar', invites: 'invite',
};
const ODD_SEGMENTS = [
	'%00', '%FF', '%C0%AF', '%ED%A0%80', '%', '%zz', '%2F', '%2e%2e', '..', '.', '', '%20', '%0a',
	'%E2%80%AE', 'a%00b', '+', '~', 'null', '0', 'x'.repeat(300), '%F0%9F%91%8D'.repeat(40), 'me',
];

function parameter_of(name, before) {
	const kind = name === 'emoji' ? fc.constantFrom(...EMOJI)
		: ref(OF_SEGMENT[before] ?? OF_FIELD[name] ?? name);
	return fc.oneof(
		{ weight: 24, arbitrary: kind },
		{ weight: 1, arbitrary: fc.constant(NO_ID) },
		{ weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS).map((t) => new Encoded(t)) },
		{ weight: 1, arbitrary: nasty().filter((t) => t !== '') },
	);
}

function path_of(op) {
	const words = op.path.split('/').slice(1);

	const segments = words.map((word, i) => {
		if (word === 'rooms' && i === 0)
			return fc.constantFrom('rooms', 'rooms', 'rooms', 'chats');
		if (!word.startsWith('{'))
			return fc.constant(word);
		const admins = words[0] === 'admin' && words[i - 1] === 'invites';
		return parameter_of(admins ? 'register_invite' : word.slice(1, -1), admins ? '' : words[i - 1]);
	});
	// a trailing slash means nothing
	return fc.tuple(fc.tuple(...segments), chance(fc.constant(''), 15))
		.map(([path, end]) => (end === undefined ? path : [...path, end]));
}

const ACCEPTS = ['*/*', 'application/json', 'text/html', 'text/plain;q=0.5, */*;q=0', '', 'x'];
const TAGS = ['*', '"x"', 'W/"x"', '"', '""', 'x', '"a", "b"', ',,,', '"é"', `"${'a'.repeat(3000)}"`];
const KEYS = ['a', 'k-1', 'k-2', 'x'.repeat(64), 'x'.repeat(65), '', 'a b', '~1', 'ключ', 'a,b', '.'];
const latin1 = (list) => list.map((t) => Buffer.from(t).toString('latin1'));
const OVERRIDES = ['PUT', 'DELETE', 'PATCH', 'GET', 'HEAD', 'put', 'POST', 'OPTIONS', 'X', ''];

function headers_of(op) {
	const seldom = (list) => chance(fc.constantFrom(...latin1(list)), 12);
	const shape = {
		'X-Request-Id': fc.constantFrom('a-sane-one', 'x'.repeat(64), 'x'.repeat(65), '"', 'é'),
		Accept: fc.constantFrom(...ACCEPTS),
		'User-Agent': fc.constantFrom(...latin1(['', 'x', 'é', '\u202e', 'x'.repeat(2000)])),
		Origin: fc.constantFrom('null', 'https://elsewhere.example', 'x'),
		Range: fc.constantFrom('bytes=0-0', 'bytes=5-1', 'bytes=-1', 'bytes=0-,1-2', 'x', 'bytes='),
	};
	return fc.record({
		plain: chance(some(Object.fromEntries(Object.entries(shape)
			.map(([name, value]) => [name, value]))), 4),
		'Idempotency-Key': op.headers.includes('Idempotency-Key')
			? chance(fc.constantFrom(...latin1(KEYS)), 3) : seldom(KEYS),
		'If-None-Match': op.headers.includes('If-None-Match')
			? chance(fc.constantFrom(...latin1(TAGS)), 3) : seldom(TAGS),
		'X-HTTP-Method-Override': op.method === 'POST' ? seldom(OVERRIDES)
			: fc.constant(undefined),
	}).map(({ plain, ...others }) => Object.fromEntries(Object.entries({ ...plain, ...others })
		.filter(([, value]) => value !== undefined)));
}

const BOUNDARY = 'a-boundary';
const FORM = 'application/x-www-form-urlencoded';
const TYPES = [
	undefined, '', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'text/json', 'application/xml',
	'text/plain', FORM, 'multipart/form-data', `multipart/form-data; boundary=${BOUNDARY}`, 'x',
	'application/problem+json', 'text/plain; charset=latin1', '/', ';', 'a/b; c="',
];

const FILES = [png(3, 2), gif(), jpeg({ place: true }), wav(1), Buffer.from('%PDF-1.4'),
	Buffer.from('plain text'), Buffer.alloc(0), Buffer.from('<script>'), png(2, 2).subarray(0, 40)];
const BYTES = () => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...FILES) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b)) });
const NAMES = ['a.png', '', '../../x', 'é.txt', 'a%22b', 'x'.repeat(300), '\u202e', 'a;b', ' '];

const is_file = (f) => f.schema.contentMediaType !== undefined;
const file_part = (name) => fc.record({
	name: fc.constant(name), filename: fc.constantFrom(...NAMES),
	type: chance(fc.constantFrom('image/png', 'text/html', '', 'x')), value: BYTES(),
});

// A form with a file: correct, or any parts in any order.
function parts_of(fields) {
	const texts = fields.filter((f) => !is_file(f));
	const good = fc.tuple(good_fields(texts), fc.tuple(...fields.filter(is_file)
		.map((f) => file_part(f.name))))
		.map(([pairs, files]) => [...pairs.map(([name, value]) => ({ name, value })), ...files]);
	const part = (f) => (is_file(f) ? file_part(f.name) : fc.record({
		name: fc.constant(f.name), value: fc.oneof(good_of(f), edge_of(f.schema, f)),
	}));
	return fc.oneof({ weight: 2, arbitrary: good },
		{ weight: 1, arbitrary: fc.array(fc.oneof(...fields.map(part)), { maxLength: 5 }) });
}

function body_in(content, fresh) {
	const { type, fields } = content;

	if (/json/.test(type))
		return fc.record({ form: fc.constant('json'), type: fc.constant(type),
			fields: pairs_of(fields, { fresh }) });
	if (type === FORM)
		return fc.oneof(
			fc.record({ form: fc.constant('pairs'), type: fc.constant(type),
				fields: pairs_of(fields, { fresh }) }),
			fc.record({ form: fc.constant('text'), type: fc.constant(type), text: nasty() }));
	if (/^multipart/.test(type))
		return fc.record({ form: fc.constant('multipart'), boundary: fc.constant(BOUNDARY),
			type: fc.constant(`${type}; boundary=${BOUNDARY}`), parts: parts_of(fields) });
	return fc.record({ form: fc.constant('text'), type: fc.constant(type.replace('*/*', 'image/png')),
		text: fc.oneof(letters(1, 50), nasty(), BYTES()) });
}

function body_of(op, fresh) {
	if (op.content.length === 0)
		return chance(fc.constant({ form: 'text', type: 'application/json', text: '{}' }), 12);
	const good = fc.oneof(...op.content.map((content, i) => ({
		weight: i === 0 ? 4 : 1, arbitrary: body_in(content, fresh),
	})));
	const damage = fc.record({
		kind: fc.constantFrom(...Object.keys(damages)), at: fc.double({ min: 0, max: 1, noNaN: true }),
	});
	return fc.oneof(
		{ weight: 16, arbitrary: good },
		{ weight: 2, arbitrary: fc.tuple(good, damage).map(([body, d]) => ({ ...body, damage: d })) },
		{ weight: 1, arbitrary: fc.tuple(good, fc.constantFrom(...TYPES))
			.map(([body, type]) => ({ ...body, type })) },
		{ weight: 1, arbitrary: fc.constant(undefined) },
	);
}

// ---- the caller ----------------------------------------------------------------------------------

const PEOPLE = ['owner', 'member', 'stranger', 'operator', 'victim'];
const TOKENS = ['reader', 'poster', 'manager', 'bound'];

function actor_of(op) {
	const first = op.path.startsWith('/admin') ? 'operator' : 'owner';
	return fc.oneof(
		{ weight: 9, arbitrary: fc.constant(first) },
		{ weight: 4, arbitrary: fc.constantFrom(...PEOPLE) },
		{ weight: 2, arbitrary: fc.constantFrom(...TOKENS) },
		{ weight: 1, arbitrary: fc.constant('nobody') },
	);
}

const CREDENTIALS = [
	'Bearer', 'Bearer ', 'Bearer x', 'bearer  a.b.c', 'Basic dTpw', 'Bearer fyr_', 'x', '',
	`Bearer fyr_${'A'.repeat(43)}`, `Bearer ${'a'.repeat(3000)}`,
	'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', 'Bearer é', 'Bearer a b',
];

// A request for one operation, at times with something broken on purpose.
export function request_of(op, { actor = actor_of(op) } = {}) {
	const fresh = op.path === '/auth/register';

	return fc.record({
		actor,
		method: op.method === 'PUT' ? fc.constantFrom('PUT', 'PUT', 'PUT', 'PATCH')
			: fc.constant(op.method),
		path: path_of(op),
		query: pairs_of(op.query, { calm: 6 }),
		headers: headers_of(op),
		credentials: chance(fc.constantFrom(...latin1(CREDENTIALS)), 25),
		body: body_of(op, fresh),
	}).map(({ credentials, ...asked }) => (credentials === undefined ? asked
		: { ...asked, headers: { ...asked.headers, Authorization: credentials } }));
}
