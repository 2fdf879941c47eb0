// Activity in rooms that a connection has not joined.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, sign_in } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob, eve;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
});
afterEach(end_all);
after(end_all);

const device = (who, options) => live(server, { token: who.token, ...options });
const of = (ear, room_id) =>
	ear.frames.filter((f) => f.type === 'activity' && f.room_id === room_id);
// Waits for the room's activity at this seq, or a later one.
const told = (ear, room_id, seq) => ear.find((f) => f.type === 'activity'
	&& f.room_id === room_id && f.seq >= seq, `activity of ${room_id} at ${seq}`);

// The numbers of a frame must equal those of REST's list of rooms.
async function as_listed(who, frame) {
	const { items } = await who.get('/rooms');
	const room = items.find((r) => r.id === frame.room_id);

	assert.equal(frame.seq, room.seq);
	assert.equal(frame.unread, room.me.unread);
	assert.equal(frame.mentions, room.me.mentions);
	assert.equal(frame.last_message?.id, room.last_message?.id);
	assert.equal(frame.last_message?.text, room.last_message?.text);
}

describe('a message in a room', () => {
	it('is told to each device that has not joined, as it stands in the list of rooms', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [in_it, ...not] = await Promise.all(
			[device(bob), device(bob), device(await sign_in(server, bob))]);
		const [writer, stranger] = [await device(ann), await device(eve)];
		await in_it.join(room.id);
		const sent = await ann.post(room.id, `look, @${bob.login}`);
		const event = await in_it.find((f) => f.type === 'message' && f.id === sent.id, 'message');
		for (const ear of not) {
			const frame = await told(ear, room.id, sent.seq);
			assert.deepEqual(frame, {
				type: 'activity', room_id: room.id, seq: sent.seq, unread: 1, mentions: 1,
				last_message: event,
			});
			await as_listed(bob, frame);
			assert.deepEqual(ear.events(room.id), []);
		}
		assert.equal((await told(writer, room.id, sent.seq)).unread, 0, 'writing is reading');
		await in_it.settled();
		await stranger.settled();
		assert.deepEqual(of(in_it, room.id), []);
		assert.deepEqual(of(stranger, room.id), []);
	});

	it('by a frame is told as well, and when listening stops', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await device(ann), await device(bob)];
		await b.join(room.id);
		const one = await a.message(room.id, 'one');
		await b.find((f) => f.id === one.id, 'it');
		assert.deepEqual(of(b, room.id), []);
		await b.want('left', { type: 'leave', room_id: room.id });
		const two = await a.message(room.id, 'two');
		const frame = await told(b, room.id, two.seq);
		assert.equal(frame.last_message.text, 'two');
		await as_listed(bob, frame);
	});
});

describe('whatever else happens', () => {
	it('is told: reactions, edits, deletions, which are not unread', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await device(bob);
		const [one, two] = [await ann.post(room.id, 'one'), await ann.post(room.id, 'two')];
		await told(b, room.id, two.seq);
		await ann.want(200, 'PUT', `/messages/${two.id}`, { body: { text: 'three' } });
		assert.equal((await told(b, room.id, two.seq + 1)).last_message.text, 'three');
		await ann.want(204, 'DELETE', `/messages/${one.id}`);
		const frame = await told(b, room.id, two.seq + 2);
		assert.equal(frame.unread, 1);
		await as_listed(bob, frame);
	});

	it('a member that comes is told too', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await device(bob);
		await eve.join(room.id);
		const { seq } = await ann.get(`/rooms/${room.id}`);
		const frame = await told(b, room.id, seq);
		assert.equal(frame.last_message, null);
		assert.equal(frame.unread, 0);
	});
});

describe('reading', () => {
	const ways = {
		'by REST': (room, seq) =>
			bob.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq } }),
		'by a frame': async (room, seq) =>
			(await device(bob)).send({ type: 'read', room_id: room.id, seq }),
	};

	for (const [way, read] of Object.entries(ways))
		it(`${way} is told to one's other devices, with what is unread now`, async () => {
			const room = await ann.room({ member_ids: [bob.id] });
			const [b, stranger] = [await device(bob), await device(eve)];
			const sent = [];
			for (const text of ['one', 'two', 'three'])
				sent.push(await ann.post(room.id, `${text} @${bob.login}`));
			await told(b, room.id, sent[2].seq);
			const from = b.frames.length;
			await read(room, sent[1].seq);
			const frame = await b.find((f) => f.type === 'activity' && f.room_id === room.id
				&& f.unread === 1, 'one unread', { from });
			assert.equal(frame.mentions, 1);
			assert.equal(frame.seq, sent[2].seq);
			await as_listed(bob, frame);
			await stranger.settled();
			assert.deepEqual(of(stranger, room.id), []);
		});
});

describe('a busy room', () => {
	it('is told at most once a second, and at last as it is', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await device(ann), await device(bob)];
		const began = Date.now();
		let ack;
		for (let i = 0; i < 20; i++)
			ack = (await Promise.all(Array.from({ length: 25 }, (_, j) =>
				a.message(room.id, `${i}.${j}`)))).at(-1);
		const frame = await told(b, room.id, ack.seq);
		const seconds = (Date.now() - began) / 1000;
		assert.equal(frame.unread, 500);
		await as_listed(bob, frame);
		assert.ok(of(b, room.id).length <= seconds + 2,
			`${of(b, room.id).length} in ${seconds} s`);
	});

	it('does not keep fifty others waiting', async () => {
		const busy = await ann.room({ member_ids: [bob.id] });
		const rooms = await Promise.all(Array.from({ length: 50 }, () =>
			ann.room({ member_ids: [bob.id] })));
		const [a, b] = [await device(ann), await device(bob)];
		let last;
		const sent = await Promise.all(rooms.map(async (room) => {
			last = await a.message(busy.id, 'noise');
			return ann.post(room.id, room.id);
		}));
		for (const message of sent)
			assert.equal((await told(b, message.room_id, message.seq)).unread, 1);
		await told(b, busy.id, last.seq);
	});
});

describe('what somebody may not know', () => {
	it('after they were banned they hear nothing more', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const [b, e] = [await device(bob), await device(eve)];
		await ann.ban(room.id, bob.id);
		await b.find((f) => f.type === 'room_left' && f.room_id === room.id, 'room_left');
		const heard = of(b, room.id).length;
		const sent = await ann.post(room.id, 'not for bob');
		await told(e, room.id, sent.seq);
		await b.settled();
		assert.equal(of(b, room.id).length, heard);
		assert.ok(of(b, room.id).every((f) => f.seq < sent.seq));
	});

	it('is what was said before they came, where history begins with them', async () => {
		const room = await ann.room();
		await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { settings: { history: 'since_join' } } });
		await ann.post(room.id, 'before');
		await bob.join(room.id);
		const b = await device(bob);
		await eve.join(room.id);
		const { seq } = await ann.get(`/rooms/${room.id}`);
		assert.equal((await told(b, room.id, seq)).last_message, null);
		const sent = await ann.post(room.id, 'after');
		assert.equal((await told(b, room.id, sent.seq)).last_message.text, 'after');
	});

	it('is told to no API token without read, and of one room to a bound one', async () => {
		const token = async (scopes, fields = {}) => (await bob.want(201, 'POST', '/auth/tokens', {
			body: { name: 'a script', scopes, ...fields },
		})).secret;
		const [own, other] = [await ann.room({ member_ids: [bob.id] }),
			await ann.room({ member_ids: [bob.id] })];
		const blind = await device({ token: await token(['post']) });
		const reader = await device({ token: await token(['read']) });
		const bound = await device({ token: await token(['read'], { room_id: own.id }) });
		const sent = [await ann.post(other.id, 'one'), await ann.post(own.id, 'two')];
		await told(bound, own.id, sent[1].seq);
		for (const message of sent)
			await told(reader, message.room_id, message.seq);
		await blind.settled();
		await bound.settled();
		assert.deepEqual(blind.frames.filter((f) => f.type === 'activity'), []);
		assert.deepEqual(of(bound, other.id), []);
	});
});
