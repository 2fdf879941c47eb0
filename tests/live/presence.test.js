// Presence: who is here, with which status, and who may see it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { end_all, here, live } from '../lib/live.js';
import { reload } from '../lib/reload.js';
import { actor, sign_in, TIME } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { DEADLINE_MS, until } from '../lib/wait.js';

// Each test has people of its own, so tests need not wait for each other's grace periods.
const BESIDE = { concurrency: 4 };

let server;

// Nobody becomes away unless a test says so.
before(async () => {
	server = await private_server({ name: 'presence', env: {
		...LOOSE, FOYER_PRESENCE_ROOM_MEMBERS: '3',
	} });
	await grace(2);
});
after(end_all);
after(end_private_servers);

const grace = (seconds) => reload(server, { presence_grace_s: seconds });
const people = (...names) => Promise.all(names.map((n) => actor(server, n)));
const connect = (who) => live(server, { token: who.token });
const keep = (who, other, fields = {}) =>
	who.want(201, 'POST', '/contacts', { body: { user_id: other.id, ...fields } });
const set = (who, settings) => who.want(200, 'PUT', '/users/me', { body: { settings } });
const say = (who, status, text) =>
	who.want(200, 'PUT', '/users/status', { body: { status, text } });

const of = (who) => (f) => f.type === 'presence' && f.user_id === who.id;
const told = (connection, who) => connection.frames.filter(of(who)).map((f) => f.status);
const hears = (connection, who, status, options) => connection.find(
	(f) => of(who)(f) && f.status === status, `presence ${status} of ${who.login}`, options);

// Two people who share a room; the first listens for the other's presence.
async function pair() {
	const [ann, bob] = await people('ann', 'bob');
	const room = await ann.room({ member_ids: [bob.id] });
	return { ann, bob, room, a: await here(server, ann) };
}

describe('coming and going', BESIDE, () => {
	it('the first device brings somebody, the last one takes them, those between nobody', async () => {
		const { bob, a } = await pair();
		const first = await connect(bob);
		const frame = await hears(a, bob, 'online');
		assert.deepEqual(Object.keys(frame).sort(),
			['last_seen_at', 'status', 'text', 'type', 'user_id']);
		assert.equal(frame.text, null);
		assert.match(frame.last_seen_at, TIME);
		const second = await connect(await sign_in(server, bob));
		first.end();
		await second.settled();
		second.end();
		const gone = await hears(a, bob, 'offline');
		assert.ok(gone.last_seen_at >= frame.last_seen_at);
		assert.deepEqual(told(a, bob), ['online', 'offline']);
	});

	it('a script\'s requests do not mark its owner as seen', async () => {
		const { ann, bob, room, a } = await pair();
		const { secret } = await bob.want(201, 'POST', '/auth/tokens', {
			body: { name: 'script', scopes: ['read', 'post'] },
		});
		const script = await live(server, { token: secret });
		await script.join(room.id);
		await script.message(room.id, 'beep');
		const { online } = await a.join(room.id);
		assert.deepEqual(online, [ann.id]);
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'offline');
		const b = await connect(bob);
		await hears(a, bob, 'online');
		assert.deepEqual(told(a, bob), ['online']);
		b.end();
	});
});

describe('coming back', () => {
	it('whoever comes back within the grace has not been away', async () => {
		const { ann, bob, a } = await pair();
		let b = await connect(bob);
		await hears(a, bob, 'online');
		await grace(600);
		for (let i = 0; i < 3; i++) {
			b.end();
			b = await connect(bob);
		}
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'online');
		await grace(2);
		b.end();
		await hears(a, bob, 'offline');
		assert.deepEqual(told(a, bob), ['online', 'offline']);
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'offline');
	});
});

describe('a broker that was silent for a while', () => {
	it('writes its rows again if others have swept them', async () => {
		const { ann, bob, a } = await pair();
		const b = await connect(bob);
		await hears(a, bob, 'online');
		await server.sql(`WITH late AS (UPDATE brokers SET seen_at = now() - interval '20 seconds')
			DELETE FROM presence`);
		// while no broker counts as alive, people seen lately appear as here, even if
		// they leave
		await until(async () => await server.sql(`SELECT bool_and(seen_at > now() - interval '10 seconds')
			FROM brokers`) === 't', 'a beat');
		await until(async () => (await ann.get(`/users/${bob.id}`)).status === 'online', 'bob again');
		assert.ok(told(a, bob).every((status) => status === 'online'), 'nobody was told that he had gone');
		b.end();
	});
});

describe('who hears of somebody', BESIDE, () => {
	it('those in a room that is not public, and those whom they hold; no strangers', async () => {
		const [bob, mate, held, holder, stranger, neighbour] =
			await people('bob', 'mate', 'held', 'holder', 'stranger', 'neighbour');
		await bob.room({ member_ids: [mate.id] });
		const open = await bob.room({ kind: 'public' });
		await neighbour.join(open.id);
		await keep(bob, held);
		await keep(holder, bob);
		const [m, h, o, s, n] = await Promise.all(
			[mate, held, holder, stranger, neighbour].map((p) => here(server, p)));
		await n.join(open.id);
		const b = await connect(bob);
		await hears(m, bob, 'online');
		await hears(h, bob, 'online');
		b.end();
		await hears(m, bob, 'offline');
		for (const other of [o, s, n]) {
			await other.settled();
			assert.deepEqual(told(other, bob), []);
		}
	});

	it('by a room of few alone; of many only those whom they hold, or who share a small one', async () => {
		const [bob, held, other, ...rest] = await people('bob', 'held', 'other', 'x', 'y');
		await bob.room({ member_ids: [held.id, other.id, ...rest.map((p) => p.id)] });
		await keep(bob, held);
		const [h, o] = [await here(server, held), await here(server, other)];
		const b = await connect(bob);
		await hears(h, bob, 'online');
		await o.settled();
		assert.deepEqual(told(o, bob), []);
		assert.equal((await other.get(`/users/${bob.id}`)).status, 'online');
		assert.equal(o.ready.limits.presence_room_members, 3);
		b.end();
	});

	it('nobody with whom there is a block, whoever made it', async () => {
		const [bob, witness, one, two] = await people('bob', 'witness', 'one', 'two');
		await bob.room({ member_ids: [witness.id, one.id] });
		await bob.room({ kind: 'direct', name: undefined, user_id: two.id });
		await keep(bob, one, { blocked: true });
		await keep(two, bob, { blocked: true });
		const [w, x, y] = await Promise.all([witness, one, two].map((p) => here(server, p)));
		const b = await here(server, bob);
		await hears(w, bob, 'online');
		for (const [ear, who] of [[x, bob], [y, bob], [b, one], [b, two]]) {
			await ear.settled();
			assert.deepEqual(told(ear, who), []);
		}
	});

	it('a block ends it at once, as if they had gone, and its end begins it again', async () => {
		const { ann, bob, a } = await pair();
		const b = await connect(bob);
		await hears(a, bob, 'online');
		await keep(ann, bob, { blocked: true });
		await hears(a, bob, 'offline');
		await hears(b, ann, 'offline');
		const before = a.frames.length;
		await say(bob, 'busy');
		await b.find((f) => of(bob)(f) && f.status === 'busy', 'own status');
		await a.settled();
		assert.deepEqual(a.frames.slice(before).filter(of(bob)), []);
		await ann.want(200, 'PUT', `/contacts/${bob.id}`, { body: { blocked: false } });
		await hears(a, bob, 'busy');
	});

	it('nobody learns from it that they were put into a list, or blocked, by a stranger', async () => {
		const [ann, bob, eve] = await people('ann', 'bob', 'eve');
		const [a, b] = [await here(server, ann), await here(server, bob)];
		const e = await here(server, eve);
		await keep(ann, bob, { blocked: true });
		await keep(bob, eve);
		await hears(e, bob, 'online');
		assert.deepEqual(told(a, bob), []);
		assert.deepEqual(told(b, ann), []);
	});

	it('last_seen_at only as they wish', async () => {
		const [bob, mate, held] = await people('bob', 'mate', 'held');
		await bob.room({ member_ids: [mate.id] });
		await keep(bob, held);
		const [m, h] = await Promise.all([mate, held, bob].map((p) => here(server, p)));
		for (const [wish, to_mate, to_held] of [
			['everyone', true, true], ['contacts', false, true], ['nobody', false, false],
		]) {
			await set(bob, { show_last_seen: wish });
			await say(bob, 'busy', wish);
			const frames = await Promise.all([m, h].map((ear) => ear.find(
				(f) => of(bob)(f) && f.text === wish, `presence with ${wish}`)));
			assert.deepEqual(frames.map((f) => f.last_seen_at !== null), [to_mate, to_held], wish);
		}
	});
});

describe('what somebody says of themselves', BESIDE, () => {
	for (const [way, tell] of [
		['by a frame', (who, connection, body) => connection.send({ type: 'status', ...body })],
		['by REST', (who, connection, body) => who.want(200, 'PUT', '/users/status', { body })],
	])
		it(`is told to the others and to their own devices: ${way}`, async () => {
			const { ann, bob, a } = await pair();
			const b = await here(server, bob);
			const other = await connect(await sign_in(server, bob));
			await tell(bob, b, { status: 'busy', text: 'в отпуске' });
			for (const ear of [a, b, other])
				assert.equal((await hears(ear, bob, 'busy')).text, 'в отпуске');
			const { status, status_text } = await ann.get(`/users/${bob.id}`);
			assert.deepEqual([status, status_text], ['busy', 'в отпуске']);
			await tell(bob, b, { status: 'online', text: null });
			assert.equal((await a.find((f) => of(bob)(f) && f.status === 'online' && f.text === null,
				'online again', { from: a.frames.indexOf(await hears(a, bob, 'busy')) })).text, null);
			b.end();
			other.end();
			await hears(a, bob, 'offline');
			await say(bob, 'busy');
			assert.equal((await ann.get(`/users/${bob.id}`)).status, 'offline', 'nobody is busy who is not here');
		});

	it('a frame that is wrong is refused as by REST, by field', async () => {
		const [bob] = await people('bob');
		const b = await connect(bob);
		for (const [frame, field] of [
			[{}, 'status'], [{ status: 'asleep' }, 'status'], [{ status: null }, 'status'],
			[{ status: 'busy', text: 'x'.repeat(141) }, 'text'], [{ status: 'busy', until: 1 }, 'until'],
		]) {
			const { errors } = await b.refused('invalid', { type: 'status', ...frame });
			assert.deepEqual(errors.map((e) => e.field), [field]);
		}
	});

	it('who chose to be shown as offline is so to everybody', async () => {
		const { ann, bob, room, a } = await pair();
		await say(bob, 'offline');
		const b = await here(server, bob);
		await b.join(room.id);
		assert.deepEqual((await a.join(room.id)).online, [ann.id]);
		assert.deepEqual((await b.join(room.id)).online.sort(), [ann.id, bob.id].sort());
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'offline');
		const { last_seen_at } = await bob.get('/users/me');
		await b.message(room.id, 'psst');
		b.end();
		await until(async () => !await server.sql(`SELECT 1 FROM presence WHERE user_id = '${bob.id}'`),
			'end of the grace');
		assert.equal((await bob.get('/users/me')).last_seen_at, last_seen_at);
		assert.ok(told(a, bob).every((status) => status === 'offline'), 'never anything else');
	});

	it('being shown again, they are', async () => {
		const { bob, room, a } = await pair();
		const b = await here(server, bob);
		await hears(a, bob, 'online');
		b.send({ type: 'status', status: 'offline' });
		await hears(a, bob, 'offline');
		b.send({ type: 'status', status: 'online' });
		await until(() => told(a, bob).length === 3, 'three presences');
		await b.join(room.id);
		assert.ok((await a.join(room.id)).online.includes(bob.id));
	});
});

describe('joining a room', BESIDE, () => {
	it('shows who listens there, but for those with whom there is a block', async () => {
		const [ann, bob, eve] = await people('ann', 'bob', 'eve');
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		await keep(bob, eve, { blocked: true });
		const connections = await Promise.all([ann, bob, eve].map((p) => here(server, p)));
		for (const c of connections)
			await c.join(room.id);
		const online = async (c) => (await c.join(room.id)).online.sort();
		assert.deepEqual(await online(connections[0]), [ann.id, bob.id, eve.id].sort());
		assert.deepEqual(await online(connections[1]), [ann.id, bob.id].sort());
		assert.deepEqual(await online(connections[2]), [ann.id, eve.id].sort());
	});
});

describe('a profile that changes', BESIDE, () => {
	it('names the author of what is said from then on', async () => {
		const { bob, room, a } = await pair();
		await a.join(room.id);
		const b = await here(server, bob);
		await b.join(room.id);
		await b.message(room.id, 'before');
		await bob.want(200, 'PUT', '/users/me', { body: { first_name: 'Роберт' } });
		await until(async () => {
			const { id } = await b.message(room.id, 'after');
			const { sender } = await a.find((f) => f.type === 'message' && f.id === id, 'it');
			return sender.name === 'Роберт';
		}, 'the new name');
	});
});

describe('a broker of its own', () => {
	let other, ann, bob, room;

	before(async () => {
		other = await private_server({ name: 'away', env: { ...LOOSE, FOYER_AWAY_AFTER_S: '2' } });
		[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(other, n)));
		room = await ann.room({ member_ids: [bob.id] });
	});

	it('whoever does nothing is away, on all devices, until they do something on one', async () => {
		const a = await live(other, { token: ann.token });
		const b = await live(other, { token: bob.token });
		await hears(a, bob, 'online');
		const pings = setInterval(() => b.send({ type: 'ping' }), 200);
		await hears(a, bob, 'away').finally(() => clearInterval(pings));
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'away');
		const from = a.frames.length;
		await b.join(room.id);
		await b.message(room.id, 'here');
		await hears(a, bob, 'online', { from });
	});

	it('killed, leaves nobody online in REST once its time is up, and those who are there are told', async () => {
		const b = await live(other, { token: bob.token });
		await until(async () => (await ann.get(`/users/${bob.id}`)).status !== 'offline', 'bob');
		const pid = other.pid('broker');
		process.kill(pid, 'SIGKILL');
		await until(() => !alive(pid), 'end of the broker');
		await until(() => other.answers(), 'another broker');
		// its row is as old as if it had been silent for longer
		await other.sql(`UPDATE brokers SET seen_at = seen_at - interval '15 seconds'
			WHERE id = (SELECT broker_id FROM presence WHERE user_id = '${bob.id}')`);
		b.end();
		const a = await until(() => live(other, { token: ann.token }).catch(() => null), 'connection');
		await hears(a, bob, 'offline', { ms: Math.max(45000, DEADLINE_MS) });
		assert.equal((await ann.get(`/users/${bob.id}`)).status, 'offline');
		assert.notEqual((await bob.get(`/users/${ann.id}`)).status, 'offline');
	});
});
