// Limits that keep one client from harming the others: slow readers, floods, crowds, files.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live, open, Live } from '../lib/live.js';
import { metrics_of } from '../lib/prometheus.js';
import { actor, an_address } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { DEADLINE_MS, until, within } from '../lib/wait.js';

afterEach(end_all);
after(end_all);
after(end_private_servers);

describe('a slow reader', () => {
	it('is closed with 4408 at its bound, resumes whole, and nobody else notices', async () => {
		const server = await private_server({ name: 'slow', env: {
			...LOOSE, FOYER_MAX_OUTBOX_BYTES: '1048576',
		} });
		const [ann, bob] = [await actor(server), await actor(server)];
		const room = await ann.room({ member_ids: [bob.id] });
		// past lighttpd, which would read on the slow client's behalf
		const base = server.ws.replace(String(server.port), String(server.broker_port));
		const slow = await live(server, { token: bob.token, base });
		const quick = await live(server, { token: bob.token, base });
		const writer = await live(server, { token: ann.token, base });
		await slow.join(room.id);
		await quick.join(room.id);
		slow.socket.pause();
		// once cut off, it has only some seconds to read what it was sent
		const cut = until(async () => (await metrics_of(server))
			.get('foyer_connections_ended_total', { by: '4408' }) > 0, 'its end', 4 * DEADLINE_MS)
			.then(() => slow.socket.resume());
		const text = '💬'.repeat(8000);
		let last;
		for (let i = 0; i < 30; i++)
			last = (await Promise.all(Array.from({ length: 20 }, () => writer.message(room.id, text,
				{ client_id: randomUUID() })))).at(-1);
		await cut;
		await quick.find((f) => f.type === 'message' && f.id === last.id, 'the last');
		const seqs = quick.events(room.id).map((e) => e.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
		assert.equal((await within(slow.closed, 'close')).code, 4408);
		const have = slow.events(room.id).map((e) => e.seq);
		assert.ok(have.length < seqs.length, 'it was cut before the end');
		assert.deepEqual(have, have.map((_, i) => have[0] + i));
		const again = await live(server, { token: bob.token, base });
		await again.join(room.id, { after: have.at(-1) ?? 0, epoch: again.ready.epoch });
		await again.find((f) => f.type === 'message' && f.id === last.id, 'the last');
		const rest = again.events(room.id).map((e) => e.seq);
		assert.deepEqual([...have, ...rest], [...have, ...rest].map((_, i) => seqs[0] + i));
		end_all();
	});
});

describe('those who come back and read nothing of what they missed', () => {
	it('hold up nobody, though what waits for them is all that may wait', async () => {
		const server = await private_server({ name: 'deaf', env: {
			...LOOSE, FOYER_PING_INTERVAL_S: '300',
		} });
		const [ann, bob, deaf] = [await actor(server), await actor(server), await actor(server)];
		const base = server.ws.replace(String(server.port), String(server.broker_port));
		const full = await deaf.room(), room = await ann.room({ member_ids: [bob.id] });
		const writer = await live(server, { token: deaf.token, base });
		for (let i = 0; i < 10; i++)
			await Promise.all(Array.from({ length: 20 }, () => writer.message(full.id, '💬'.repeat(8000))));
		const { seq } = await ann.post(room.id, 'missed');

		const all = [];
		for (let i = 0; i < 11; i++) {
			all.push(await live(server, { token: deaf.token, base }));
			all[i].socket.pause();
			all[i].send({ type: 'join', room_id: full.id, after: i });
		}
		await until(async () => (await metrics_of(server)).get('foyer_pages_bytes') >= 64 << 20,
			'pages that wait');
		const ear = await live(server, { token: bob.token, base });
		await ear.join(room.id, { after: 0 });
		await ear.find((f) => f.type === 'message' && f.seq === seq, 'what was missed');
		assert.deepEqual(ear.events(room.id).map((e) => e.seq), [1, 2, 3]);

		// the slow readers have lost nothing
		const { seq: end } = await deaf.post(full.id, 'the end');
		for (const [i, one] of all.slice(0, 3).entries()) {
			one.socket.resume();
			await one.find((f) => f.seq === end && f.type === 'message', 'the end');
			const seqs = one.events(full.id).map((e) => e.seq);
			assert.deepEqual(seqs, Array.from({ length: end - i }, (_, k) => i + 1 + k));
		}
		end_all();
	});
});

describe('floods and crowds', () => {
	let server, ann, room;

	before(async () => {
		server = await private_server({ name: 'limits', env: {
			FOYER_PASSWORD_SLOTS: '16',
			FOYER_MAX_CONNECTIONS_PER_ADDRESS: '5', FOYER_MAX_CONNECTIONS_PER_USER: '4',
			FOYER_MAX_ROOMS_PER_CONNECTION: '3',
			FOYER_MESSAGES_PER_SECOND: '5', FOYER_MESSAGES_BURST: '10',
		} });
		ann = await actor(server, 'ann');
		room = await ann.room();
	});

	const connect = (who, options = {}) => live(server, { token: who.token, ...options });

	it('limits are announced, by ready and by status', async () => {
		const { ready } = await connect(ann);
		const { limits } = await ann.get('/status');
		assert.ok(Object.keys(limits).length > 5);
		for (const [name, value] of Object.entries(ready.limits))
			assert.equal(limits[name] ?? value, value, name);
		assert.ok(Object.values(limits).includes(8000));
		assert.ok(Object.values(limits).includes(131072));
	});

	it('messages above the rate are rate_limited with retry_after, none half done', async () => {
		const bob = await actor(server, 'bob');
		await bob.join(room.id);
		const [ear, writer] = [await connect(ann), await connect(bob)];
		const { seq } = await ear.join(room.id);
		const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => writer.ask({
			type: 'message', room_id: room.id, text: `flood ${i}`, client_id: randomUUID(),
		})));
		const acks = replies.filter((r) => r.type === 'ack');
		const errors = replies.filter((r) => r.type === 'error');
		assert.ok(acks.length >= 10, `${acks.length} acks`);
		assert.ok(errors.length > 0);
		for (const error of errors) {
			assert.equal(error.code, 'rate_limited');
			assert.ok(error.retry_after > 0);
			assert.equal(error.room_id ?? room.id, room.id);
		}
		const last = acks.at(-1);
		await ear.find((f) => f.id === last.id && f.type === 'message', 'the last');
		assert.deepEqual(ear.messages(room.id).map((m) => m.id), acks.map((a) => a.id));
		assert.equal(last.seq, seq + acks.length);
	});

	it('the same limit holds over REST, with Retry-After, and for both ways together', async () => {
		const bob = await actor(server, 'bob');
		await bob.join(room.id);
		const say = () => bob.call('POST', `/rooms/${room.id}/messages`, { body: { text: 'x' } });
		// in parallel: a busy machine would be too slow for sequential requests
		const limited = await until(async () =>
			(await Promise.all(Array.from({ length: 30 }, say))).filter((r) => r.status === 429)[0],
		'one that is refused');
		assert.equal(limited.body.code, 'rate_limited');
		assert.match(limited.headers.get('ratelimit') ?? '', /r=0/);
	});

	it('one who goes on flooding is closed with 4429, and the others are not', async () => {
		const bob = await actor(server, 'bob');
		await bob.join(room.id);
		const [ear, flood] = [await connect(ann), await connect(bob)];
		await ear.join(room.id);
		let sent = 0;
		while (!flood.gone && sent < 200000) {
			for (let i = 0; i < 200; i++, sent++)
				flood.send({ type: 'ping' });
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.equal((await within(flood.closed, 'close')).code, 4429);
		await ear.settled();
	});

	it('connections above the limit of an address are refused with 429 or 4429', async () => {
		const address = an_address();
		const crowd = await Promise.all([actor(server), actor(server), actor(server)]);
		const fine = [];
		for (let i = 0; i < 5; i++)
			fine.push(await connect(crowd[i % 3], { address }));
		const sixth = new Live(server, { token: crowd[0].token, address });
		const fate = await Promise.race([
			sixth.opened.then(() => sixth.closed.then((gone) => gone.code), (e) => e.status),
		]);
		assert.ok([429, 4429].includes(fate), String(fate));
		fine[0].end();
		const freed = await until(() => connect(crowd[0], { address }).catch(() => null),
			'a place for the next');
		await freed.settled();
		for (const one of fine.slice(1))
			await one.settled();
	});

	it('connections above the limit of a person are refused with 4429', async () => {
		const bob = await actor(server, 'bob');
		for (let i = 0; i < 4; i++)
			await connect(bob);
		const fifth = new Live(server, { token: bob.token });
		const fate = await within(fifth.opened.then(() => fifth.closed.then((gone) => gone.code),
			(e) => e.status), 'an end');
		assert.ok([429, 4429].includes(fate), String(fate));
	});

	it('rooms above the limit of a connection are refused, the joined ones stay', async () => {
		const a = await connect(ann);
		const rooms = [];
		for (let i = 0; i < 4; i++)
			rooms.push(await ann.room());
		for (const one of rooms.slice(0, 3))
			await a.join(one.id);
		const error = await a.want('error', { type: 'join', room_id: rooms[3].id });
		assert.match(error.code, /rate_limited|too_large|forbidden|conflict|invalid/);
		await a.want('left', { type: 'leave', room_id: rooms[0].id });
		await a.join(rooms[3].id);
		const ack = await a.message(rooms[1].id, 'x');
		await a.find((f) => f.type === 'message' && f.id === ack.id, 'it');
	});
});

describe('the heartbeat', () => {
	it('pings what is quiet, and cuts what does not answer', async () => {
		// short, and long enough for an answer from a busy machine
		const server = await private_server({ name: 'pings', env: { FOYER_PING_INTERVAL_S: '3' } });
		const ann = await actor(server, 'ann');
		const [answering, deaf] = [await live(server, { token: ann.token }),
			await live(server, { token: ann.token, pongs: false })];
		assert.equal(answering.ready.heartbeat_s, 3);
		const pings = [];
		const three = new Promise((resolve) => answering.socket.on('ping',
			() => pings.push(1) === 3 && resolve()));
		await within(deaf.closed, 'end of the one that does not answer');
		await within(three, 'three pings');
		await answering.settled();
	});
});

describe('the file limit', () => {
	it('300 connections at a limit of 200 files: some are refused, the broker stays', async () => {
		const server = await private_server({
			name: 'files', before: 'ulimit -n 200',
			env: { FOYER_MAX_CONNECTIONS_PER_ADDRESS: '1000', FOYER_MAX_CONNECTIONS_PER_USER: '1000' },
		});
		const ann = await actor(server, 'ann');
		const broker = server.pid('broker');
		const base = server.ws.replace(String(server.port), String(server.broker_port));
		const crowd = Array.from({ length: 300 }, () => new Live(server, { token: ann.token, base }));
		const fates = await Promise.all(crowd.map((c) => Promise.race([
			c.find('ready').then(() => 'ready', () => 'refused'),
			c.opened.then(() => c.closed.then(() => 'refused'), () => 'refused'),
		])));
		const taken = fates.filter((f) => f === 'ready').length;
		assert.ok(taken > 50 && taken < 200, `${taken} taken`);
		assert.equal(alive(broker), true);
		assert.equal(server.pid('broker'), broker);
		const log = server.log('broker.log').length;
		assert.ok(log < 1e6, `a log of ${log} bytes`);
		for (const c of crowd)
			c.end();
		const next = await until(() => open(server, { token: ann.token }).catch(() => null),
			'room for the next one');
		await next.find('ready');
		assert.equal(server.pid('broker'), broker);
		end_all();
	});
});
