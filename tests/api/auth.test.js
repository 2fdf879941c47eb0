// Accounts and tokens: signing in, staying signed in, signing out.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { parse } from '../lib/jwt.js';
import { a_login, actor, an_address, Client, PASSWORD, sign_in, TIME, UUID } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { until } from '../lib/wait.js';

let server, nobody;

before(async () => {
	server = await shared();
	nobody = new Client(server);
});

function account(fields = {}) {
	const login = a_login();
	return { login, email: `${login}@example.org`, password: PASSWORD, ...fields };
}

function register(fields) {
	return new Client(server).want(201, 'POST', '/auth/register', { body: account(fields) });
}

function login(body, client = new Client(server)) {
	return client.call('POST', '/auth/login', { body });
}

function refresh(refresh_token, client = nobody) {
	return client.call('POST', '/auth/refresh', { body: { refresh_token } });
}

function validate(token) {
	return nobody.call('GET', '/auth/validate', { token });
}

function check_pair(pair) {
	assert.deepEqual(Object.keys(pair).sort(), ['access_token', 'expires_in',
		'refresh_expires_in', 'refresh_token', 'token_type', 'user']);
	assert.equal(pair.token_type, 'Bearer');
	assert.equal(pair.expires_in, 900);
	assert.equal(pair.refresh_expires_in, 604800);
	assert.ok(pair.refresh_token.length >= 43);
	assert.equal(pair.access_token.split('.').length, 3);
}

describe('registering', () => {
	it('answers a pair and the person, with everything the contract names', async () => {
		const body = account({ first_name: 'Ann', last_name: 'Иванова' });
		const pair = await nobody.want(201, 'POST', '/auth/register', { body });
		check_pair(pair);
		assert.match(pair.user.id, UUID);
		assert.equal(pair.user.login, body.login);
		assert.equal(pair.user.email, body.email);
		assert.equal(pair.user.email_confirmed, false);
		assert.equal(pair.user.first_name, 'Ann');
		assert.equal(pair.user.last_name, 'Иванова');
		assert.match(pair.user.created_at, TIME);
		assert.equal(JSON.stringify(pair).includes(PASSWORD), false);
		assert.equal(pair.user.password_hash, undefined);
	});

	it('the access token is a JWT with the named claims, 15 minutes long', async () => {
		const pair = await register();
		const { header, claims } = parse(pair.access_token);
		assert.deepEqual(Object.keys(header).sort(), ['alg', 'kid', 'typ']);
		assert.equal(header.alg, 'HS256');
		assert.deepEqual(Object.keys(claims).sort(),
			['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
		assert.equal(claims.sub, pair.user.id);
		assert.equal(claims.exp - claims.iat, 900);
	});

	it('username is another name of login', async () => {
		const body = account();
		const { login: username, ...rest } = body;
		const pair = await nobody.want(201, 'POST', '/auth/register', { body: { username, ...rest } });
		assert.equal(pair.user.login, username);
	});

	it('a taken login is 409 login_taken, without regard to case or width', async () => {
		const body = account();
		await nobody.want(201, 'POST', '/auth/register', { body });
		const wide = body.login.replace(/[a-z]/g,
			(c) => String.fromCodePoint(c.codePointAt(0) - 0x61 + 0xff41));
		for (const taken of [body.login, body.login.toUpperCase(), wide])
			await new Client(server).refused(409, 'login_taken', 'POST', '/auth/register', {
				body: account({ login: taken }),
			});
	});

	it('a taken e-mail is 409 email_taken, without regard to case', async () => {
		const body = account();
		await nobody.want(201, 'POST', '/auth/register', { body });
		await new Client(server).refused(409, 'email_taken', 'POST', '/auth/register', {
			body: account({ email: body.email.toUpperCase() }),
		});
	});

	it('of ten at once with one login exactly one gets it', async () => {
		const name = a_login();
		const replies = await Promise.all(Array.from({ length: 10 }, () => new Client(server).call(
			'POST', '/auth/register', { body: account({ login: name }) })));
		assert.deepEqual(replies.map((r) => r.status).sort(),
			[201, ...Array(9).fill(409)], replies.map((r) => r.text).join('\n'));
	});

	const fine = [
		['Cyrillic', { login: `Жанна_${Date.now() % 1e9}` }],
		['digits, dash, dot', { login: `a-1.${Date.now() % 1e9}` }],
		['32 letters', { login: 'x'.repeat(20) + a_login('').slice(1, 13) }],
		['a password of exactly 8', { password: 'zq8-Lw4e' }],
		['a password of 1024 bytes', { password: 'ж7'.repeat(341) + 'x' }],
		['a password of 1024 times one letter', { password: 'x'.repeat(1024) }],
		['a long password in another script', { password: 'сорок тысяч обезьян' }],
	];
	for (const [name, fields] of fine)
		it(`${name} is fine`, async () => {
			const pair = await register(fields);
			assert.equal(pair.user.login, fields.login ?? pair.user.login);
		});

	const refused = [
		['a login of one letter', { login: 'a' }, ['login']],
		['a login of 33 letters', { login: 'a'.repeat(33) }, ['login']],
		['a login with a space', { login: 'a b c' }, ['login']],
		['a login with an @', { login: 'a@b' }, ['login']],
		['a login of two scripts', { login: 'аdmіn_pа1' }, ['login']],
		['a login with a control character', { login: 'ab\u0007c' }, ['login']],
		['a login with a direction mark', { login: 'ab\u202ec' }, ['login']],
		['a reserved login', { login: 'admin' }, ['login']],
		['a reserved login in capitals', { login: 'ADMIN' }, ['login']],
		['an empty login', { login: '' }, ['login']],
		['an e-mail without @', { email: 'nobody' }, ['email']],
		['an e-mail with a newline', { email: 'a@b.example\nBcc: c@d.example' }, ['email']],
		['an e-mail of 400 letters', { email: `${'a'.repeat(400)}@b.example` }, ['email']],
		['a password of 7', { password: 'zq8-Lw4' }, ['password']],
		['a password over 1024 bytes', { password: 'ж7'.repeat(342) }, ['password']],
		['a common password', { password: 'password123' }, ['password']],
		['a common password, capitalised', { password: 'Password' }, ['password']],
		['everything wrong at once', { login: 'x', email: 'y', password: 'z', nope: 1 },
			['email', 'login', 'nope', 'password']],
		['nothing at all', { login: undefined, email: undefined, password: undefined },
			['email', 'login', 'password']],
	];
	for (const [name, fields, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await new Client(server).refused(422, 'invalid', 'POST', '/auth/register', {
				body: account(fields),
			});
			assert.deepEqual(reply.fields, bad, reply.text);
		});

	it('the login or the e-mail is no password', async () => {
		for (const pick of ['login', 'email']) {
			const body = account();
			body.password = body[pick].toUpperCase();
			const reply = await new Client(server).refused(422, 'invalid', 'POST', '/auth/register',
				{ body });
			assert.deepEqual(reply.fields, ['password']);
		}
	});

	it('a password is the same in composed and decomposed form', async () => {
		const body = account({ password: 'Й-café-naïve-Å'.normalize('NFD') });
		await nobody.want(201, 'POST', '/auth/register', { body });
		const reply = await login({ login: body.login, password: body.password.normalize('NFC') });
		assert.equal(reply.status, 200);
	});
});

describe('signing in', () => {
	let ann;

	before(async () => {
		ann = await actor(server, 'ann');
	});

	it('works by login, by e-mail, by e-mail in the login field, in any case', async () => {
		for (const body of [{ login: ann.login }, { email: ann.email }, { login: ann.email },
			{ username: ann.login }, { login: ann.login.toUpperCase() },
			{ email: ann.email.toUpperCase() }]) {
			const reply = await login({ ...body, password: PASSWORD });
			assert.equal(reply.status, 200, reply.text);
			check_pair(reply.body);
			assert.equal(reply.body.user.id, ann.id);
		}
	});

	it('each sign-in is a session of its own', async () => {
		const one = parse((await sign_in(server, ann)).token).claims;
		const two = parse((await sign_in(server, ann)).token).claims;
		assert.notEqual(one.sid, two.sid);
		assert.notEqual(one.jti, two.jti);
	});

	it('a wrong password and an unknown login get the same answer', async () => {
		const wrong = await login({ login: ann.login, password: 'not this one, no' });
		const unknown = await login({ login: a_login(), password: 'not this one, no' });
		const { request_id: a, ...one } = wrong.body;
		const { request_id: b, ...two } = unknown.body;
		assert.equal(wrong.status, 401);
		assert.equal(wrong.body.code, 'invalid_credentials');
		assert.equal(unknown.status, 401);
		assert.deepEqual(one, two);
		assert.deepEqual(Object.keys(Object.fromEntries(wrong.headers)).sort(),
			Object.keys(Object.fromEntries(unknown.headers)).sort());
	});

	const broken = [
		['no password', { login: 'someone' }, ['password']],
		['no login', { password: PASSWORD }, ['login']],
		['a number as password', { login: 'someone', password: 12345678 }, ['password']],
	];
	for (const [name, body, fields] of broken)
		it(`${name} is 422 and named`, async () => {
			const reply = await nobody.refused(422, 'invalid', 'POST', '/auth/login', { body });
			assert.deepEqual(reply.fields, fields);
		});

	it('after ten failures from one address the account is blocked there, not elsewhere', async () => {
		const bob = await actor(server, 'bob');
		const from = an_address();
		const tries = [];
		for (let i = 0; i < 11; i++)
			tries.push((await login({ login: bob.login, password: 'not this one, no' },
				new Client(server, { address: from }))).status);
		assert.deepEqual(tries, [...Array(10).fill(401), 429]);
		const right = { login: bob.login, password: PASSWORD };
		assert.equal((await login(right, new Client(server, { address: from }))).status, 429);
		assert.equal((await login(right)).status, 200);
	});

	it('a right password passes from an address that had one before', async () => {
		const bob = await actor(server, 'bob');
		const home = new Client(server);
		assert.equal((await login({ login: bob.login, password: PASSWORD }, home)).status, 200);
		for (let i = 0; i < 12; i++)
			await login({ login: bob.login, password: 'not this one, no' }, home);
		assert.equal((await login({ login: bob.login, password: PASSWORD }, home)).status, 200);
	});

	it('a forged X-Forwarded-For does not buy another address', async () => {
		const bob = await actor(server, 'bob');
		const from = an_address();
		const tries = [];
		for (let i = 0; i < 11; i++)
			tries.push((await nobody.call('POST', '/auth/login', {
				body: { login: bob.login, password: 'not this one, no' },
				headers: { 'X-Forwarded-For': `${an_address()}, ${from}` },
			})).status);
		assert.equal(tries.at(-1), 429);
	});

	it('IPv6 counts by /64', async () => {
		const bob = await actor(server, 'bob');
		const net64 = `2001:db8:${Math.floor(Math.random() * 65536).toString(16)}:7`;
		const tries = [];
		for (let i = 0; i < 11; i++)
			tries.push((await nobody.call('POST', '/auth/login', {
				body: { login: bob.login, password: 'not this one, no' },
				headers: { 'X-Forwarded-For': `${net64}::${i + 1}` },
			})).status);
		assert.equal(tries.at(-1), 429);
	});
});

describe('refreshing', () => {
	it('answers a new pair of the same session', async () => {
		const ann = await actor(server);
		const reply = await refresh(ann.pair.refresh_token);
		assert.equal(reply.status, 200);
		check_pair(reply.body);
		assert.notEqual(reply.body.refresh_token, ann.pair.refresh_token);
		assert.equal(parse(reply.body.access_token).claims.sid, parse(ann.token).claims.sid);
		assert.equal((await validate(reply.body.access_token)).status, 200);
	});

	it('token is another name of refresh_token', async () => {
		const ann = await actor(server);
		await nobody.want(200, 'POST', '/auth/refresh', { body: { token: ann.pair.refresh_token } });
	});

	it('the old token works again while its successor was not used (a lost reply)', async () => {
		const ann = await actor(server);
		const lost = await refresh(ann.pair.refresh_token);
		const again = await refresh(ann.pair.refresh_token);
		assert.equal(again.status, 200);
		assert.equal((await validate(again.body.access_token)).status, 200);
		// the lost successor was replaced, so whoever presents it now has stolen it
		assert.equal((await refresh(again.body.refresh_token)).status, 200);
		assert.equal(lost.status, 200);
	});

	it('each repeat replaces the former successor', async () => {
		const ann = await actor(server);
		const former = await refresh(ann.pair.refresh_token);
		const latter = await refresh(ann.pair.refresh_token);
		assert.notEqual(former.body.refresh_token, latter.body.refresh_token);
		const reply = await refresh(former.body.refresh_token);
		assert.equal(reply.status, 401);
		assert.equal(reply.body.code, 'refresh_reused');
	});

	it('once the successor is used, the old token is theft and ends the session', async () => {
		const ann = await actor(server);
		const two = await refresh(ann.pair.refresh_token);
		const three = await refresh(two.body.refresh_token);
		assert.equal(three.status, 200);
		const theft = await refresh(ann.pair.refresh_token);
		assert.equal(theft.status, 401);
		assert.equal(theft.body.code, 'refresh_reused');
		assert.equal((await refresh(three.body.refresh_token)).status, 401);
		const seen = await until(async () => {
			const reply = await validate(three.body.access_token);
			return reply.status === 401 && reply;
		}, 'end of the session');
		assert.equal(seen.body.code, 'session_ended');
	});

	it('a former successor ends it too', async () => {
		const ann = await actor(server);
		const former = await refresh(ann.pair.refresh_token);
		const latter = await refresh(ann.pair.refresh_token);
		assert.equal((await refresh(former.body.refresh_token)).status, 401);
		assert.equal((await refresh(latter.body.refresh_token)).status, 401);
	});

	it('theft on one device leaves the others signed in', async () => {
		const ann = await actor(server);
		const other = await sign_in(server, ann);
		const two = await refresh(ann.pair.refresh_token);
		await refresh(two.body.refresh_token);
		assert.equal((await refresh(ann.pair.refresh_token)).status, 401);
		assert.equal((await refresh(other.pair.refresh_token)).status, 200);
	});

	it('after its 60 seconds of grace the old token is theft', async () => {
		const ann = await actor(server);
		const { sid } = parse(ann.token).claims;
		assert.equal((await refresh(ann.pair.refresh_token)).status, 200);
		await server.sql(`UPDATE sessions SET rotated_at = rotated_at - interval '61 s'
			WHERE id = '${sid}'`);
		const reply = await refresh(ann.pair.refresh_token);
		assert.equal(reply.status, 401);
		assert.equal(reply.body.code, 'refresh_reused');
	});

	it('repeats do not extend the grace period', async () => {
		const ann = await actor(server);
		const { sid } = parse(ann.token).claims;
		assert.equal((await refresh(ann.pair.refresh_token)).status, 200);
		await server.sql(`UPDATE sessions SET rotated_at = rotated_at - interval '40 s'
			WHERE id = '${sid}'`);
		assert.equal((await refresh(ann.pair.refresh_token)).status, 200);
		await server.sql(`UPDATE sessions SET rotated_at = rotated_at - interval '21 s'
			WHERE id = '${sid}'`);
		assert.equal((await refresh(ann.pair.refresh_token)).status, 401);
	});

	it('an expired refresh token, and one of an expired session, are refused', async () => {
		for (const set of [`refresh_expires_at = now() - interval '1 s'`,
			`refresh_expires_at = now() - interval '1 s', expires_at = now() - interval '1 s'`]) {
			const ann = await actor(server);
			const { sid } = parse(ann.token).claims;
			await server.sql(`UPDATE sessions SET ${set} WHERE id = '${sid}'`);
			assert.equal((await refresh(ann.pair.refresh_token)).status, 401, set);
		}
	});

	it('ten at once leave one live pair and nobody signed out', async () => {
		const ann = await actor(server);
		const replies = await Promise.all(Array.from({ length: 10 },
			() => refresh(ann.pair.refresh_token)));
		assert.deepEqual(replies.map((r) => r.status), Array(10).fill(200));
		// the repeats replaced each other in an unknown order; the old token is still
		// good, so its next answer is the one live successor
		const last = await refresh(ann.pair.refresh_token);
		assert.equal((await refresh(last.body.refresh_token)).status, 200);
	});

	it('the database holds no refresh token, only its hash', async () => {
		const ann = await actor(server);
		const found = await server.sql(`SELECT count(*) FROM sessions s
			WHERE s::text LIKE '%${ann.pair.refresh_token}%'`);
		assert.equal(found, '0');
	});

	for (const bad of ['x', 'A'.repeat(43), "' OR 1=1 --", 'a'.repeat(5000)])
		it(`${bad.slice(0, 12)} (${bad.length} long) is no refresh token`, async () => {
			const reply = await refresh(bad);
			assert.ok([401, 422].includes(reply.status), reply.text);
		});

	it('an access token is no refresh token, and the other way round', async () => {
		const ann = await actor(server);
		assert.equal((await refresh(ann.token)).status, 401);
		assert.equal((await validate(ann.pair.refresh_token)).status, 401);
		assert.equal((await refresh(ann.pair.refresh_token)).status, 200);
	});
});

describe('signing out', () => {
	async function is_out(client) {
		const seen = await until(async () => {
			const reply = await validate(client.token);
			return reply.status === 401 && reply;
		}, 'end of the session');
		assert.equal(seen.body.code, 'session_ended');
		assert.match(seen.headers.get('www-authenticate'), /error="invalid_token"/);
		await until(async () => (await client.call('GET', '/rooms')).status === 401, '401 of /rooms');
		assert.equal((await refresh(client.pair.refresh_token)).status, 401);
	}

	it('by access token', async () => {
		const ann = await actor(server);
		await ann.want(204, 'POST', '/auth/logout');
		await is_out(ann);
	});

	it('by refresh token alone', async () => {
		const ann = await actor(server);
		await nobody.want(204, 'POST', '/auth/logout', {
			body: { refresh_token: ann.pair.refresh_token },
		});
		await is_out(ann);
	});

	it('twice is fine', async () => {
		const ann = await actor(server);
		const body = { refresh_token: ann.pair.refresh_token };
		await nobody.want(204, 'POST', '/auth/logout', { body });
		await nobody.want(204, 'POST', '/auth/logout', { body });
		await nobody.want(204, 'POST', '/auth/logout', { body: { refresh_token: 'A'.repeat(43) } });
	});

	it('on one device leaves the other', async () => {
		const ann = await actor(server);
		const other = await sign_in(server, ann);
		await ann.want(204, 'POST', '/auth/logout');
		await is_out(ann);
		assert.equal((await validate(other.token)).status, 200);
	});
});

describe('validate, status and health', () => {
	it('validate says who, which session, how long', async () => {
		const ann = await actor(server);
		const said = await ann.get('/auth/validate');
		assert.deepEqual(Object.keys(said).sort(),
			['expires_at', 'login', 'room_id', 'scopes', 'session_id', 'user_id', 'valid']);
		const { claims } = parse(ann.token);
		assert.equal(said.valid, true);
		assert.equal(said.user_id, ann.id);
		assert.equal(said.login, ann.login);
		assert.equal(said.session_id, claims.sid);
		assert.ok(Array.isArray(said.scopes));
		assert.match(said.expires_at, TIME);
		assert.equal(Date.parse(said.expires_at), claims.exp * 1000);
	});

	it('without a token it is 401', async () => {
		await nobody.refused(401, 'token_invalid', 'GET', '/auth/validate');
	});

	it('status says what a client needs to begin', async () => {
		const said = await nobody.get('/status');
		for (const name of ['name', 'version', 'epoch', 'live', 'limits', 'features',
			'poll_interval_s', 'registration'])
			assert.ok(name in said, name);
		assert.match(said.epoch, /^[0-9a-f]{16}$/);
		assert.deepEqual(said.live, { url: `${server.prefix}/api/v1/ws`, up: true });
		assert.equal(said.registration, 'open');
		assert.ok(Object.values(said.limits).every((v) => Number.isInteger(v)));
	});

	it('health is fine', async () => {
		await nobody.get('/health');
	});

	it('the OpenAPI document is there and names the routes', async () => {
		const doc = await nobody.get('/openapi.json');
		assert.match(doc.openapi, /^3\.1\./);
		const paths = Object.keys(doc.paths).join(' ');
		for (const path of ['/auth/register', '/rooms', '/messages', '/status'])
			assert.ok(paths.includes(path), path);
	});
});
