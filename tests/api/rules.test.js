// The ground rules, which hold for every route. lib/rest.js checks the rest of them on each
// answer in every suite.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { png } from '../lib/pictures.js';
import { request, Raw } from '../lib/raw.js';
import { actor, Client, PASSWORD, TIME, UUID } from '../lib/rest.js';
import { allowed_origin, shared } from '../lib/server.js';

let server, ann, nobody;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	nobody = new Client(server);
});

describe('paths and methods', () => {
	it('an unknown path is 404 not_found, with and without a token', async () => {
		await nobody.refused(404, 'not_found', 'GET', '/nothing-here');
		await ann.refused(404, 'not_found', 'GET', '/nothing-here');
		await ann.refused(404, 'not_found', 'GET', '/rooms/a/b/c/d');
		await ann.refused(404, 'not_found', 'GET', '/auth');
	});

	const known = [
		['PATCH', '/status', ['GET']],
		['GET', '/auth/register', ['POST']],
		['DELETE', '/auth/login', ['POST']],
		['POST', '/auth/validate', ['GET']],
		['DELETE', '/rooms', ['GET', 'POST']],
		['PUT', '/rooms/remove', ['DELETE', 'POST']],
		['GET', '/rooms/:room/leave', ['POST']],
		['DELETE', '/rooms/:room/messages', ['GET', 'POST']],
		['POST', '/rooms/:room/log', ['GET']],
	];
	for (const [method, path, allowed] of known)
		it(`${method} ${path} is 405 and names ${allowed.join(' and ')}`, async () => {
			const room = path.includes(':room') ? (await ann.room()).id : '';
			const reply = await ann.refused(405, 'method_not_allowed', method,
				path.replace(':room', room));
			const named = reply.headers.get('allow').split(/\s*,\s*/);
			for (const one of allowed)
				assert.ok(named.includes(one), `${one} in ${named}`);
			assert.ok(!named.includes(method));
		});

	it('a path with a trailing slash is the same path', async () => {
		const room = await ann.room();
		assert.deepEqual((await ann.get(`/rooms/${room.id}/`)).id, room.id);
		assert.equal((await nobody.get('/status/')).epoch, (await nobody.get('/status')).epoch);
		await ann.want(201, 'POST', `/rooms/${room.id}/messages/`, { body: { text: 'x' } });
		assert.ok(Array.isArray((await ann.get('/rooms/?limit=1')).items));
	});

	it('HEAD answers as GET does, without the body', async () => {
		for (const path of ['/status', '/rooms', '/auth/validate']) {
			const head = await ann.call('HEAD', path);
			const get = await ann.call('GET', path);
			assert.equal(head.status, 200, path);
			assert.equal(head.text, '');
			assert.equal(head.headers.get('content-type'), get.headers.get('content-type'));
			assert.equal(head.headers.get('etag'), get.headers.get('etag'));
		}
		assert.equal((await nobody.call('HEAD', '/rooms')).status, 401);
	});

	it('OPTIONS names the methods of a known path, for anybody', async () => {
		const reply = await nobody.call('OPTIONS', '/rooms');
		assert.equal(reply.status, 204);
		for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
			assert.ok(reply.headers.get('allow').includes(method), method);
		assert.equal((await nobody.call('OPTIONS', '/no/such')).status, 404);
	});

	it('POST with X-HTTP-Method-Override is the method it names', async () => {
		for (const method of ['DELETE', 'delete']) {
			const room = await ann.room();
			const headers = { 'X-HTTP-Method-Override': method };
			assert.equal((await ann.call('POST', `/rooms/${room.id}`, { headers })).status, 204);
			await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
		}
	});

	it('only POST can be overridden, and only to a method that exists', async () => {
		const room = await ann.room();
		const headers = { 'X-HTTP-Method-Override': 'DELETE' };
		assert.equal((await ann.call('GET', `/rooms/${room.id}`, { headers })).status, 200);
		await ann.get(`/rooms/${room.id}`);
		const odd = await ann.call('POST', `/rooms/${room.id}`, {
			headers: { 'X-HTTP-Method-Override': 'EXPLODE' },
		});
		assert.ok([400, 405].includes(odd.status), odd.text);
		await ann.get(`/rooms/${room.id}`);
	});

	it('a method that nobody knows is refused without harm', async () => {
		for (const method of ['PROPFIND', 'BREW', 'TRACK2']) {
			const reply = await ann.call(method, '/rooms', { raw: true });
			assert.ok([400, 405, 501].includes(reply.status), `${method} ${reply.status}`);
		}
		await ann.get('/rooms');
	});
});

describe('request ids', () => {
	it('the caller\'s own id comes back when it is sane', async () => {
		for (const id of ['abc-123', 'A.b_c', randomUUID(), 'x'.repeat(64)]) {
			const reply = await nobody.call('GET', '/status', { headers: { 'X-Request-Id': id } });
			assert.equal(reply.headers.get('x-request-id'), id);
		}
		const wrong = await nobody.call('GET', '/rooms', { headers: { 'X-Request-Id': 'mine-7' } });
		assert.equal(wrong.body.request_id, 'mine-7');
	});

	it('an insane one is replaced', async () => {
		for (const id of ['has space', 'quo"te', '<b>', 'x'.repeat(300), 'a=b;c', '{}']) {
			const reply = await nobody.call('GET', '/status', { headers: { 'X-Request-Id': id } });
			assert.notEqual(reply.headers.get('x-request-id'), id);
		}
	});

	it('two requests get two ids', async () => {
		const one = await nobody.call('GET', '/status');
		const two = await nobody.call('GET', '/status');
		assert.notEqual(one.headers.get('x-request-id'), two.headers.get('x-request-id'));
	});
});

describe('shapes', () => {
	it('ids are UUIDs, times are RFC 3339 with milliseconds, fields are snake_case', async () => {
		const room = await ann.room();
		const message = await ann.post(room.id, 'x');
		assert.match(room.id, UUID);
		assert.match(message.id, UUID);
		assert.match(ann.id, UUID);
		for (const time of [room.created_at, message.created_at, ann.user.created_at])
			assert.match(time, TIME);
		for (const name of [...Object.keys(room), ...Object.keys(message)])
			assert.match(name, /^[a-z][a-z0-9_]*$/);
	});

	it('making something is 201, the bare thing, and a Location that leads to it', async () => {
		const reply = await ann.call('POST', '/rooms', { body: { name: 'r', kind: 'group' } });
		assert.equal(reply.status, 201);
		assert.equal(reply.body.room, undefined);
		const location = new URL(reply.headers.get('location'), server.api);
		assert.equal(location.pathname, `${server.prefix}/api/v1/rooms/${reply.body.id}`);
		const got = await fetch(location, { headers: { Authorization: `Bearer ${ann.token}` } });
		assert.equal((await got.json()).id, reply.body.id);

		const sent = await ann.call('POST', `/rooms/${reply.body.id}/messages`, {
			body: { text: 'hello' },
		});
		assert.equal(sent.status, 201);
		assert.match(sent.headers.get('location'), new RegExp(`/messages/${sent.body.id}$`));
	});
});

describe('lists', () => {
	let owner, ids;

	before(async () => {
		owner = await actor(server, 'lister');
		ids = [];
		for (let i = 0; i < 7; i++)
			ids.push((await owner.room({ name: `room ${i}` })).id);
	});

	it('pages meet without gap or double, and next is null exactly at the end', async () => {
		for (const limit of [1, 2, 3, 7, 8, 100]) {
			const seen = [];
			let cursor, page, pages = 0;
			do {
				page = await owner.get(`/rooms?limit=${limit}`
					+ (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''));
				assert.ok(page.items.length > 0 && page.items.length <= limit);
				seen.push(...page.items.map((r) => r.id));
				cursor = page.next;
				pages++;
			} while (cursor);
			assert.equal(page.next, null);
			assert.equal(pages, Math.ceil(7 / limit), `pages of ${limit}`);
			assert.deepEqual([...seen].sort(), [...ids].sort(), `limit ${limit}`);
		}
	});

	it('an empty list is no items and no next', async () => {
		const fresh = await actor(server);
		assert.deepEqual(await fresh.get('/rooms'), { items: [], next: null });
	});

	it('a page size outside 1..100 is 422 and named', async () => {
		for (const limit of ['0', '101', '-1', 'ten', '1.5', '', '99999999999999999999']) {
			const reply = await owner.refused(422, 'invalid', 'GET', `/rooms?limit=${limit}`);
			assert.deepEqual(reply.fields, ['limit'], `limit=${limit}`);
		}
	});

	it('a cursor that we never gave is refused, not guessed at', async () => {
		for (const cursor of ['x', 'AAAA', '%00', "'%20OR%201=1--", '9'.repeat(200)]) {
			const reply = await owner.call('GET', `/rooms?cursor=${cursor}`, { raw: true });
			assert.ok([400, 422].includes(reply.status), `${cursor}: ${reply.status}`);
		}
	});

	it('a cursor of one list is refused by every other', async () => {
		const [root, friend] = await Promise.all(['root', 'friend', 'friend'].map((n) => actor(server, n)));
		await server.sql(`UPDATE users SET is_admin = true WHERE id = '${root.id}'`);
		const room = await root.room({ name: 'a cursor', kind: 'public' });
		const again = new Client(server);
		await again.want(200, 'POST', '/auth/login', { body: { login: root.login, password: PASSWORD } });
		for (const who of [owner, friend])
			await root.want(201, 'POST', '/contacts', { body: { user_id: who.id } });
		for (let i = 0; i < 2; i++) {
			const direct = await root.want(201, 'POST', '/rooms', { body: { name: `a cursor ${i}`, kind: 'public',
				member_ids: [friend.id] } });
			await root.post(direct.id, 'cursors are many');
			await root.want(201, 'POST', '/calls', { body: { room_id: direct.id, kind: 'audio' } })
				.then(({ id }) => root.want(200, 'PUT', `/calls/${id}`, { body: { action: 'cancel' } }));
			await root.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });
			await root.want(201, 'POST', '/admin/invites', { body: {} });
			await root.want(201, 'POST', '/auth/tokens', { body: { name: 'x', scopes: ['read'] } });
		}
		const lists = ['/rooms', '/rooms?scope=public', '/rooms?scope=public&q=cursor', '/users', '/users?q=friend', '/contacts',
			'/calls', '/search?q=cursors', '/auth/sessions', '/auth/tokens', `/rooms/${room.id}/invites`, '/admin/invites',
			'/admin/rooms', '/admin/users'];
		const path_of = (list, query) => `${list}${list.includes('?') ? '&' : '?'}${query}`;
		for (const list of lists) {
			const { next } = await root.get(path_of(list, 'limit=1'));
			assert.ok(next, list);
			for (const other of lists) {
				const reply = await root.call('GET', path_of(other, `limit=1&cursor=${next}`));
				assert.equal(reply.status, other === list ? 200 : 422, `${list} in ${other}: ${reply.text}`);
			}
		}
	});
});

describe('caching', () => {
	it('history and log carry an ETag, and answer 304 until something changes', async () => {
		const room = await ann.room();
		await ann.post(room.id, 'one');
		for (const path of [`/rooms/${room.id}/messages`, `/rooms/${room.id}/log?after=0`]) {
			const first = await ann.call('GET', path);
			const etag = first.headers.get('etag');
			assert.match(etag ?? '', /^(W\/)?"[^"]+"$/, path);
			assert.match(first.headers.get('cache-control'), /private/);
			assert.match(first.headers.get('cache-control'), /no-cache/);
			for (const same of [etag, `"other", ${etag}`, '*']) {
				const again = await ann.call('GET', path, { headers: { 'If-None-Match': same } });
				assert.equal(again.status, 304, `${path} ${same}`);
				assert.equal(again.headers.get('etag'), etag);
			}
			await ann.post(room.id, 'more');
			const changed = await ann.call('GET', path, { headers: { 'If-None-Match': etag } });
			assert.equal(changed.status, 200, path);
			assert.notEqual(changed.headers.get('etag'), etag);
		}
	});

	it('history and log are read anew once a person in them has another name or picture, or is gone', async () => {
		const bob = await actor(server);
		const room = await bob.room();
		const paths = [`/rooms/${room.id}/messages`, `/rooms/${room.id}/log?after=0`];
		const tags = {};
		const changed = async (what) => {
			for (const path of paths) {
				const headers = tags[path] ? { 'If-None-Match': tags[path] } : {};
				const reply = await ann.call('GET', path, { headers });
				assert.equal(reply.status, 200, `${path} after ${what}`);
				tags[path] = reply.headers.get('etag');
				assert.equal((await ann.call('GET', path, { headers: { 'If-None-Match': tags[path] } })).status, 304);
			}
		};

		await ann.want(200, 'POST', `/rooms/${room.id}/join`);
		await bob.post(room.id, 'one');
		await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		await changed('the beginning');
		await bob.want(200, 'PUT', '/users/me', { body: { first_name: 'Robert' } });
		await changed('a new name');
		const file = await bob.want(201, 'POST', '/files?name=p.png', { body: png(4, 4), type: 'image/png' });
		await bob.want(200, 'PUT', '/users/me', { body: { avatar: file.id } });
		await changed('a new picture');
		await bob.want(204, 'DELETE', '/users/me', { body: { password: PASSWORD } });
		await changed('the end of the account');
	});

	it('the end of the log is 304 until something happens', async () => {
		const room = await ann.room();
		const path = `/rooms/${room.id}/log?after=${room.seq}`;
		const headers = { 'If-None-Match': (await ann.call('GET', path)).headers.get('etag') };
		assert.equal((await ann.call('GET', path, { headers })).status, 304);
		await ann.post(room.id, 'more');
		assert.equal((await ann.call('GET', path, { headers })).status, 200);
	});

	it('an ETag of one person says nothing to a stranger', async () => {
		const room = await ann.room();
		const path = `/rooms/${room.id}/messages`;
		const etag = (await ann.call('GET', path)).headers.get('etag');
		const bob = await actor(server);
		await bob.refused(404, 'not_found', 'GET', path, { headers: { 'If-None-Match': etag } });
	});
});

describe('rate limits', () => {
	it('a limited route carries RateLimit and RateLimit-Policy', async () => {
		const room = await ann.room();
		const reply = await ann.call('POST', `/rooms/${room.id}/messages`, { body: { text: 'x' } });
		assert.match(reply.headers.get('ratelimit') ?? '', /r=\d+/);
		assert.match(reply.headers.get('ratelimit-policy') ?? '', /q=\d+.*w=\d+/);
	});
});

describe('other origins', () => {
	const exposed = ['Location', 'ETag', 'Retry-After', 'RateLimit', 'RateLimit-Policy',
		'X-Request-Id'];

	it('a configured origin may read answers and what stands in their headers', async () => {
		for (const [who, path] of [[nobody, '/status'], [ann, '/rooms'], [nobody, '/rooms']]) {
			const reply = await who.call('GET', path, { headers: { Origin: allowed_origin } });
			assert.equal(reply.headers.get('access-control-allow-origin'), allowed_origin);
			assert.equal(reply.headers.get('access-control-allow-credentials'), null);
			assert.match(reply.headers.get('vary') ?? '', /origin/i);
			const named = reply.headers.get('access-control-expose-headers').toLowerCase();
			for (const name of exposed)
				assert.ok(named.includes(name.toLowerCase()), name);
		}
	});

	it('its preflight is answered with methods and headers', async () => {
		const reply = await nobody.call('OPTIONS', '/rooms', {
			headers: {
				Origin: allowed_origin,
				'Access-Control-Request-Method': 'POST',
				'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
			},
		});
		assert.equal(reply.status, 204);
		assert.equal(reply.headers.get('access-control-allow-origin'), allowed_origin);
		assert.match(reply.headers.get('access-control-allow-methods'), /POST/);
		const allowed = reply.headers.get('access-control-allow-headers').toLowerCase();
		for (const name of ['authorization', 'content-type', 'idempotency-key'])
			assert.ok(allowed.includes(name), name);
	});

	it('any other origin is told nothing', async () => {
		for (const origin of ['https://evil.example', 'null', `${allowed_origin}.evil.example`,
			allowed_origin.replace('https', 'http'), `${allowed_origin}:444`]) {
			const reply = await nobody.call('GET', '/status', { headers: { Origin: origin } });
			assert.equal(reply.headers.get('access-control-allow-origin'), null, origin);
		}
	});
});

describe('idempotency keys', () => {
	const keyed = (key) => ({ 'Idempotency-Key': key });

	it('the same key gives the first room again, with its first status', async () => {
		const headers = keyed(randomUUID());
		const body = { name: 'once', kind: 'group' };
		const first = await ann.want(201, 'POST', '/rooms', { body, headers });
		const again = await ann.want(201, 'POST', '/rooms', { body, headers });
		assert.equal(again.id, first.id);
		const mine = await ann.get('/rooms?limit=100');
		assert.equal(mine.items.filter((r) => r.id === first.id).length, 1);
	});

	it('the same key with another request is 422 idempotency_mismatch', async () => {
		const headers = keyed(randomUUID());
		await ann.want(201, 'POST', '/rooms', { body: { name: 'a', kind: 'group' }, headers });
		await ann.refused(422, 'idempotency_mismatch', 'POST', '/rooms', {
			body: { name: 'b', kind: 'group' }, headers,
		});
	});

	it('a direct room, which exists only once, is held to its key as well', async () => {
		const [bob, eve] = [await actor(server), await actor(server)];
		const make = (headers, who) => ['POST', '/rooms', { body: { kind: 'direct', user_id: who.id }, headers }];
		const headers = keyed(randomUUID());
		const first = await ann.want(201, ...make(headers, bob));
		assert.equal((await ann.want(201, ...make(headers, bob))).id, first.id);
		await ann.refused(422, 'idempotency_mismatch', ...make(headers, eve));
		await ann.refused(422, 'idempotency_mismatch', 'POST', '/rooms', {
			body: { name: 'no room of two', kind: 'group' }, headers,
		});
		// a key whose request created nothing is free
		const other = keyed(randomUUID());
		await ann.want(200, 'PUT', '/users/me', { body: { settings: { who_can_write: 'nobody' } } });
		await eve.refused(403, 'cannot_write', ...make(other, ann));
		await eve.want(201, ...make(other, bob));
		await ann.want(200, 'PUT', '/users/me', { body: { settings: null } });
	});

	it('a refused request leaves nothing, and its key is free', async () => {
		const [who, bob] = [await actor(server), await actor(server)];
		const nobody = randomUUID();
		const room = await who.room({ member_ids: [bob.id] });
		const keys = () => server.sql(`SELECT count(*) FROM idempotency_keys WHERE user_id = '${who.id}'`);
		for (const [path, wrong, right] of [
			['/rooms', { name: 'x', member_ids: [nobody] }, { name: 'x' }],
			['/rooms', { kind: 'direct', user_id: nobody }, { kind: 'direct', user_id: bob.id }],
			['/contacts', { user_id: nobody }, { user_id: bob.id }],
			['/calls', { room_id: nobody }, { room_id: room.id }],
		]) {
			const headers = keyed(randomUUID());
			const before = await keys();
			for (let i = 0; i < 2; i++)
				assert.ok((await who.call('POST', path, { body: wrong, headers })).status >= 400);
			assert.equal(await keys(), before, path);
			const made = await who.want(201, 'POST', path, { body: right, headers });
			assert.deepEqual((await who.want(201, 'POST', path, { body: right, headers })).id, made.id);
			assert.ok((await who.call('POST', path, { body: wrong, headers })).status === 422);
			assert.equal(await keys(), String(Number(before) + 1));
		}
	});

	it('the key of a room that one has left is 404, and makes no other room', async () => {
		const [who, bob] = [await actor(server), await actor(server)];
		const options = { body: { name: 'left', member_ids: [bob.id] }, headers: keyed(randomUUID()) };
		const room = await who.want(201, 'POST', '/rooms', options);
		await who.want(204, 'POST', `/rooms/${room.id}/leave`);
		await who.refused(404, 'not_found', 'POST', '/rooms', options);
		await who.join(room.id);
		assert.equal((await who.want(201, 'POST', '/rooms', options)).id, room.id);
	});

	it('a key belongs to one person, and to one path', async () => {
		const headers = keyed(randomUUID());
		const bob = await actor(server);
		const body = { name: 'same key', kind: 'group' };
		const hers = await ann.want(201, 'POST', '/rooms', { body, headers });
		const his = await bob.want(201, 'POST', '/rooms', { body, headers });
		assert.notEqual(hers.id, his.id);
		await ann.want(201, 'POST', `/rooms/${hers.id}/messages`, {
			body: { text: 'other path' }, headers,
		});
	});

	it('ten at once with one key make one room', async () => {
		const headers = keyed(randomUUID());
		const body = { name: 'raced', kind: 'group' };
		const replies = await Promise.all(Array.from({ length: 10 },
			() => ann.call('POST', '/rooms', { body, headers })));
		const made = replies.filter((r) => r.status === 201);
		assert.ok(made.length >= 1);
		assert.equal(new Set(made.map((r) => r.body.id)).size, 1);
		for (const reply of replies)
			assert.ok([201, 409].includes(reply.status), reply.text);
	});

	it('an invalid key is refused by name', async () => {
		for (const key of ['x'.repeat(65), 'with space', 'q"', 'a/b', 'ü']) {
			const reply = await ann.call('POST', '/rooms', {
				body: { name: 'x', kind: 'group' },
				headers: keyed(Buffer.from(key).toString('latin1')),
			});
			assert.equal(reply.status, 422, key);
		}
	});
});

describe('who may speak', () => {
	it('a cookie authenticates nobody', async () => {
		for (const name of ['access_token', 'token', 'session', 'Authorization'])
			await nobody.refused(401, 'token_invalid', 'GET', '/rooms', {
				headers: { Cookie: `${name}=${ann.token}` },
			});
	});

	it('a token in the query of a REST path authenticates nobody', async () => {
		await nobody.refused(401, 'token_invalid', 'GET', `/rooms?token=${ann.token}`);
		await nobody.refused(401, 'token_invalid', 'GET', `/auth/validate?token=${ann.token}`);
	});

	it('the scheme is Bearer in any case, and nothing else', async () => {
		const say = (value) => nobody.call('GET', '/rooms', { headers: { Authorization: value } });
		assert.equal((await say(`bearer ${ann.token}`)).status, 200);
		assert.equal((await say(`BEARER ${ann.token}`)).status, 200);
		for (const wrong of ['Bearer', 'Bearer ', `Basic ${ann.token}`, ann.token,
			`Bearer ${ann.token} x`, `Bearer ${ann.token},${ann.token}`])
			assert.equal((await say(wrong)).status, 401, wrong);
	});
});

describe('the names that the seeds use', () => {
	it('a room is made, joined, filled and removed under the other field names', async () => {
		const bob = await actor(server);
		const room = await ann.want(201, 'POST', '/rooms/create', {
			body: { name: 'seed', type: 'group', max_user: 3, participants: [bob.id] },
		});
		assert.equal(room.room_id, room.id);
		assert.equal(room.kind, 'group');
		assert.equal(room.max_members, 3);
		assert.equal(room.member_count, 2);
		const sent = await bob.want(201, 'POST', '/messages', {
			body: { chat_id: room.id, content: 'seeded', type: 'text' },
		});
		assert.equal(sent.text, 'seeded');
		for (const path of [`/messages/chat/${room.id}`, `/messages?room_id=${room.id}`,
			`/messages?chat_id=${room.id}`, `/chats/${room.id}/messages`,
			`/rooms/${room.id}/messages`])
			assert.equal((await bob.get(path)).items.at(-1).id, sent.id, path);
		assert.equal((await bob.get(`/chats/${room.id}`)).id, room.id);
		assert.ok((await bob.get('/chats')).items.some((r) => r.id === room.id));
		await ann.want(204, 'DELETE', '/rooms/remove', { body: { chat_id: room.id } });
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	});

	it('/chats makes and reads rooms too', async () => {
		const chat = await ann.want(201, 'POST', '/chats', { body: { name: 'c', type: 'group' } });
		assert.equal((await ann.get(`/rooms/${chat.id}`)).name, 'c');
		const sent = await ann.want(201, 'POST', `/chats/${chat.id}/messages`, {
			body: { content: 'hi' },
		});
		assert.equal((await ann.get(`/messages/chat/${chat.id}`)).items.at(-1).id, sent.id);
		await ann.want(204, 'DELETE', `/chats/${chat.id}`);
	});

	it('/rooms/remove takes the room in the query, and a POST', async () => {
		for (const [method, query, body] of [
			['DELETE', true], ['POST', true], ['POST', false, true], ['DELETE', false, true]]) {
			const room = await ann.room();
			await ann.want(204, method, `/rooms/remove${query ? `?room_id=${room.id}` : ''}`,
				body ? { body: { room_id: room.id } } : {});
			await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
		}
	});

	it('a room in the query and another in the body are refused, and nothing happens to either', async () => {
		const [one, other] = [await ann.room(), await ann.room()];
		for (const [method, path, body] of [['DELETE', '/rooms/remove', {}], ['POST', '/rooms/remove', {}],
			['POST', '/messages', { text: 'x' }]]) {
			const reply = await ann.refused(422, 'invalid', method, `${path}?room_id=${one.id}`, {
				body: { chat_id: other.id, ...body },
			});
			assert.deepEqual(reply.fields, ['room_id'], `${method} ${path}`);
		}
		for (const room of [one, other])
			assert.equal((await ann.get(`/rooms/${room.id}`)).seq, room.seq);
		await ann.want(201, 'POST', `/messages?room_id=${one.id.toUpperCase()}`, {
			body: { room_id: one.id, text: 'x' },
		});
	});

	it('a person in the query and another in the body are refused', async () => {
		const [bob, cid] = [await actor(server), await actor(server)];
		const reply = await ann.refused(422, 'invalid', 'POST', `/messages?to=${bob.login}`, {
			body: { to: cid.login, text: 'x' },
		});
		assert.deepEqual(reply.fields, ['to']);
		await ann.want(201, 'POST', `/messages?to=${bob.login}`, { body: { to: bob.login, text: 'x' } });
	});

	it('both names of one field at once are refused by name', async () => {
		const reply = await ann.refused(422, 'invalid', 'POST', '/rooms', {
			body: { name: 'x', kind: 'group', type: 'public' },
		});
		assert.ok(reply.fields.some((f) => ['kind', 'type'].includes(f)), reply.text);
	});
});

describe('one connection', () => {
	it('carries several requests, good and bad, in turn', async () => {
		const raw = new Raw(server.port);
		const headers = ['Host: x', `Authorization: Bearer ${ann.token}`];
		const path = `${server.prefix}/api/v1`;
		raw.send(request(`GET ${path}/rooms?limit=0 HTTP/1.1`, headers));
		await raw.find(/HTTP\/1\.1 422/);
		raw.send(request(`GET ${path}/rooms?limit=1 HTTP/1.1`, [...headers, 'Connection: close']));
		await raw.find(/HTTP\/1\.1 200/);
		await raw.ended();
	});
});
