// Access tokens with one flaw each: every program refuses them with the code that says why, and
// goes on.

import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign as sign_with } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { parse, remake, sign } from '../lib/jwt.js';
import { end_all, open } from '../lib/live.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

let server, ann, room, now_s;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
	now_s = Math.floor(Date.now() / 1000);
});
after(end_all);

const b64 = (v) => Buffer.from(typeof v === 'string' ? v : JSON.stringify(v)).toString('base64url');

function bare(header, claims = parse(ann.token).claims) {
	return `${b64(header)}.${b64(claims)}.`;
}

// Every place that checks tokens: each FastCGI program, and the broker.
async function refused_everywhere(token, code) {
	const nobody = new Client(server);

	for (const [method, path, body] of [
		['GET', '/auth/validate'],
		['GET', '/rooms'],
		['POST', `/rooms/${room.id}/messages`, { text: 'x' }],
		['GET', `/rooms/${room.id}/log`],
	]) {
		const reply = await nobody.call(method, path, { token, body });
		assert.equal(reply.status, 401, `${method} ${path}: ${reply.text}`);
		assert.equal(reply.body.code, code, path);
		assert.match(reply.headers.get('www-authenticate'), /error="invalid_token"/);
	}
	const live = await open(server);
	live.send({ type: 'auth', token });
	const error = await live.find('error');
	assert.equal(error.code, code);
	assert.equal((await within(live.closed, 'close')).code, 4401);
	assert.ok(!live.frames.some((f) => f.type === 'ready'));
}

const cases = [
	['alg none and no signature', () => bare({ alg: 'none', typ: 'JWT' })],
	['alg None', () => bare({ alg: 'None', typ: 'JWT' })],
	['alg NONE with the right kid', () => bare({ ...parse(ann.token).header, alg: 'NONE' })],
	['alg none with the right signature', () => remake(server, ann.token, { header: { alg: 'none' } })],
	['HS512 with the right key', () => remake(server, ann.token,
		{ header: { alg: 'HS512' }, hash: 'sha512' })],
	['HS384 with the right key', () => remake(server, ann.token,
		{ header: { alg: 'HS384' }, hash: 'sha384' })],
	['a header of HS512 over an HS256 signature', () => remake(server, ann.token,
		{ header: { alg: 'HS512' } })],
	['another key', () => remake(server, ann.token, { key: Buffer.alloc(32, 7) })],
	['an empty key', () => remake(server, ann.token, { key: Buffer.alloc(0) })],
	['the key as hex text', () => remake(server, ann.token,
		{ key: server.keys()[0].key.toString('hex') })],
	['an unknown kid', () => remake(server, ann.token, { header: { kid: 'nobody' } })],
	['a kid that climbs out of its folder', () => remake(server, ann.token,
		{ header: { kid: '../../../../dev/null' }, key: Buffer.alloc(0) })],
	['a kid that is a number', () => remake(server, ann.token, { header: { kid: 1 } })],
	['no kid', () => remake(server, ann.token, { header: { kid: undefined } })],
	['not valid yet', () => remake(server, ann.token, { claims: { nbf: now_s + 3600 } })],
	['no exp', () => remake(server, ann.token, { claims: { exp: undefined } })],
	['exp as text', () => remake(server, ann.token, { claims: { exp: String(now_s + 600) } })],
	['no sub', () => remake(server, ann.token, { claims: { sub: undefined } })],
	['no sid', () => remake(server, ann.token, { claims: { sid: undefined } })],
	['a sub that is no UUID', () => remake(server, ann.token, { claims: { sub: "x' OR 1=1" } })],
	['a sub that is a list', () => remake(server, ann.token, { claims: { sub: [ann.id] } })],
	['another issuer', () => remake(server, ann.token, { claims: { iss: 'elsewhere' } })],
	['another audience', () => remake(server, ann.token, { claims: { aud: 'elsewhere' } })],
	['no issuer', () => remake(server, ann.token, { claims: { iss: undefined } })],
	['claims that are a list', () => signed([1, 2, 3])],
	['claims that are no JSON', () => signed('not json')],
	['an empty object as claims', () => signed({})],
	['claims changed under the old signature', () => {
		const [h, , s] = ann.token.split('.');
		return `${h}.${b64({ ...parse(ann.token).claims, exp: now_s + 9e6 })}.${s}`;
	}],
	['a cut signature', () => ann.token.slice(0, -4)],
	['a signature with one more letter', () => `${ann.token}A`],
	['an empty signature', () => `${ann.token.split('.').slice(0, 2).join('.')}.`],
	['two parts', () => ann.token.split('.').slice(0, 2).join('.')],
	['four parts', () => `${ann.token}.x`],
	['five parts (encrypted)', () => 'a.b.c.d.e'],
	['dots', () => '...'],
	['garbage', () => 'garbage'],
	['a long garbage of 6,000 letters', () => 'x'.repeat(6000)],
	['an RS256 token of a key of one\'s own', () => {
		const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const text = `${b64({ ...parse(ann.token).header, alg: 'RS256' })}.${b64(parse(ann.token).claims)}`;
		return `${text}.${sign_with('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
	}],
	['a nested header', () => remake(server, ann.token,
		{ header: { x: JSON.parse('['.repeat(200) + ']'.repeat(200)) }, key: Buffer.alloc(32) })],
];

function signed(claims) {
	const { header } = parse(ann.token);
	const { key } = server.keys().find((k) => k.kid === header.kid);
	return sign(header, claims, key);
}

describe('refused as token_invalid:', () => {
	for (const [name, make] of cases)
		it(name, async () => refused_everywhere(make(), 'token_invalid'));
});

describe('refused for its time or its person:', () => {
	it('an expired token is token_expired', async () => {
		await refused_everywhere(remake(server, ann.token,
			{ claims: { iat: now_s - 2000, exp: now_s - 1100 } }), 'token_expired');
	});

	it('a token that was good all along is token_expired when it ends', async () => {
		const nobody = new Client(server), exp = Math.floor(Date.now() / 1000) + 3;
		const token = remake(server, ann.token, { claims: { exp } });
		await until(async () => {
			const early = Date.now() < exp * 1000;
			const { status } = await nobody.call('GET', '/rooms', { token });
			assert.ok(status === 401 || (status === 200 && early));
			return status === 401;
		}, 'its end');
		await refused_everywhere(token, 'token_expired');
	});

	it('one that differs from a good one in its last bits is token_invalid', async () => {
		const nobody = new Client(server);
		assert.equal((await nobody.call('GET', '/rooms', { token: ann.token })).status, 200);
		await refused_everywhere(`${ann.token.slice(0, -4)}AAAA`, 'token_invalid');
	});

	it('a token of 1970 is token_expired', async () => {
		await refused_everywhere(remake(server, ann.token, { claims: { iat: 1, exp: 901 } }),
			'token_expired');
	});

	it('a session that never was is session_ended or invalid on the live side', async () => {
		const token = remake(server, ann.token,
			{ claims: { sid: '00000000-0000-4000-8000-000000000000' } });
		const live = await open(server);
		live.send({ type: 'auth', token });
		assert.ok(['session_ended', 'token_invalid'].includes((await live.find('error')).code));
		assert.equal((await within(live.closed, 'close')).code, 4401);
	});

	it('the token of a removed person is session_ended everywhere', async () => {
		const gone = await actor(server, 'gone');
		assert.equal((await gone.call('GET', '/rooms')).status, 200);
		await server.sql(`DELETE FROM users WHERE id = '${gone.id}'`);
		for (const path of ['/auth/validate', '/rooms', `/rooms/${room.id}/messages`])
			await until(async () => (await gone.call('GET', path)).status === 401, `401 of ${path}`);
		await refused_everywhere(gone.token, 'session_ended');
	});

	it('somebody else\'s session under one\'s own name gives nothing of theirs', async () => {
		const bob = await actor(server, 'bob');
		const token = remake(server, bob.token, { claims: { sid: parse(ann.token).claims.sid } });
		const live = await open(server);
		live.send({ type: 'auth', token });
		await live.find('error');
		assert.equal((await within(live.closed, 'close')).code, 4401);
	});
});

describe('a correct token made by hand', () => {
	it('is taken, so that the refusals above are refusals of what was changed', async () => {
		const token = remake(server, ann.token, { claims: { jti: 'another' } });
		assert.equal((await new Client(server).call('GET', '/rooms', { token })).status, 200);
		const { header, claims } = parse(ann.token);
		const { key } = server.keys().find((k) => k.kid === header.kid);
		const text = ann.token.split('.').slice(0, 2).join('.');
		assert.equal(createHmac('sha256', key).update(text).digest('base64url'),
			ann.token.split('.')[2]);
		assert.equal(claims.sub, ann.id);
	});
});
