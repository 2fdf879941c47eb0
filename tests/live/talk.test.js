// Talking: a message is sent by any path, committed, acknowledged, and delivered to everybody.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { end_all, live } from '../lib/live.js';
import { actor, TIME } from '../lib/rest.js';
import { shared } from '../lib/server.js';

const run = promisify(execFile);
let server, ann, bob, room;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});
afterEach(end_all);
after(end_all);

const connect = (who, options = {}) => live(server, { token: who.token, ...options });

async function joined(who, options) {
	const connection = await connect(who, options);
	connection.joined = await connection.join(room.id);
	return connection;
}

const message = (id) => (f) => f.type === 'message' && f.id === id;

describe('a message over the live connection', () => {
	it('is acknowledged with its place, and delivered to all including its sender', async () => {
		const [a, b, c] = [await joined(ann), await joined(bob), await joined(bob)];
		const client_id = randomUUID();
		const ack = await a.message(room.id, 'Привет 👋', { client_id });
		assert.deepEqual(Object.keys(ack).sort(),
			['client_id', 'created_at', 'id', 'ref', 'room_id', 'seq', 'type']);
		assert.equal(ack.client_id, client_id);
		assert.equal(ack.room_id, room.id);
		assert.match(ack.created_at, TIME);
		for (const ear of [a, b, c]) {
			const heard = await ear.find(message(ack.id), 'the message');
			assert.equal(heard.text, 'Привет 👋');
			assert.equal(heard.seq, ack.seq);
			assert.equal(heard.room_id, room.id);
			assert.equal(heard.created_at, ack.created_at);
			assert.equal(heard.client_id, client_id);
			assert.equal(heard.sender.id, ann.id);
			assert.equal(heard.sender.login, ann.login);
			assert.equal('status' in heard, false);
			assert.equal('mine' in heard, false);
			assert.equal(ear.messages(room.id).filter((m) => m.id === ack.id).length, 1);
		}
	});

	it('is the same that REST shows', async () => {
		const a = await joined(ann);
		const ack = await a.message(room.id, 'the same');
		const read = await bob.get(`/messages/${ack.id}`);
		const heard = await a.find(message(ack.id), 'the message');
		for (const field of ['id', 'room_id', 'seq', 'sender', 'kind', 'text', 'data', 'reply_to',
			'created_at', 'edited_at', 'deleted_at'])
			assert.deepEqual(heard[field], read[field], field);
	});

	it('that answers no message of the room is refused, by the name of the field', async () => {
		const a = await joined(ann);
		const other = await ann.post((await ann.room()).id, 'elsewhere');
		for (const reply_to of [randomUUID(), other.id]) {
			const error = await a.ask({ type: 'message', room_id: room.id, text: 'x', reply_to,
				client_id: randomUUID() });
			assert.deepEqual([error.type, error.code], ['error', 'invalid']);
			assert.deepEqual(error.errors.map((e) => e.field), ['reply_to']);
		}
	});

	it('mentions members at once, without being read back', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const ack = await a.message(room.id, `hello @${bob.login}, and @nobody.at.all`);
		const heard = await b.find(message(ack.id), 'the message');
		assert.deepEqual(heard.mentions, [bob.id]);
		assert.deepEqual((await bob.get(`/messages/${ack.id}`)).mentions, [bob.id]);
	});

	it('is not heard by who has not joined, or has left', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const idle = await connect(bob);
		await b.want('left', { type: 'leave', room_id: room.id });
		const ack = await a.message(room.id, 'to few');
		await a.find(message(ack.id), 'the message');
		await b.settled();
		await idle.settled();
		assert.deepEqual([...b.messages(room.id), ...idle.messages(room.id)], []);
	});

	it('of a hundred sent in one breath comes in the order sent, acks and events', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const refs = Array.from({ length: 100 }, (_, i) => `n${i}`);
		for (const ref of refs)
			a.send({ type: 'message', ref, room_id: room.id, client_id: randomUUID(), text: ref });
		await a.find((f) => f.type === 'ack' && f.ref === 'n99', 'last ack');
		await a.find((f) => f.type === 'message' && f.text === 'n99', 'last message');
		await b.find((f) => f.type === 'message' && f.text === 'n99', 'last message');
		const acks = a.frames.filter((f) => f.type === 'ack');
		assert.deepEqual(acks.map((f) => f.ref), refs);
		assert.deepEqual(acks.map((f) => f.seq), acks.map((_, i) => acks[0].seq + i));
		for (const ear of [a, b])
			assert.deepEqual(ear.messages(room.id).map((m) => m.text), refs);
	});

	it('of several writers at once: every listener has one and the same order', async () => {
		const crowd = await Promise.all(Array.from({ length: 6 }, async () => {
			const who = await actor(server);
			await who.join(room.id);
			return joined(who);
		}));
		const from = crowd[0].joined.seq;
		await Promise.all(crowd.flatMap((who, n) => Array.from({ length: 20 },
			(_, i) => who.message(room.id, `${n}.${i}`, { client_id: randomUUID() }))));
		const last = Math.max(...crowd.map((w) => w.frames.filter((f) => f.type === 'ack').at(-1).seq));
		for (const ear of crowd)
			await ear.find((f) => f.seq === last && f.type === 'message', `seq ${last}`);
		const orders = crowd.map((ear) => ear.messages(room.id).filter((m) => m.seq > from)
			.map((m) => [m.seq, m.id]));
		const longest = orders.sort((x, y) => y.length - x.length)[0];
		assert.equal(longest.length >= 120, true);
		for (const order of orders)
			assert.deepEqual(order, longest.slice(longest.length - order.length));
		assert.deepEqual(longest.map(([seq]) => seq), longest.map((_, i) => longest[0][0] + i));
	});

	it('client_id is made for who sends none', async () => {
		const a = await joined(ann);
		const one = await a.message(room.id, 'x');
		const two = await a.message(room.id, 'x');
		assert.notEqual(one.id, two.id);
	});
});

describe('a message over REST', () => {
	it('is heard live, in order with the others', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const sent = [];
		for (let i = 0; i < 10; i++)
			sent.push(i % 2 ? (await a.message(room.id, `live ${i}`)).id
				: (await bob.post(room.id, `rest ${i}`)).id);
		for (const ear of [a, b]) {
			await ear.find(message(sent.at(-1)), 'the last');
			assert.deepEqual(ear.messages(room.id).map((m) => m.id), sent);
		}
	});

	it('carries the sender\'s client_id to the listeners', async () => {
		const a = await joined(ann);
		const client_id = randomUUID();
		const sent = await ann.post(room.id, 'x', { client_id });
		assert.equal((await a.find(message(sent.id), 'it')).client_id, client_id);
	});

	it('members coming and going are heard too', async () => {
		const a = await joined(ann);
		const eve = await actor(server, 'eve');
		await eve.join(room.id);
		await eve.want(204, 'POST', `/rooms/${room.id}/leave`);
		const left = await a.find((f) => f.type === 'member' && f.action === 'left', 'left');
		assert.equal(left.user.id, eve.id);
		const came = a.frames.find((f) => f.type === 'member' && f.action === 'joined');
		assert.equal(came.user.id, eve.id);
		assert.equal(came.role, 'member');
		assert.equal(left.seq, came.seq + 1);
	});
});

describe('a message once', () => {
	it('the same client_id live twice: one message, one ack each, the same', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const client_id = randomUUID();
		const one = await a.message(room.id, 'once', { client_id });
		const two = await a.message(room.id, 'once', { client_id });
		const { ref: r1, ...first } = one;
		const { ref: r2, ...second } = two;
		assert.deepEqual(second, first);
		const after_it = await a.message(room.id, 'after');
		await b.find(message(after_it.id), 'after');
		assert.equal(b.messages(room.id).filter((m) => m.id === one.id).length, 1);
		assert.equal(after_it.seq, one.seq + 1);
	});

	it('in one breath with itself', async () => {
		const a = await joined(ann);
		const client_id = randomUUID();
		const acks = await Promise.all(Array.from({ length: 10 },
			() => a.message(room.id, 'breath', { client_id })));
		assert.equal(new Set(acks.map((x) => x.id)).size, 1);
		await a.settled();
		assert.equal(a.messages(room.id).length, 1);
	});

	it('across REST and live, in either order', async () => {
		const a = await joined(ann);
		const [k1, k2] = [randomUUID(), randomUUID()];
		const live_first = await a.message(room.id, 'x', { client_id: k1 });
		assert.equal((await ann.post(room.id, 'x', { client_id: k1 })).id, live_first.id);
		const rest_first = await ann.post(room.id, 'y', { client_id: k2 });
		assert.equal((await a.message(room.id, 'y', { client_id: k2 })).id, rest_first.id);
		assert.equal((await ann.want(201, 'POST', `/rooms/${room.id}/messages`, {
			body: { text: 'x' }, headers: { 'Idempotency-Key': k1 },
		})).id, live_first.id);
	});

	it('with another text is idempotency_mismatch, whichever came first', async () => {
		const a = await joined(ann);
		const [k1, k2] = [randomUUID(), randomUUID()];
		await a.message(room.id, 'x', { client_id: k1 });
		await ann.refused(422, 'idempotency_mismatch', 'POST', `/rooms/${room.id}/messages`, {
			body: { text: 'other', client_id: k1 },
		});
		await ann.post(room.id, 'y', { client_id: k2 });
		await a.refused('idempotency_mismatch', {
			type: 'message', room_id: room.id, text: 'other', client_id: k2,
		});
	});

	it('a hundred at once over REST and live with one key are one message', async () => {
		const [a, b] = [await joined(ann), await joined(ann)];
		const client_id = randomUUID();
		const ids = await Promise.all(Array.from({ length: 100 }, async (_, i) => (
			i % 3 === 0 ? ann.post(room.id, 'storm', { client_id })
				: (i % 3 === 1 ? a : b).message(room.id, 'storm', { client_id }))));
		assert.equal(new Set(ids.map((m) => m.id)).size, 1);
	});
});

describe('one with curl, one with a WebSocket client, through lighttpd', () => {
	const texts = [
		['Cyrillic', 'Съешь же ещё этих мягких французских булок, да выпей чаю'],
		['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 💬'],
		['8,000 letters of one byte', 'abcdefgh'.repeat(1000)],
		['8,000 Cyrillic letters', 'жшщюяёйъ'.repeat(1000)],
		['8,000 emoji', '💬🙂🎉🚀🐈🌍🍵🔔'.repeat(1000)],
	];
	const curl = async (who, ...args) => JSON.parse((await run('curl', ['-sS', '--fail-with-body',
		'-H', `Authorization: Bearer ${who.token}`, ...args], { maxBuffer: 64 << 20 })).stdout);

	for (const [name, text] of texts)
		it(`${name} go both ways unchanged`, async () => {
			const url = `${server.api}/rooms/${room.id}/messages`;
			const b = await joined(bob);
			const sent = await curl(ann, '--data-binary', text,
				'-H', 'Content-Type: text/plain; charset=utf-8', url);
			const heard = await b.find(message(sent.id), 'what curl said');
			assert.equal(heard.text, text);
			assert.equal(sent.text, text);

			const form = await curl(ann, '--data-urlencode', `text=${text}`, url);
			assert.equal((await b.find(message(form.id), 'the form')).text, text);

			const ack = await b.message(room.id, text);
			const list = await curl(ann, `${url}?limit=1`);
			assert.equal(list.items[0].id, ack.id);
			assert.equal(list.items[0].text, text);
		});

	it('curl -d "load=93% & rising" does the obvious thing', async () => {
		const b = await joined(bob);
		const sent = await curl(ann, '-d', 'load=93% & rising',
			`${server.api}/rooms/${room.id}/messages`);
		assert.equal(sent.text, 'load=93% & rising');
		assert.equal((await b.find(message(sent.id), 'it')).text, 'load=93% & rising');
	});
});
