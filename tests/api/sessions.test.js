// A person's sessions: the list, signing out remotely, a new password, and tickets as REST
// issues them (tests/live/ticket.test.js uses them).

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { actor, Client, PASSWORD, sign_in, TIME, UUID } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';
import { until } from '../lib/wait.js';

const OTHER = 'another long secret, 17';

let server, nobody;

before(async () => {
	server = await shared();
	nobody = new Client(server);
});

const sid = async (who) => (await who.get('/auth/validate')).session_id;

function ended(who) {
	return until(async () => {
		const reply = await who.call('GET', '/auth/validate');
		return reply.status === 401 && reply.body.code === 'session_ended';
	}, 'end of the session');
}

function login(who, password, client = new Client(server)) {
	return client.call('POST', '/auth/login', { body: { login: who.login, password } });
}

function change(who, old_password, new_password = OTHER) {
	return who.call('PUT', '/auth/password', { body: { old_password, new_password } });
}

describe('the list of sessions', () => {
	it('names each sign-in of mine, the latest first, and which one asks', async () => {
		const ann = await actor(server);
		const phone = new Client(server);
		const pair = await phone.want(200, 'POST', '/auth/login', {
			body: { login: ann.login, password: PASSWORD },
			headers: { 'User-Agent': 'a phone' },
		});
		await actor(server); // another person's is not in the list
		const { items, next } = await ann.get('/auth/sessions');
		assert.equal(next, null);
		assert.equal(items.length, 2);
		for (const item of items) {
			assert.deepEqual(Object.keys(item).sort(), ['address', 'created_at', 'current',
				'id', 'last_used_at', 'user_agent']);
			assert.match(item.id, UUID);
			assert.match(item.created_at, TIME);
			assert.match(item.last_used_at, TIME);
		}
		assert.deepEqual(items.map((s) => s.current), [false, true]);
		assert.equal(items[0].user_agent, 'a phone');
		assert.equal(items[0].address, phone.address);
		assert.equal(items[1].address, ann.address);
		assert.equal(items[1].id, await sid(ann));
		const seen = await phone.get('/auth/sessions', { token: pair.access_token });
		assert.deepEqual(seen.items.map((s) => s.current), [true, false]);
	});

	it('comes in pages that neither miss nor repeat one, at one moment too', async () => {
		const ann = await actor(server);
		await Promise.all(Array.from({ length: 4 }, () => sign_in(server, ann)));
		await server.sql(`UPDATE sessions SET created_at = '2026-01-01' WHERE user_id = '${ann.id}'`);
		const all = (await ann.get('/auth/sessions')).items.map((s) => s.id);
		const seen = [];
		for (let cursor = ''; cursor !== null;) {
			const page = await ann.get(`/auth/sessions?limit=2${cursor && `&cursor=${cursor}`}`);
			seen.push(...page.items.map((s) => s.id));
			cursor = page.next;
			assert.ok(seen.length <= 5);
		}
		assert.equal(all.length, 5);
		assert.deepEqual(seen, all);
	});

	it('of exactly one page has no next', async () => {
		const ann = await actor(server);
		await sign_in(server, ann);
		assert.equal((await ann.get('/auth/sessions?limit=2')).next, null);
		assert.notEqual((await ann.get('/auth/sessions?limit=1')).next, null);
	});

	for (const query of ['cursor=x', 'cursor=MS4y', 'cursor=', 'limit=0', 'limit=101', 'what=1'])
		it(`?${query} is 422`, async () => {
			const ann = await actor(server);
			await ann.refused(422, 'invalid', 'GET', `/auth/sessions?${query}`);
		});

	it('leaves out a session that is over', async () => {
		const ann = await actor(server);
		const other = await sid(await sign_in(server, ann));
		await server.sql('UPDATE sessions SET refresh_expires_at = now() - interval \'1 s\','
			+ ` expires_at = now() - interval '1 s' WHERE id = '${other}'`);
		assert.deepEqual((await ann.get('/auth/sessions')).items.map((s) => s.id), [await sid(ann)]);
		await ann.refused(404, 'not_found', 'GET', `/auth/sessions/${other}`);
	});

	it('shows no hash and no token', async () => {
		const ann = await actor(server);
		const { text } = await ann.call('GET', '/auth/sessions');
		const hash = createHash('sha256').update(ann.pair.refresh_token).digest('hex');
		for (const secret of [ann.token, ann.pair.refresh_token, hash])
			assert.equal(text.includes(secret), false);
	});
});

describe('one session', () => {
	it('is read by its id, in capitals too', async () => {
		const ann = await actor(server);
		const id = await sid(ann);
		const session = await ann.get(`/auth/sessions/${id}`);
		assert.equal(session.id, id);
		assert.equal(session.current, true);
		assert.deepEqual(await ann.get(`/auth/sessions/${id.toUpperCase()}`), session);
		assert.deepEqual((await ann.get('/auth/sessions')).items, [session]);
	});

	it('is signed out from afar: its tokens stop, mine go on', async () => {
		const ann = await actor(server);
		const phone = await sign_in(server, ann);
		const id = await sid(phone);
		await ann.want(204, 'DELETE', `/auth/sessions/${id}`);
		const reply = await nobody.call('POST', '/auth/refresh', {
			body: { refresh_token: phone.pair.refresh_token },
		});
		assert.equal(reply.status, 401);
		await ended(phone);
		assert.equal((await phone.call('GET', '/rooms')).status, 401);
		await ann.get('/auth/validate');
		await ann.refused(404, 'not_found', 'DELETE', `/auth/sessions/${id}`);
		assert.equal((await ann.get('/auth/sessions')).items.length, 1);
	});

	it('may be the one that asks', async () => {
		const ann = await actor(server);
		await ann.want(204, 'DELETE', `/auth/sessions/${await sid(ann)}`);
		await ended(ann);
	});

	it('signs out all others at once, and stays itself', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		const others = [await sign_in(server, ann), await sign_in(server, ann)];
		await ann.want(204, 'DELETE', '/auth/sessions');
		for (const other of others)
			await ended(other);
		assert.deepEqual((await ann.get('/auth/sessions')).items.map((s) => s.id), [await sid(ann)]);
		await ann.want(204, 'DELETE', '/auth/sessions');
		assert.equal((await bob.get('/auth/sessions')).items.length, 1);
	});

	it('of somebody else is 404, as is one that never was, and lives on', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		for (const id of [await sid(bob), '8f2f7a0c-0d3e-4b7a-9d35-0a4b8f1f6c11', 'x'])
			for (const method of ['GET', 'DELETE'])
				await ann.refused(404, 'not_found', method, `/auth/sessions/${id}`);
		assert.equal((await bob.get('/auth/sessions')).items.length, 1);
	});

	it('asks for a sign-in', async () => {
		const ann = await actor(server);
		for (const [method, path] of [['GET', '/auth/sessions'], ['POST', '/auth/ticket'],
			['PUT', '/auth/password'], ['GET', `/auth/sessions/${await sid(ann)}`],
			['DELETE', `/auth/sessions/${await sid(ann)}`]])
			assert.equal((await nobody.call(method, path)).status, 401, path);
	});
});

describe('a new password', () => {
	it('is the one that signs in from then on', async () => {
		const ann = await actor(server);
		const reply = await change(ann, PASSWORD);
		assert.equal(reply.status, 204, reply.text);
		assert.equal((await login(ann, PASSWORD)).status, 401);
		assert.equal((await login(ann, OTHER)).status, 200);
	});

	it('ends all other sessions, and this one goes on', async () => {
		const ann = await actor(server);
		const others = await Promise.all([sign_in(server, ann), sign_in(server, ann)]);
		const stranger = await actor(server);
		assert.equal((await change(ann, PASSWORD)).status, 204);
		for (const other of others) {
			await ended(other);
			assert.equal((await nobody.call('POST', '/auth/refresh', {
				body: { refresh_token: other.pair.refresh_token },
			})).status, 401);
		}
		assert.equal((await ann.get('/auth/sessions')).items.length, 1);
		await nobody.want(200, 'POST', '/auth/refresh', {
			body: { refresh_token: ann.pair.refresh_token },
		});
		await stranger.get('/auth/validate');
	});

	it('is compared in one normal form', async () => {
		const ann = await actor(server);
		assert.equal((await change(ann, PASSWORD, 'caf\u00e9 de nuit, 4')).status, 204);
		assert.equal((await change(ann, 'cafe\u0301 de nuit, 4')).status, 204);
	});

	it('with a wrong old one is 403 wrong_password, and nothing changes', async () => {
		const ann = await actor(server);
		const other = await sign_in(server, ann);
		const reply = await change(ann, 'not this one, no');
		assert.equal(reply.status, 403);
		assert.equal(reply.body.code, 'wrong_password');
		await other.get('/auth/validate');
		assert.equal((await login(ann, PASSWORD)).status, 200);
		assert.equal((await login(ann, OTHER)).status, 401);
	});

	it('a wrong old one counts as a failed sign-in', async () => {
		const ann = await actor(server);
		const thief = new Client(server, { token: ann.token });
		const said = [];
		for (let i = 0; i < 10; i++)
			said.push((await change(thief, `not this one ${i}`)).status);
		assert.deepEqual(said, Array(10).fill(403));
		for (const password of ['not this one, no', PASSWORD])
			assert.equal((await change(thief, password)).status, 429);
		assert.equal((await login(ann, PASSWORD, new Client(server, {
			address: thief.address,
		}))).status, 429);
		// from an address where ann signed in before, the right password is accepted
		assert.equal((await change(ann, PASSWORD)).status, 204);
	});

	const bad = [
		['too short', { new_password: 'zq8-Lw4' }, ['new_password']],
		['too long', { new_password: 'ж7'.repeat(342) }, ['new_password']],
		['a common one', { new_password: 'password123' }, ['new_password']],
		['not a text', { new_password: 12345678 }, ['new_password']],
		['missing', { new_password: undefined }, ['new_password']],
		['cleared', { new_password: null }, ['new_password']],
		['given without the old one', { old_password: undefined }, ['old_password']],
		['given with nothing right', { old_password: 1, new_password: 'x', password: 'y' },
			['new_password', 'old_password', 'password']],
	];
	for (const [name, fields, wrong] of bad)
		it(`that is ${name} is 422`, async () => {
			const ann = await actor(server);
			const reply = await ann.refused(422, 'invalid', 'PUT', '/auth/password', {
				body: { old_password: PASSWORD, new_password: OTHER, ...fields },
			});
			assert.deepEqual(reply.fields, wrong);
			assert.equal((await login(ann, PASSWORD)).status, 200);
		});

	it('that is the login or the e-mail address is 422', async () => {
		const ann = await actor(server);
		for (const taken of [ann.login, ann.login.toUpperCase(), ann.email]) {
			const reply = await change(ann, PASSWORD, taken);
			assert.equal(reply.status, 422, taken);
			assert.deepEqual(reply.body.errors.map((e) => [e.field, e.code]),
				[['new_password', 'same']]);
		}
	});

	it('of several devices at once goes to one, and one session is left', async () => {
		const ann = await actor(server);
		const devices = [ann, ...await Promise.all([sign_in(server, ann), sign_in(server, ann)])];
		const replies = await Promise.all(devices.map((d, i) => change(d, PASSWORD, `${OTHER}${i}`)));
		const won = replies.findIndex((r) => r.status === 204);
		assert.equal(replies.filter((r) => r.status === 204).length, 1);
		for (const reply of replies.filter((r) => r.status !== 204))
			assert.ok([401, 403].includes(reply.status), reply.text);
		assert.equal((await login(ann, `${OTHER}${won}`)).status, 200);
		assert.equal((await devices[won].get('/auth/sessions')).items.length, 2);
	});

	it('leaves nobody in who signed in with the former one meanwhile', async () => {
		const ann = await actor(server);
		const entering = Array.from({ length: 6 }, () => login(ann, PASSWORD));
		assert.equal((await change(ann, PASSWORD)).status, 204);
		await Promise.all(entering);
		assert.equal((await ann.get('/auth/sessions')).items.length, 1);
	});
});

describe('a ticket', () => {
	it('is 201 with a secret for 30 seconds, each another one', async () => {
		const ann = await actor(server);
		const reply = await ann.call('POST', '/auth/ticket');
		assert.equal(reply.status, 201);
		assert.match(reply.headers.get('cache-control'), /no-store/);
		assert.deepEqual(Object.keys(reply.body).sort(), ['expires_in', 'ticket']);
		assert.equal(reply.body.expires_in, 30);
		assert.match(reply.body.ticket, /^[\w-]{43}$/);
		assert.notEqual((await ann.want(201, 'POST', '/auth/ticket')).ticket, reply.body.ticket);
	});

	it('is stored as a hash, for the session that asked', async () => {
		const ann = await actor(server);
		const { ticket } = await ann.want(201, 'POST', '/auth/ticket');
		const hash = createHash('sha256').update(ticket).digest('hex');
		assert.equal(await server.sql('SELECT session_id FROM tickets'
			+ ` WHERE token_hash = '\\x${hash}'`), await sid(ann));
	});

	it('is no token of REST', async () => {
		const ann = await actor(server);
		const { ticket } = await ann.want(201, 'POST', '/auth/ticket');
		assert.equal((await nobody.call('GET', '/rooms', { token: ticket })).status, 401);
		assert.equal((await nobody.call('GET', `/rooms?ticket=${ticket}`)).status, 401);
	});

	it('goes with its session, and an old one with the next', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		const count = async (who) => Number(await server.sql('SELECT count(*) FROM tickets t'
			+ ` JOIN sessions s ON s.id = t.session_id WHERE s.user_id = '${who.id}'`));
		await ann.want(201, 'POST', '/auth/ticket');
		await bob.want(201, 'POST', '/auth/ticket');
		assert.equal(await count(ann), 1);
		await server.sql('UPDATE tickets t SET expires_at = now() - interval \'1 day\''
			+ ` FROM sessions s WHERE s.id = t.session_id AND s.user_id = '${ann.id}'`);
		await bob.want(201, 'POST', '/auth/ticket');
		assert.equal(await count(ann), 0);
		assert.equal(await count(bob), 2);
		await bob.want(204, 'POST', '/auth/logout');
		assert.equal(await count(bob), 0);
		assert.equal(await server.sql('SELECT count(*) FROM tickets t LEFT JOIN sessions s'
			+ ' ON s.id = t.session_id WHERE s.id IS NULL'), '0');
	});

	it('is refused at once where the session has ended', async () => {
		const ann = await actor(server);
		await ann.want(204, 'POST', '/auth/logout');
		const reply = await ann.call('POST', '/auth/ticket');
		assert.equal(reply.status, 401);
		assert.equal(reply.body.code, 'session_ended');
	});
});

describe('what nobody asks for any more', () => {
	it('is swept when a token is refreshed', async () => {
		const ann = await actor(server);
		const refresh = async (refresh_token) => (await nobody.want(200, 'POST', '/auth/refresh', {
			body: { refresh_token },
		})).refresh_token;
		const id = await sid(ann);
		const spent = () => server.sql('SELECT count(*) FROM spent_refresh_tokens'
			+ ` WHERE session_id = '${id}'`);
		const third = await refresh(await refresh(await refresh(ann.pair.refresh_token)));
		assert.equal(await spent(), '2');
		await server.sql('UPDATE spent_refresh_tokens SET spent_at = now() - interval \'8 days\''
			+ ` WHERE session_id = '${id}'`);
		await refresh(third);
		assert.equal(await spent(), '1');
	});

	it('is swept in time: sessions that are over, old notes of their end, old addresses', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		const [over, good] = [await sid(ann), await sid(bob)];
		const gone = await sid(await sign_in(server, bob));
		await server.sql('UPDATE sessions SET refresh_expires_at = now() - interval \'2 days\''
			+ ` WHERE id = '${over}'`);
		await bob.want(204, 'DELETE', `/auth/sessions/${gone}`);
		await server.sql('UPDATE revoked_sessions SET at = now() - interval \'2 days\''
			+ ` WHERE session_id = '${gone}'`);
		await server.sql('INSERT INTO signin_addresses (user_id, address, last_at)'
			+ ` VALUES ('${bob.id}', '192.0.2.1', now() - interval '13 months')`);
		await until(async () => {
			await sweep(server, 'sessions', () => bob.get('/auth/validate'));
			return await server.sql(`SELECT count(*) FROM sessions WHERE id = '${over}'`) === '0';
		});
		assert.equal(await server.sql('SELECT count(*) FROM sessions'
			+ ` WHERE id = '${good}'`), '1');
		assert.equal(await server.sql('SELECT count(*) FROM revoked_sessions'
			+ ` WHERE session_id = '${gone}'`), '0');
		assert.equal(await server.sql('SELECT count(*) FROM signin_addresses'
			+ ` WHERE user_id = '${bob.id}' AND address = '192.0.2.1'`), '0');
	});
});

describe('the logs', () => {
	it('name no password and no ticket', async () => {
		const ann = await actor(server);
		const [wrong, right] = [`Wrong-${ann.login}-1`, `Right-${ann.login}-2`];
		const { ticket } = await ann.want(201, 'POST', '/auth/ticket');
		assert.equal((await change(ann, wrong, right)).status, 403);
		assert.equal((await change(ann, PASSWORD, right)).status, 204);
		for (const name of ['rest.log', 'lighttpd.log', 'broker.log', 'supervise.log'])
			for (const secret of [wrong, right, ticket, PASSWORD])
				assert.equal(server.log(name).includes(secret), false, name);
	});
});
