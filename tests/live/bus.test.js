// Two brokers that talk through a Redis, which is killed, stopped, and lies.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, here, live } from '../lib/live.js';
import { metric, Peer } from '../lib/peer.js';
import { Listener, Redis } from '../lib/redis.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

let redis, server, peer, ann, bob;

before(async () => {
	redis = await Redis.start();
	server = await private_server({
		name: 'bus', env: { ...LOOSE, ...redis.settings(), FOYER_PRESENCE_GRACE_S: '1' },
	});
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	peer = await Peer.start(server, {}, { FOYER_BUS: redis.address });
	await used();
});
afterEach(end_all);
after(async () => {
	end_all();
	if (peer)
		await peer.end();
	await end_private_servers();
	await redis.end();
});

const both = (name) => Promise.all([server.broker_port, peer.port].map((p) => metric(p, name)));

// Waits until both use Redis, or neither (0).
const used = (is = 1) => until(async () => (await both('foyer_bus_used')).every((n) => n === is),
	`both ${is ? 'by Redis' : 'by NOTIFY'}`);

async function joined(who, room, at = server) {
	const connection = await live(at, { token: who.token });
	await connection.join(room.id);
	return connection;
}

async function pair() {
	const room = await ann.room({ member_ids: [bob.id] });
	return { room, a: await joined(ann, room), b: await joined(bob, room, peer) };
}

// Everybody must have all of these once, in order, without a gap.
async function all_heard(room, ears, acks) {
	const last = Math.max(...acks.map((ack) => ack.seq));
	for (const ear of ears) {
		await until(() => ear.messages(room.id).at(-1)?.seq >= last, `message ${last}`);
		const heard = ear.messages(room.id);
		const seqs = heard.map((f) => f.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
		const ids = new Set(heard.map((f) => f.id));
		assert.deepEqual(acks.filter((ack) => !ids.has(ack.id)), []);
	}
	assert.deepEqual(ears[0].messages(room.id), ears[1].messages(room.id));
}

describe('two brokers and a Redis', () => {
	it('say messages whole, in one order, each once', async () => {
		const { room, a, b } = await pair();
		const whole = await both('foyer_bus_messages_total{as="next"}');
		const acks = [];
		for (let round = 0; round < 20; round++)
			acks.push(...await Promise.all([a, b, a, b].map((c, i) =>
				c.message(room.id, `round ${round}, ${i} ü`))));
		await all_heard(room, [a, b], acks);
		const now = await both('foyer_bus_messages_total{as="next"}');
		assert.ok(now.every((n, i) => n > whole[i]), `${whole} then ${now}`);
		assert.deepEqual(await both('foyer_bus_refused_total'), [0, 0]);
	});

	it('say all else: edits, REST, typing, receipts, presence, activity, signals', async () => {
		const { room, a, b } = await pair();
		const other = await here(peer, ann); // a device that has not joined the room
		const ack = await a.message(room.id, 'first');
		await b.find((f) => f.type === 'message' && f.id === ack.id, 'message');
		a.send({ type: 'edit', id: ack.id, text: 'second' });
		await b.find((f) => f.type === 'edited' && f.text === 'second', 'edit');
		const sent = await ann.post(room.id, 'by REST');
		await b.find((f) => f.type === 'message' && f.id === sent.id, 'message by REST');
		await other.find((f) => f.type === 'activity' && f.room_id === room.id, 'activity');
		a.send({ type: 'typing', room_id: room.id, on: true });
		await b.find((f) => f.type === 'typing' && f.on, 'typing');
		a.send({ type: 'typing', room_id: room.id, on: false });
		await b.find((f) => f.type === 'typing' && !f.on, 'the end of it');
		b.send({ type: 'read', room_id: room.id, seq: sent.seq });
		await a.find((f) => f.type === 'receipt' && f.read_seq === sent.seq, 'receipt');
		await bob.want(200, 'PUT', '/users/status', { body: { status: 'busy' } });
		await a.find((f) => f.type === 'presence' && f.user_id === bob.id && f.status === 'busy', 'busy');
		a.send({ type: 'call', action: 'start', room_id: room.id, kind: 'audio' });
		const { call } = await b.find((f) => f.type === 'call' && f.action === 'start', 'ringing');
		b.send({ type: 'call', action: 'accept', call_id: call.id });
		await a.find((f) => f.type === 'call' && f.call.state === 'active', 'answer');
		const data = { sdp: 'ü'.repeat(10_000) };
		a.send({ type: 'signal', call_id: call.id, to: bob.id, data });
		assert.deepEqual((await b.find('signal')).data, data);
		a.send({ type: 'call', action: 'hangup', call_id: call.id });
	});

	it('hear of a room only where somebody listens to it', async () => {
		const listener = await Listener.open(redis);
		const { room, a, b } = await pair();
		const rooms = () => listener.said.filter((s) => s.channel.endsWith(`:${room.id}`));
		const before = (await both('foyer_wakes_total{by="redis"}'))[1];
		await a.message(room.id, 'one');
		await b.find('message');
		await until(() => rooms().length === 1, 'the channel of the room');
		assert.match(rooms()[0].text, /^[0-9a-f]{16} [0-9a-f-]{36}\nevent /);
		await until(async () => (await both('foyer_wakes_total{by="redis"}'))[1] > before, 'the wake-up');
		listener.end();
	});
});

describe('a Redis that goes away', () => {
	// Both write continuously while this happens.
	async function writing(room, [a, b], during) {
		const acks = [];
		let goes_on = true;
		const write = async (c) => {
			while (goes_on)
				acks.push(await c.message(room.id, `number ${acks.length}`));
		};
		const writers = [write(a), write(b)];
		await during(() => acks.length);
		goes_on = false;
		await Promise.all(writers);
		return acks;
	}

	it('is done without, and taken again when it is back; nothing is lost or doubled', async () => {
		const { room, a, b } = await pair();
		const acks = await writing(room, [a, b], async (count) => {
			const more = async () => {
				const enough = count() + 20;
				await until(() => count() >= enough, 'messages that go on');
			};
			await more();
			await redis.kill();
			await used(0);
			await more();
			await redis.run();
			await used();
			await more();
			redis.signal('SIGSTOP');
			await used(0);
			await more();
			redis.signal('SIGCONT');
			await used();
			await more();
		});
		await all_heard(room, [a, b], acks);
		const { seq } = await b.message(room.id, 'by Redis again');
		await a.find((f) => f.type === 'message' && f.seq === seq, 'message');
	});
});

describe('what is said by others on the Redis', () => {
	it('is nothing unless it is sealed, on its channel, and told once', async () => {
		const listener = await Listener.open(redis);
		const { room, a, b } = await pair();
		const first = await a.message(room.id, 'true');
		await b.find((f) => f.type === 'message' && f.id === first.id, 'message');
		const [packet] = await until(() => {
			const found = listener.said.filter((s) => s.channel.endsWith(`:${room.id}`));
			return found.length > 0 && found;
		}, 'packet');
		const next = packet.text.replaceAll(`"seq":${first.seq}`, `"seq":${first.seq + 1}`)
			.replace(` ${first.seq} `, ` ${first.seq + 1} `);
		const all = packet.channel.replace(room.id, 'all');
		const refused = await both('foyer_bus_refused_total');
		for (const [channel, text] of [
			[packet.channel, next], [packet.channel, packet.text.replace('true', 'lies')],
			[all, packet.text], [packet.channel, ''], [all, 'x'.repeat(100_000)],
			[packet.channel, packet.text.slice(0, -1)], [all, `${'0'.repeat(16)} ${ann.id}\nroom`],
		])
			listener.publish(channel, text);
		for (let i = 0; i < 5; i++) // a replay
			listener.publish(packet.channel, packet.text);
		await until(async () => (await both('foyer_bus_refused_total'))
			.every((n, i) => n > refused[i]), 'refusals');
		const acks = [first, await a.message(room.id, 'goes on'), await b.message(room.id, 'so')];
		await all_heard(room, [a, b], acks);
		assert.deepEqual(b.messages(room.id).map((f) => f.text), ['true', 'goes on', 'so']);
		listener.end();
	});
});

describe('a broker that is not let in', () => {
	it('is told by NOTIFY, as are all, and says nothing of the password', async () => {
		await peer.end();
		peer = undefined;
		const wrong = 'not-the-password';
		peer = await Peer.start(server, {}, { FOYER_BUS_PASSWORD: wrong });
		await used(0);
		await until(() => peer.said.includes('event=bus.refused'), 'refusal in its log');
		const { room, a, b } = await pair();
		const acks = await Promise.all(Array.from({ length: 20 }, (_, i) =>
			(i % 2 ? a : b).message(room.id, `number ${i}`)));
		await all_heard(room, [a, b], acks);
		assert.deepEqual(await both('foyer_bus_used'), [0, 0]);
		assert.equal(await metric(server.broker_port, 'foyer_bus_up'), 1);
		for (const log of [peer.said, server.log('broker.log')])
			for (const secret of [wrong, redis.password])
				assert.ok(!log.includes(secret));
	});

	for (const [what, bytes] of [['a list without end', '*1000000000\r\n'], ['no answer of Redis', 'HTTP/1.1 200 OK\r\n']])
		it(`outlives a Redis that says ${what}`, async () => {
			const odd = net.createServer((socket) => {
				socket.on('error', () => {});
				socket.once('data', () => socket.write(`+OK\r\n+PONG\r\n${bytes}`));
			});
			await new Promise((resolve) => odd.listen(0, '127.0.0.1', resolve));
			await peer.end();
			peer = undefined;
			peer = await Peer.start(server, {}, { FOYER_BUS: `redis://127.0.0.1:${odd.address().port}` });
			await until(() => peer.said.includes('reason=protocol'), 'end of that connection');
			await used(0);
			const { room, a, b } = await pair();
			await all_heard(room, [a, b], [await a.message(room.id, 'by NOTIFY')]);
			await peer.end();
			peer = undefined;
			odd.close();
			peer = await Peer.start(server, {}, { FOYER_BUS: '' });
		});
});
