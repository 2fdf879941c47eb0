// Two brokers on one database: whoever listens at one hears what came by the other.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { metric, Peer } from '../lib/peer.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

const HEARD = 'foyer_wakes_total{by="notify"}';
const TOLD = 'foyer_wakes_told_total';

let server, peer, ann, bob;

before(async () => {
	server = await private_server({ name: 'peers', env: LOOSE });
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
		assert.ok(await metric(server.broker_port, TOLD) > told, 'one told');
		assert.ok(await metric(peer.port, HEARD) > heard, 'the other heard');
	});

	it('pass on what REST said to one of them', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room, peer);
		const heard = await metric(peer.port, HEARD);
		const sent = await ann.post(room.id, 'by REST');
		await b.find((f) => f.type === 'message' && f.id === sent.id, 'message');
		assert.ok(await metric(peer.port, HEARD) > heard);
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

	it('forget one that ends, at once', async () => {
		await peer.end();
		peer = undefined;
		assert.equal(await server.sql('SELECT count(*) FROM brokers'), '1');
		await until(async () => await metric(server.broker_port, 'foyer_other_brokers') === 0,
			'broker that is alone again');
	});
});
