// API tokens: created by a signed-in person, limited to their scopes, and to one room if they
// are bound to it, until they are revoked.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { actor, Client, TIME, UUID } from '../lib/rest.js';
import { private_server, end_private_servers, shared } from '../lib/server.js';
import { until } from '../lib/wait.js';

let server, ann, room, other, mine, theirs;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room({ name: 'the room' });
	other = await ann.room({ name: 'another room' });
	mine = await ann.post(room.id, 'in the room');
	theirs = await ann.post(other.id, 'in another room');
});
after(end_private_servers);

const make = (who, fields) => who.want(201, 'POST', '/auth/tokens', {
	body: { name: 'a script', scopes: ['read'], ...fields },
});

// A script with an API token of this person.
async function script(who, scopes, fields = {}) {
	const made = await make(who, { scopes, ...fields });
	return Object.assign(new Client(who.server, { token: made.secret }), { made });
}

const past = (id) => server.sql(`UPDATE api_tokens SET expires_at = now() - interval '1 s' WHERE id = '${id}'`);

describe('making a token', () => {
	it('shows the secret once, and stores only its hash', async () => {
		const reply = await ann.call('POST', '/auth/tokens', {
			body: { name: 'cron', scopes: ['post'], room_id: room.id, expires_at: '2099-01-01T00:00:00.000Z' },
		});
		assert.equal(reply.status, 201);
		const { secret, ...shown } = reply.body;
		assert.match(secret, /^fyr_[A-Za-z0-9_-]{43}$/);
		assert.match(reply.headers.get('cache-control'), /no-store/);
		assert.equal(reply.headers.get('location'), `${server.prefix}/api/v1/auth/tokens/${shown.id}`);
		assert.match(shown.id, UUID);
		assert.match(shown.created_at, TIME);
		assert.deepEqual({ ...shown, id: 0, created_at: 0 }, {
			id: 0, name: 'cron', scopes: ['post'], room_id: room.id, created_at: 0,
			last_used_at: null, expires_at: '2099-01-01T00:00:00.000Z',
		});
		assert.deepEqual(await ann.get(`/auth/tokens/${shown.id}`), shown);
		const hash = createHash('sha256').update(secret).digest('hex');
		assert.equal(await server.sql(`SELECT encode(token_hash, 'hex') FROM api_tokens WHERE id = '${shown.id}'`), hash);
		const { text } = await ann.call('GET', '/auth/tokens');
		assert.equal(text.includes(secret) || text.includes(hash), false);
		for (const name of ['rest.log', 'access.log'])
			assert.equal(server.log(name).includes(secret), false, name);
	});

	const wrong = [
		['no scope', { scopes: [] }, ['scopes']],
		['a scope there is not', { scopes: ['read', 'root'] }, ['scopes']],
		['a scope twice', { scopes: ['read', 'read'] }, ['scopes']],
		['no name', { name: undefined }, ['name']],
		['an end in the past', { expires_at: '2001-01-01T00:00:00Z' }, ['expires_at']],
		['several of these', { name: '', scopes: ['x'], expires_at: 'soon' }, ['expires_at', 'name', 'scopes']],
	];
	for (const [name, fields, bad] of wrong)
		it(`with ${name} is refused by name`, async () => {
			const reply = await ann.refused(422, 'invalid', 'POST', '/auth/tokens', {
				body: { name: 'x', scopes: ['read'], ...fields },
			});
			assert.deepEqual(reply.fields, bad);
		});

	it('for a room one is not a member of is 404', async () => {
		const bob = await actor(server, 'bob');
		await bob.refused(404, 'not_found', 'POST', '/auth/tokens', {
			body: { name: 'x', scopes: ['read'], room_id: room.id },
		});
	});

	it('is for people who signed in, not for tokens', async () => {
		const bot = await script(ann, ['read', 'post', 'admin']);
		for (const [method, path, body] of [
			['POST', '/auth/tokens', { name: 'x', scopes: ['read'] }], ['GET', '/auth/tokens'],
			['DELETE', `/auth/tokens/${bot.made.id}`], ['GET', '/auth/sessions'],
			['PUT', '/users/me', { bio: 'x' }], ['DELETE', '/users/me', { password: 'x' }],
			['POST', '/auth/logout'],
		]) {
			const reply = await bot.refused(403, 'forbidden', method, path, { body });
			assert.match(reply.body.detail, /API tokens may not/);
		}
	});

	it('stops at the limit, however many are requested at once', async () => {
		const small = await private_server({ name: 'few', env: { FOYER_MAX_API_TOKENS_PER_USER: '3' } });
		const eve = await actor(small, 'eve');
		const replies = await Promise.all(Array.from({ length: 6 }, () => eve.call('POST', '/auth/tokens',
			{ body: { name: 'x', scopes: ['read'] } })));
		assert.equal(replies.filter((r) => r.status === 201).length, 3);
		assert.equal(replies.filter((r) => r.status === 409 && r.body.code === 'conflict').length, 3);
		await eve.want(204, 'DELETE', `/auth/tokens/${replies.find((r) => r.status === 201).body.id}`);
		await make(eve);
	});
});

describe('the list of tokens', () => {
	it('is one\'s own, the latest first, in pages', async () => {
		const bob = await actor(server, 'bob');
		const made = [];
		for (let i = 0; i < 5; i++)
			made.unshift((await make(bob, { name: `n${i}` })).id);
		const first = await bob.get('/auth/tokens?limit=3');
		const second = await bob.get(`/auth/tokens?limit=3&cursor=${first.next}`);
		assert.deepEqual([...first.items, ...second.items].map((t) => t.id), made);
		assert.equal(second.next, null);
		await ann.refused(404, 'not_found', 'GET', `/auth/tokens/${made[0]}`);
		await ann.refused(404, 'not_found', 'DELETE', `/auth/tokens/${made[0]}`);
	});
});

describe('a token is good for', () => {
	const cases = [
		['read', ['GET', () => '/rooms'], ['GET', () => `/rooms/${room.id}/messages`], ['GET', () => '/users/me'],
			['GET', () => `/messages/${mine.id}`]],
		['post', ['POST', () => `/rooms/${room.id}/messages`, { text: 'x' }],
			['PUT', () => `/rooms/${room.id}/read`, { seq: 1 }]],
		['admin', ['PUT', () => `/rooms/${room.id}`, { description: 'x' }],
			['POST', () => '/rooms', { name: 'made by a script', kind: 'group' }]],
	];
	for (const [scope] of cases)
		it(`what its scope ${scope} says, and nothing else`, async () => {
			const bot = await script(ann, [scope]);
			assert.deepEqual((await bot.get('/auth/validate')).scopes, [scope]);
			for (const [needed, ...calls] of cases)
				for (const [method, path, body] of calls) {
					const reply = await bot.call(method, path(), { body });
					if (needed === scope) {
						assert.ok(reply.status < 300, `${method} ${path()}: ${reply.text}`);
						continue;
					}
					assert.equal(reply.status, 403, `${method} ${path()}`);
					assert.equal(reply.body.detail, `The API token lacks the scope ${needed}.`);
					assert.equal(reply.headers.get('www-authenticate'),
						`Bearer realm="foyer", error="insufficient_scope", scope="${needed}"`);
				}
		});

	it('posting without reading: setting a status shows no e-mail', async () => {
		const bob = await actor(server, 'bob');
		const body = { status: 'away', text: 'out' };
		const reply = await (await script(bob, ['post'])).want(200, 'PUT', '/users/status', { body });
		assert.deepEqual(reply, await bob.get(`/users/${bob.id}`));
		assert.equal(reply.status_text, 'out');
		const both = await script(bob, ['read', 'post']);
		assert.equal((await both.want(200, 'PUT', '/users/status', { body })).email, bob.email);
	});

	it('posting without reading: joining shows no message', async () => {
		const bob = await actor(server, 'bob');
		const bot = await script(bob, ['post']);
		assert.equal((await bot.want(200, 'POST', `/rooms/${room.id}/join`)).last_message, null);
		assert.notEqual((await bob.get(`/rooms/${room.id}`)).last_message, null);
	});
});

describe('validate', () => {
	it('tells whose it is, what it may and until when', async () => {
		const expires_at = '2098-01-01T00:00:00.000Z';
		const bot = await script(ann, ['admin', 'read'], { room_id: room.id, expires_at });
		assert.deepEqual(await bot.get('/auth/validate'), {
			valid: true, user_id: ann.id, login: ann.login, session_id: bot.made.id,
			scopes: ['read', 'admin'], room_id: room.id, expires_at,
		});
		const open = await script(ann, ['post']);
		const { room_id, expires_at: end } = await open.get('/auth/validate');
		assert.deepEqual([room_id, end], [null, null]);
		assert.equal((await ann.get('/auth/validate')).room_id, null);
	});

	it('its last use is recorded, once a minute', async () => {
		const bot = await script(ann, ['read']);
		const seen = async () => (await ann.get(`/auth/tokens/${bot.made.id}`)).last_used_at;
		assert.equal(await seen(), null);
		await bot.get('/rooms');
		const first = await seen();
		assert.match(first, TIME);
		await bot.get('/rooms');
		assert.equal(await seen(), first);
		await server.sql(`UPDATE api_tokens SET last_used_at = now() - interval '61 s' WHERE id = '${bot.made.id}'`);
		await bot.get('/rooms');
		assert.ok(await seen() >= first);
	});
});

describe('a token of one room', () => {
	let bot;
	before(async () => {
		bot = await script(ann, ['read', 'post', 'admin'], { room_id: room.id });
	});

	it('does in it what its scopes say', async () => {
		await bot.get(`/rooms/${room.id}`);
		await bot.get(`/chats/${room.id}`);
		await bot.get(`/messages/${mine.id}`);
		await bot.get(`/messages/chat/${room.id}`);
		await bot.get(`/rooms/${room.id}/log?after=0`);
		await bot.post(room.id, 'by a script');
		await bot.want(201, 'POST', '/messages', { body: { room_id: room.id, text: 'x' } });
		await bot.want(201, 'POST', `/messages?room_id=${room.id}`, { body: 'x', type: 'text/plain' });
		await bot.want(200, 'PUT', `/rooms/${room.id}`, { body: { description: 'by a script' } });
		await bot.want(200, 'PUT', `/messages/${mine.id}/reactions/👍`);
	});

	it('does not find any other, by whatever name', async () => {
		for (const [method, path, body] of [
			['GET', `/rooms/${other.id}`], ['GET', `/chats/${other.id.toUpperCase()}`],
			['GET', `/rooms/${other.id}/messages`], ['GET', `/messages?room_id=${other.id}`],
			['GET', `/messages?chat_id=${other.id}`], ['GET', `/messages/chat/${other.id}`],
			['GET', `/rooms/${other.id}/log?after=0`], ['GET', `/rooms/${other.id}/members`],
			['POST', `/rooms/${other.id}/messages`, { text: 'x' }],
			['POST', '/messages', { room_id: other.id, text: 'x' }],
			['POST', `/messages?room_id=${other.id}`, { room_id: room.id, text: 'x' }],
			['POST', '/messages', { to: ann.login, text: 'x' }],
			['POST', `/messages?to=${ann.login}`, { text: 'x' }],
			['GET', `/messages/${theirs.id}`], ['PUT', `/messages/${theirs.id}`, { text: 'x' }],
			['DELETE', `/messages/${theirs.id}`], ['PUT', `/messages/${theirs.id}/reactions/👍`],
			['PUT', `/rooms/${other.id}/read`, { seq: 1 }], ['POST', `/rooms/${other.id}/join`],
			['POST', `/rooms/${other.id}/leave`], ['PUT', `/rooms/${other.id}`, { name: 'x' }],
			['DELETE', `/rooms/${other.id}`], ['POST', '/rooms/remove', { room_id: other.id }],
			['DELETE', `/rooms/remove?room_id=${other.id}`],
		])
			await bot.refused(404, 'not_found', method, path, { body });
		await ann.get(`/rooms/${other.id}`);
	});

	it('sees itself alone in lists', async () => {
		assert.deepEqual((await bot.get('/rooms')).items.map((r) => r.id), [room.id]);
		assert.deepEqual((await bot.get('/rooms?scope=public')).items, []);
		await until(async () => (await ann.get('/search?q=room')).items.length >= 2, 'both to be found');
		for (const m of (await bot.get('/search?q=room')).items)
			assert.equal(m.room_id, room.id);
		await bot.refused(404, 'not_found', 'GET', `/search?q=room&room_id=${other.id}`);
	});

	it('is refused on routes without a room', async () => {
		for (const [method, path, body] of [
			['GET', '/users'], ['GET', '/users/search?q=a'], ['GET', `/users/${ann.id}`],
			['POST', '/rooms', { name: 'x', kind: 'group' }], ['PUT', '/users/status', { status: 'away' }],
		]) {
			const reply = await bot.refused(403, 'forbidden', method, path, { body });
			assert.match(reply.body.detail, /only valid for one room/);
		}
		await bot.get('/users/me');
	});

	it('finds nothing after the room is removed', async () => {
		const gone = await ann.room({ name: 'soon gone' });
		const lost = await script(ann, ['read'], { room_id: gone.id });
		await ann.want(204, 'DELETE', `/rooms/${gone.id}`);
		await lost.refused(404, 'not_found', 'GET', `/rooms/${gone.id}`);
		await lost.refused(404, 'not_found', 'GET', `/messages/${mine.id}`);
		assert.deepEqual((await lost.get('/rooms')).items, []);
	});
});

describe('a token ends', () => {
	it('when it is taken back, at once', async () => {
		const bot = await script(ann, ['read']);
		await bot.get('/rooms');
		await ann.want(204, 'DELETE', `/auth/tokens/${bot.made.id}`);
		for (const path of ['/auth/validate', '/rooms', `/rooms/${room.id}/messages`, '/users'])
			await bot.refused(401, 'token_invalid', 'GET', path);
		await ann.refused(404, 'not_found', 'GET', `/auth/tokens/${bot.made.id}`);
	});

	it('when its time has come', async () => {
		const bot = await script(ann, ['read']);
		await past(bot.made.id);
		const reply = await bot.refused(401, 'token_expired', 'GET', '/rooms');
		assert.match(reply.headers.get('www-authenticate'), /error="invalid_token"/);
	});

	it('while its owner is disabled, or gone', async () => {
		const bob = await actor(server, 'bob');
		const bot = await script(bob, ['read']);
		await server.sql(`UPDATE users SET disabled_at = now() WHERE id = '${bob.id}'`);
		await bot.refused(401, 'session_ended', 'GET', '/rooms');
		await server.sql(`DELETE FROM users WHERE id = '${bob.id}'`);
		await bot.refused(401, 'token_invalid', 'GET', '/rooms');
	});

	it('but not with the session that made it', async () => {
		const bob = await actor(server, 'bob');
		const bot = await script(bob, ['read']);
		await bob.want(204, 'POST', '/auth/logout');
		await until(async () => (await bob.call('GET', '/rooms')).status === 401, 'the end of the session');
		await bot.get('/rooms');
	});

	for (const [name, token] of [['none of ours', `fyr_${'x'.repeat(43)}`], ['short', 'fyr_'], ['long', `fyr_${'y'.repeat(6000)}`]])
		it(`and one that is ${name} is token_invalid`, () =>
			new Client(server, { token }).refused(401, 'token_invalid', 'GET', '/rooms'));
});
