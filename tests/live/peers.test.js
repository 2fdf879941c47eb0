// Two brokers on one database: listeners at one hear what was sent at the other.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { end_all, here, live } from '../lib/live.js';
import { metric, Peer } from '../lib/peer.js';
import { actor, sign_in } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const BROKER = path.resolve(fileURLToPath(new URL('../..', import.meta.url)), process.env.BUILD ?? 'build',
	process.env.VARIANT ?? 'asan', 'foyer-broker');
const HEARD = 'foyer_wakes_total{by="notify"}';
const TOLD = 'foyer_wakes_told_total';

let server, peer, ann, bob;

before(async () => {
	server = await private_server({
		name: 'peers', env: { ...LOOSE, FOYER_PRESENCE_GRACE_S: '1' },
	});
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
});
afterEach(end_all);
after(async () => {
	end_all();
	if (peer)
		await peer.end();
	await end_private_servers();
});

async function joined(who, room, at = server) {
	const connection = await live(at, { token: who.token });
	await connection.join(room.id);
	return connection;
}

const grows = (port, name, from) => until(async () => await metric(port, name) > from, `more of ${name}`);
const of = (type, who) => (f) => f.type === type && f.user_id === who.id;
const shown = (connection, who) => connection.frames.filter(of('presence', who)).map((f) => f.status);
const sees = (connection, who, status) => connection.find(
	(f) => of('presence', who)(f) && f.status === status, `${status} of ${who.login}`);
const typings = (connection) => connection.frames.filter((f) => f.type === 'typing');
const type = (connection, room, on = true) =>
	connection.send({ type: 'typing', room_id: room.id, on });
const hears_typing = (connection, who, on) => connection.find(
	(f) => of('typing', who)(f) && f.on === on, `typing ${on} of ${who.login}`, { ms: 7000 });

// Messages between brokers arrive in order: after this one, all earlier ones have arrived.
async function heard_all(connection, room, by) {
	const { id } = await by.post(room.id, 'a mark');
	await connection.find((f) => f.type === 'message' && f.id === id, 'the mark');
	await connection.settled();
}

describe('a broker that is alone', () => {
	it('knows so, and tells nobody anything', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const a = await joined(ann, room);
		const ack = await a.message(room.id, 'to myself');
		await a.find((f) => f.id === ack.id, 'it');
		assert.equal(await server.sql('SELECT count(*) FROM brokers'), '1');
		assert.equal(await metric(server.broker_port, 'foyer_other_brokers'), 0);
		assert.equal(await metric(server.broker_port, TOLD), 0);
	});

	it('keeps its socket where a copy of it is started, which cannot have its port', async () => {
		const socket = path.join(server.state, 'run/wake.sock'), { ino } = fs.statSync(socket);
		const copy = spawn(BROKER, ['--config', path.join(server.state, 'foyer.yaml')],
			{ env: server.environment(), stdio: ['ignore', 'ignore', 'pipe'] });
		let said = '';
		copy.stderr.on('data', (bytes) => (said += bytes));
		assert.deepEqual(await within(once(copy, 'exit'), 'its end'), [1, null]);
		assert.match(said, /listen\.open .*Address already in use/);
		assert.equal(fs.statSync(socket).ino, ino);
	});
});

describe('two brokers', () => {
	before(async () => {
		peer = await Peer.start(server);
		await peer.is_known();
	});

	it('tell each other what was said, in one order, each once', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room, peer)];
		const told = await metric(server.broker_port, TOLD);
		const heard = await metric(peer.port, HEARD);
		const acks = await Promise.all(Array.from({ length: 40 }, (_, i) =>
			(i % 2 ? a : b).message(room.id, `number ${i}`)));
		for (const ear of [a, b])
			for (const ack of acks)
				await ear.find((f) => f.type === 'message' && f.id === ack.id, 'message');
		assert.deepEqual(a.messages(room.id), b.messages(room.id));
		const seqs = a.messages(room.id).map((f) => f.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
		// some of them may have been found by comparing with the database
		await grows(server.broker_port, TOLD, told);
		await grows(peer.port, HEARD, heard);
	});

	it('pass on what REST said to one of them', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room, peer);
		const heard = await metric(peer.port, HEARD);
		const sent = await ann.post(room.id, 'by REST');
		await b.find((f) => f.type === 'message' && f.id === sent.id, 'message');
		await grows(peer.port, HEARD, heard);
	});

	it('tell of a join', async () => {
		const room = await ann.room();
		const a = await joined(ann, room);
		await joined(bob, room, peer);
		const told = await a.find((f) => f.type === 'member' && f.action === 'joined', 'join');
		assert.equal(told.user.id, bob.id);
	});

	it('tell devices at the other of rooms that they are in and have not joined', async () => {
		const b = await live(peer, { token: bob.token });
		const room = await ann.room({ member_ids: [bob.id] });
		await b.find((f) => f.type === 'room_added' && f.room.id === room.id, 'room_added');
		const sent = await ann.post(room.id, 'by REST');
		await b.find((f) => f.type === 'activity' && f.room_id === room.id && f.seq === sent.seq,
			'activity');
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		const left = await b.find((f) => f.type === 'room_left' && f.room_id === room.id, 'room_left');
		assert.equal(left.reason, 'room_removed');
	});

	it('tell who came and went, after the grace', async () => {
		const who = await actor(server);
		await who.room({ member_ids: [ann.id] });
		const a = await here(server, ann);
		const w = await live(peer, { token: who.token });
		await sees(a, who, 'online');
		assert.equal((await ann.get(`/users/${who.id}`)).status, 'online');
		w.end();
		await sees(a, who, 'offline');
		assert.deepEqual(shown(a, who), ['online', 'offline']);
	});

	it('keep somebody here while either has a device of theirs', async () => {
		const who = await actor(server);
		await who.room({ member_ids: [ann.id, bob.id] });
		const [a, b] = [await here(server, ann), await here(peer, bob)];
		const first = await live(server, { token: who.token });
		await sees(b, who, 'online');
		const second = await here(peer, await sign_in(server, who));
		first.end();
		await until(async () => await server.sql(
			`SELECT count(*) FROM presence WHERE user_id = '${who.id}'`) === '1', 'one of two rows');
		await who.want(200, 'PUT', '/users/status', { body: { status: 'busy', text: 'here' } });
		for (const ear of [a, b])
			await sees(ear, who, 'busy');
		second.end();
		for (const ear of [a, b]) {
			await sees(ear, who, 'offline');
			assert.equal(shown(ear, who).filter((s) => s === 'offline').length, 1);
		}
	});

	it('tell those with whom there is a block nothing of presence and typing', async () => {
		const [one, two] = [await actor(server), await actor(server)];
		const room = await ann.room({ member_ids: [one.id, two.id] });
		await one.want(201, 'POST', '/contacts', { body: { user_id: two.id, blocked: true } });
		const [a, x] = [await joined(ann, room, peer), await joined(one, room, peer)];
		const y = await joined(two, room);
		await sees(a, two, 'online');
		type(y, room);
		await hears_typing(a, two, true);
		y.end();
		await sees(a, two, 'offline');
		await heard_all(x, room, ann);
		assert.deepEqual([shown(x, two), typings(x)], [[], []]);
	});

	it('tell who writes, to no device of theirs, and once in a while', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room, peer)];
		const other = await joined(await sign_in(server, ann), room, peer);
		for (let i = 0; i < 20; i++)
			type(a, room);
		assert.deepEqual(await hears_typing(b, ann, true),
			{ type: 'typing', room_id: room.id, user_id: ann.id, on: true });
		type(a, room, false);
		await hears_typing(b, ann, false);
		await heard_all(b, room, ann);
		await heard_all(other, room, ann);
		assert.deepEqual([typings(b).length, typings(other), typings(a)], [2, [], []]);
	});

	it('tell of a member who writes where nobody else is, until their connection ends', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await live(server, { token: ann.token }), await joined(bob, room, peer)];
		type(a, room);
		await hears_typing(b, ann, true);
		a.end();
		await hears_typing(b, ann, false);
	});

	it('end the typing of whoever is heard of no more', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room);
		await server.sql(`SELECT pg_notify('foyer_wake', 'typing ${room.id} ${ann.id} 1')`);
		await b.find((f) => of('typing', ann)(f) && f.on, 'typing');
		await b.find((f) => of('typing', ann)(f) && !f.on, 'the end of it');
		for (const odd of [`typing ${room.id} ${ann.id}`, `typing ${room.id} ${ann.id} 2`, 'typing', 'typing x y 1'])
			await server.sql(`SELECT pg_notify('foyer_wake', '${odd}')`);
		await heard_all(b, room, ann);
		assert.equal(typings(b).length, 2);
	});

	it('tell how far somebody has read', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room, peer)];
		const { seq } = await a.message(room.id, 'read this');
		await b.find((f) => f.type === 'message' && f.seq === seq, 'message');
		b.send({ type: 'read', room_id: room.id, seq });
		await a.find((f) => of('receipt', bob)(f) && f.read_seq === seq, 'receipt');
	});

	it('hand on signals of a call between devices at both', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room, peer)];
		const rings = b.find((f) => f.type === 'call' && f.action === 'start', 'ringing');
		a.send({ type: 'call', action: 'start', room_id: room.id, kind: 'audio' });
		const { call } = await rings;
		b.send({ type: 'call', action: 'accept', call_id: call.id });
		await a.find((f) => f.type === 'call' && f.call.state === 'active', 'answer');
		for (const [from, to, who] of [[a, b, bob], [b, a, ann]]) {
			const data = { sdp: 'ü'.repeat(10_000), of: who.id };
			from.send({ type: 'signal', call_id: call.id, to: who.id, data });
			const heard = await to.find('signal');
			assert.deepEqual(heard.data, data);
		}
		a.send({ type: 'call', action: 'hangup', call_id: call.id });
	});

	it('treat the people of a killed broker as gone', async () => {
		const who = await actor(server);
		await who.room({ member_ids: [ann.id] });
		const a = await here(server, ann);
		await live(peer, { token: who.token });
		await sees(a, who, 'online');
		await peer.kill();
		// as if it had been silent for as long as a broker may be
		await server.sql(`UPDATE brokers SET seen_at = now() - interval '1 minute'
			WHERE id IN (SELECT broker_id FROM presence WHERE user_id = '${who.id}')`);
		await sees(a, who, 'offline');
		assert.equal((await ann.get(`/users/${who.id}`)).status, 'offline');
		peer = await Peer.start(server);
		await peer.is_known();
	});

	it('forget a broker that stops, at once', async () => {
		await peer.end();
		peer = undefined;
		assert.equal(await server.sql('SELECT count(*) FROM brokers'), '1');
		await until(async () => await metric(server.broker_port, 'foyer_other_brokers') === 0,
			'broker that is alone again');
	});
});

describe('a broker that was given the socket of another one', () => {
	it('takes it over and says so; REST is heard at both', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const a = await joined(ann, room);
		peer = await Peer.start(server, { wake_socket: '"wake.sock"' });
		assert.match(peer.said, /wakes\.taken_over setting=wake_socket path=\S+wake\.sock\n/);
		await peer.is_known();
		const b = await joined(bob, room, peer);
		const { id } = await ann.post(room.id, 'by REST');
		for (const ear of [a, b])
			await ear.find((f) => f.type === 'message' && f.id === id, 'message');
		await peer.end();
		peer = undefined;
	});
});
