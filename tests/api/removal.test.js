// Removing one's account: what identifies the person is gone at once, everywhere; they leave
// their rooms a moment later, by events; messages stay or are erased, as requested.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { file_part, form } from '../lib/files.js';
import { actor, Client, PASSWORD } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';
import { until, within } from '../lib/wait.js';

let server, ann;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
});
afterEach(end_all);
after(end_all);

const remove = (who, fields = {}) =>
	who.want(204, 'DELETE', '/users/me', { body: { password: PASSWORD, ...fields } });

// Waits until the queue holds nothing of this person but the minute that it waits.
async function cleared(id) {
	await until(async () => {
		await sweep(server, 'removed_accounts', () => ann.get('/rooms'));
		return await server.sql('SELECT count(*) FROM removed_accounts g WHERE'
			+ ` user_id = '${id}' AND NOT EXISTS (SELECT FROM members m WHERE`
			+ ' m.user_id = g.user_id) AND (NOT erase_messages'
			+ ' OR walked_no = 9223372036854775807)') === '1';
	}, 'end of the walk');
}

async function log_of(who, room) {
	return (await who.get(`/rooms/${room.id}/log?after=0`)).items;
}

// Every table that could still identify the person.
async function traces(who) {
	const tables = ['users WHERE id', 'accounts WHERE user_id', 'sessions WHERE user_id',
		'api_tokens WHERE user_id', 'signin_addresses WHERE user_id', 'user_words WHERE user_id',
		'contacts WHERE user_id', 'contacts WHERE contact_id', 'mail_secrets WHERE user_id',
		'mentions WHERE user_id', 'idempotency_keys WHERE user_id'];
	return server.sql(tables
		.map((t) => `SELECT '${t}' FROM ${t} = '${who.id}'`).join(' UNION ALL '));
}

describe('what names somebody who goes in this very moment', () => {
	// A removal in progress; returns a function that finishes it once somebody else waits
	// for it.
	async function removal(who) {
		const release = await server.hold(`WITH gone AS (DELETE FROM users WHERE id = '${who.id}' RETURNING id)`
			+ ' INSERT INTO removed_accounts (user_id, erase_messages) SELECT id, false FROM gone');
		return async () => {
			await until(async () => await release.waiting() > 0, 'somebody waits');
			await release();
		};
	}

	it('has to be retried, and then the answer is clear', async () => {
		for (const [path, body, status] of [
			[(room) => `/rooms/${room.id}/messages`, (bob) => ({ text: `for @${bob.login}` }), 201],
			[() => '/contacts', (bob) => ({ user_id: bob.id }), 422],
		]) {
			const bob = await actor(server, 'bob');
			const room = await ann.room({ member_ids: [bob.id] });
			const ask = () => ann.call('POST', path(room), { body: body(bob) });
			const goes = await removal(bob);
			const reply = ask();
			await goes();
			assert.equal((await reply).status, 503, (await reply).text);
			assert.equal((await ask()).status, status);
		}
	});

	it('is posted by a frame all the same', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room({ member_ids: [bob.id] });
		const ear = await live(server, { token: ann.token });
		await ear.join(room.id);
		const goes = await removal(bob);
		const ack = ear.message(room.id, `for @${bob.login}`);
		await goes();
		const { id } = await ack;
		assert.deepEqual((await ann.get(`/messages/${id}`)).mentions, []);
	});
});

describe('removing an account', () => {
	it('takes all that is personal with it in the same moment', async () => {
		const bob = await actor(server, 'bob');
		const ear = await live(server, { token: bob.token });
		const refresh = bob.pair.refresh_token;
		await server.sql(`INSERT INTO contacts (user_id, contact_id) VALUES ('${bob.id}', '${ann.id}'),`
			+ ` ('${ann.id}', '${bob.id}')`);
		await bob.room({ name: 'his own' });
		await remove(bob);
		assert.equal(await traces(bob), '');
		await bob.refused(401, 'session_ended', 'DELETE', '/users/me', { body: { password: PASSWORD } });
		const nobody = new Client(server);
		await nobody.refused(401, 'token_invalid', 'POST', '/auth/refresh', { body: { refresh_token: refresh } });
		for (const login of [bob.login, bob.email])
			assert.equal((await nobody.call('POST', '/auth/login', { body: { login, password: PASSWORD } })).status, 401);
		await ann.refused(404, 'not_found', 'GET', `/users/${bob.id}`);
		assert.deepEqual((await ann.get(`/users/search?q=${bob.login}`)).items, []);
		assert.deepEqual(await within(ear.closed, 'close'), { code: 4401, reason: 'session_ended' });
		await until(async () => (await bob.call('GET', '/rooms')).status === 401, '401 of rooms');
	});

	it('is in no list of members from that moment on, whoever else is', async () => {
		const people = await Promise.all([1, 2, 3, 4].map(() => actor(server)));
		const room = await ann.room({ member_ids: people.map((p) => p.id) });
		const ids = async () => (await ann.get(`/rooms/${room.id}/members`)).items.map((m) => m.user.id);
		const left = await ids();
		assert.equal(left.length, 5);
		for (const at of [0, -1]) {
			const [id] = left.filter((i) => i !== ann.id).slice(at);
			left.splice(left.indexOf(id), 1);
			await server.sql(`DELETE FROM users WHERE id = '${id}'`); // the rest of the removal follows
			assert.deepEqual(await ids(), left);
			await server.sql(`INSERT INTO removed_accounts (user_id, erase_messages) VALUES ('${id}', false)`);
		}
	});

	it('breaks nothing in programs that learn of it half a second later', async () => {
		const bob = await actor(server, 'bob');
		const room = await bob.room();
		const asked = [
			['POST', '/files', form([file_part('a.txt', 'text')])],
			['POST', '/rooms', { body: { name: 'another', kind: 'group' } }],
			['POST', `/rooms/${room.id}/messages`, { body: { text: 'hello' } }],
			['PUT', `/contacts/${ann.id}`, { body: {} }],
			['PUT', `/users/${ann.id}/block`],
			['POST', '/auth/tokens', { body: { name: 'a token', scopes: ['read'] } }],
			['POST', '/calls', { body: { room_id: room.id, kind: 'audio' } }],
			['PATCH', '/users/me', { body: { display_name: 'Bob' } }],
		];
		for (const one of asked) // every program has read the list of ended sessions
			await bob.call(one[0], one[1].replace('/messages', '/log'), { ...one[2], raw: true });
		await remove(bob);
		for (const [method, path, options] of asked) {
			const { status, text } = await bob.call(method, path, options);
			assert.ok(status >= 400 && status < 500, `${method} ${path}: ${text}`);
		}
	});

	it('frees login and e-mail for somebody else', async () => {
		const bob = await actor(server, 'bob');
		await remove(bob);
		const { user } = await new Client(server).want(201, 'POST', '/auth/register', {
			body: { login: bob.login, email: bob.email, password: PASSWORD },
		});
		assert.notEqual(user.id, bob.id);
	});

	it('works by POST /users/me/delete and under the name of profile too', async () => {
		for (const [method, path] of [['POST', '/users/me/delete'], ['DELETE', '/users/profile']]) {
			const bob = await actor(server, 'bob');
			await bob.want(204, method, path, { body: { password: PASSWORD } });
			assert.equal(await traces(bob), '');
		}
	});

	it('asks for the password, and counts wrong ones as failed sign-ins', async () => {
		const bob = await actor(server, 'bob');
		await bob.refused(422, 'invalid', 'DELETE', '/users/me', { body: {} });
		await bob.refused(403, 'wrong_password', 'DELETE', '/users/me', { body: { password: 'not this one' } });
		await bob.get('/users/me');
		const other = new Client(server, { token: bob.token });
		let reply;
		for (let i = 0; i < 12; i++)
			reply = await other.call('POST', '/users/me/delete', { body: { password: `wrong ${i}` } });
		assert.equal(reply.status, 429);
	});
});

describe('rooms of somebody who is removed', () => {
	it('are left by an event, and the others see it at once', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room();
		await bob.join(room.id);
		await bob.post(room.id, 'I was here');
		const ear = await live(server, { token: ann.token });
		await ear.join(room.id);
		await remove(bob);
		await cleared(bob.id);
		const left = await ear.find((f) => f.type === 'member' && f.action === 'left', 'left');
		assert.equal(left.seq, 4);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 1);
		assert.equal((await ann.get(`/rooms/${room.id}/members`)).items.length, 1);
		const [message] = (await ann.get(`/rooms/${room.id}/messages`)).items;
		assert.equal(message.text, 'I was here');
		assert.doesNotMatch(JSON.stringify(await log_of(ann, room)), new RegExp(bob.login));
		const late = await live(server, { token: ann.token });
		await late.join(room.id, { after: 0 });
		await late.find((f) => f.type === 'member' && f.seq === 4, 'all that was missed');
		assert.doesNotMatch(JSON.stringify(late.frames), new RegExp(bob.login));
	});

	it('are handed to the oldest admin, else member, else removed', async () => {
		const bob = await actor(server, 'bob');
		const cid = await actor(server, 'cid');
		const kept = await bob.room({ name: 'kept' });
		const alone = await bob.room({ name: 'alone' });
		await ann.join(kept.id);
		await cid.join(kept.id);
		await bob.want(200, 'PUT', `/rooms/${kept.id}/members/${cid.id}`, { body: { role: 'admin' } });
		await remove(bob);
		await cleared(bob.id);
		assert.equal((await ann.get(`/rooms/${kept.id}`)).owner_id, cid.id);
		assert.equal(await server.sql(`SELECT count(*) FROM rooms WHERE id = '${alone.id}'`), '0');
	});

	it('are not handed to somebody who is removed as well', async () => {
		const bob = await actor(server, 'bob');
		const cid = await actor(server, 'cid');
		const room = await bob.room();
		await cid.join(room.id);
		await ann.join(room.id);
		await remove(cid);
		await remove(bob);
		await cleared(bob.id);
		await cleared(cid.id);
		assert.equal((await ann.get(`/rooms/${room.id}`)).owner_id, ann.id);
	});

	it('keep a direct room for the other one, with what was said', async () => {
		const bob = await actor(server, 'bob');
		await bob.want(201, 'POST', '/messages', { body: { to: ann.login, text: 'only for you' } });
		const room = (await ann.get('/rooms')).items.find((r) => r.kind === 'direct' && r.peer?.id === bob.id);
		await remove(bob);
		await cleared(bob.id);
		const now = await ann.get(`/rooms/${room.id}`);
		assert.equal(now.peer, null);
		assert.equal((await ann.get(`/rooms/${room.id}/messages`)).items[0].text, 'only for you');
	});

	it('let the other one leave a direct room, which ends it', async () => {
		const bob = await actor(server, 'bob');
		await bob.want(201, 'POST', '/messages', { body: { to: ann.login, text: 'x' } });
		const room = (await ann.get('/rooms')).items.find((r) => r.kind === 'direct' && r.peer?.id === bob.id);
		await ann.refused(403, 'forbidden', 'POST', `/rooms/${room.id}/leave`);
		await remove(bob);
		await cleared(bob.id);
		await ann.want(204, 'POST', `/rooms/${room.id}/leave`);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	});

	it('forget a ban without a word', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room();
		await bob.join(room.id);
		await ann.ban(room.id, bob.id);
		const before_it = (await log_of(ann, room)).length;
		await remove(bob);
		await cleared(bob.id);
		assert.equal((await log_of(ann, room)).length, before_it);
	});
});

describe('with erase_messages', () => {
	it('what was said leaves the log itself, edits and rooms left before too', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room();
		const former = await ann.room();
		const secret = `secret-${bob.login}`;
		await bob.join(room.id);
		await bob.join(former.id);
		await bob.post(former.id, secret);
		const edited = await bob.post(room.id, secret);
		await bob.want(200, 'PUT', `/messages/${edited.id}`, { body: { text: `${secret} again` } });
		for (let i = 0; i < 120; i += 10)
			await Promise.all(Array.from({ length: 10 }, (_, k) => bob.post(room.id, `${secret} ${i + k}`)))
				.catch((e) => { throw e; });
		const kept = await ann.post(room.id, 'mine stays');
		await bob.want(204, 'POST', `/rooms/${former.id}/leave`);
		await remove(bob, { erase_messages: true });
		await cleared(bob.id);
		assert.equal(await server.sql(`SELECT count(*) FROM log WHERE text LIKE '${secret}%'`), '0');
		assert.equal(await server.sql(`SELECT count(*) FROM log WHERE actor_id = '${bob.id}'`
			+ ' AND type = \'message\' AND deleted_at IS NULL'), '0');
		assert.equal((await ann.get(`/messages/${kept.id}`)).text, 'mine stays');
		assert.notEqual((await ann.get(`/messages/${edited.id}`)).deleted_at, null);
		const events = await log_of(ann, former);
		assert.deepEqual(events.map((e) => e.seq), events.map((e, i) => i + 1), 'without gaps');
	});

	it('and without, nothing is erased', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room();
		await bob.join(room.id);
		const message = await bob.post(room.id, 'stays');
		await ann.want(200, 'PUT', `/messages/${message.id}/reactions/👍`);
		await remove(bob, { erase_messages: false });
		await cleared(bob.id);
		const now = await ann.get(`/messages/${message.id}`);
		assert.equal(now.text, 'stays');
		assert.equal(now.reactions[0].count, 1);
	});
});

describe('what is swept', () => {
	it('is forgotten after a minute, when nothing remains', async () => {
		const bob = await actor(server, 'bob');
		await remove(bob);
		await cleared(bob.id);
		await server.sql(`UPDATE removed_accounts SET removed_at = now() - interval '2 min' WHERE user_id = '${bob.id}'`);
		await until(async () => {
			await sweep(server, 'removed_accounts', () => ann.get('/rooms'));
			return await server.sql(`SELECT count(*) FROM removed_accounts WHERE user_id = '${bob.id}'`) === '0';
		}, 'an empty queue');
	});

	it('is the log of a removed room, with reactions, and the key that made it', async () => {
		const key = `key-${ann.login}`;
		const room = await ann.want(201, 'POST', '/rooms', {
			body: { name: 'gone', kind: 'group' }, headers: { 'Idempotency-Key': key },
		});
		const no = await server.sql(`SELECT no FROM rooms WHERE id = '${room.id}'`);
		const message = await ann.post(room.id, 'said');
		await ann.want(200, 'PUT', `/messages/${message.id}/reactions/👍`);
		await server.sql('INSERT INTO log (room_no, seq, ordinal, created_at, type, kind, client_id, actor_id, text)'
			+ ` SELECT ${no}, n, n, now(), 'message', 'text', '~' || n, '${ann.id}', 'much' FROM generate_series(100, 5200) n`);
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		await until(async () => {
			await sweep(server, 'removed_rooms', () => ann.get('/rooms'));
			return await server.sql(`SELECT count(*) FROM removed_rooms WHERE room_no = ${no}`) === '0';
		}, 'an empty queue');
		for (const table of ['log', 'reactions', 'mentions', 'file_links'])
			assert.equal(await server.sql(`SELECT count(*) FROM ${table} WHERE room_no = ${no}`), '0', table);
		assert.equal(await server.sql(`SELECT count(*) FROM idempotency_keys WHERE key = '${key}'`), '0');
	});
});
