// Typing: who is told that somebody is writing, and until when.

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

async function joined(who, room) {
	const connection = await live(server, { token: who.token });
	await connection.join(room.id);
	return connection;
}

const type = (connection, room, on = true) =>
	connection.send({ type: 'typing', room_id: room.id, on });

const typings = (connection) => connection.frames.filter((f) => f.type === 'typing');

const hears = (connection, room, who, on, options) => connection.find((f) => f.type === 'typing'
	&& f.room_id === room.id && f.user_id === who.id && f.on === on,
	`typing ${on} of ${who.login}`, options);

// Waits for a later event of the room: a typing frame would have arrived before it.
async function heard_nothing(connection, room, by) {
	const { id } = await by.post(room.id, 'a mark');
	await connection.find((f) => f.type === 'message' && f.id === id, 'the mark');
	await connection.settled();
	assert.deepEqual(typings(connection), []);
}

describe('typing', () => {
	it('is told to those who listen, and to no device of the one who writes', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		const other = await joined(await sign_in(server, ann), room);
		type(a, room);
		assert.deepEqual(await hears(b, room, ann, true),
			{ type: 'typing', room_id: room.id, user_id: ann.id, on: true });
		type(a, room, false);
		await hears(b, room, ann, false);
		for (const own of [a, other]) {
			await own.settled();
			assert.deepEqual(typings(own), []);
		}
	});

	it('is told only once in a while, however often it is sent', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		for (let i = 0; i < 50; i++)
			type(a, room);
		await hears(b, room, ann, true);
		for (let i = 0; i < 20; i++)
			type(a, room, i % 2 > 0);
		await a.message(room.id, 'done');
		await b.find('message');
		await b.settled();
		assert.deepEqual(typings(b).map((f) => f.on), [true, false]);
	});

	it('ends by itself when nothing more is said', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		type(a, room);
		await hears(b, room, ann, true);
		await hears(b, room, ann, false);
		await a.settled();
	});

	for (const [what, end] of [
		['a message by the connection', (a, room) => a.message(room.id, 'there')],
		['a message by REST', (a, room) => ann.post(room.id, 'there')],
		['leaving off listening', (a, room) => a.want('left', { type: 'leave', room_id: room.id })],
		['the end of the connection', (a) => a.end()],
		['leaving the room', (a, room) => ann.want(204, 'POST', `/rooms/${room.id}/leave`)],
		['being muted', (a, room) => bob.want(200, 'PUT', `/rooms/${room.id}/members/${ann.id}`, {
			body: { muted_until: '2100-01-01T00:00:00Z' },
		})],
	])
		it(`ends with ${what}`, async () => {
			const room = await bob.room({ member_ids: [ann.id] });
			const [a, b] = [await joined(ann, room), await joined(bob, room)];
			type(a, room);
			await hears(b, room, ann, true);
			await end(a, room);
			// sooner than by the timeout: nothing else is told in between
			await hears(b, room, ann, false, { ms: 7000 });
			assert.equal(typings(b).length, 2);
		});

	it('is a member\'s, listening or not', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await live(server, { token: ann.token }), await joined(bob, room)];
		type(a, room);
		await hears(b, room, ann, true);
		a.end();
		await hears(b, room, ann, false);
	});
});

describe('who may not write', () => {
	it('is refused in the words of a message, and nobody is told', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const a = await joined(ann, room);
		const stranger = await live(server, { token: (await actor(server)).token });
		await stranger.refused('not_found', { type: 'typing', room_id: room.id, on: true });
		const b = await joined(bob, room);
		await ann.want(200, 'PUT', `/rooms/${room.id}/members/${bob.id}`, {
			body: { muted_until: '2100-01-01T00:00:00Z' },
		});
		const muted = await b.refused('forbidden', { type: 'typing', room_id: room.id, on: true });
		assert.match(muted.detail, /muted/);
		await ann.ban(room.id, eve.id);
		const e = await live(server, { token: eve.token });
		await e.refused('forbidden', { type: 'typing', room_id: room.id, on: true });
		await heard_nothing(a, room, ann);
	});

	it('in a direct room is whom the other one does not hear', async () => {
		const [who, shy] = [await actor(server), await actor(server)];
		const room = await who.want(201, 'POST', '/rooms', { body: { kind: 'direct', user_id: shy.id } });
		const [w, s] = [await joined(who, room), await joined(shy, room)];
		await shy.want(200, 'PUT', '/users/me', { body: { settings: { who_can_write: 'nobody' } } });
		await w.refused('cannot_write', { type: 'typing', room_id: room.id, on: true });
		await heard_nothing(s, room, shy);
	});

	it('says what is wrong with a frame, by field', async () => {
		const a = await live(server, { token: ann.token });
		const room = await ann.room();
		for (const [frame, field] of [
			[{ room_id: room.id }, 'on'], [{ on: true }, 'room_id'],
			[{ room_id: room.id, on: 'yes' }, 'on'], [{ room_id: room.id, on: true, off: 1 }, 'off'],
		]) {
			const { errors } = await a.refused('invalid', { type: 'typing', ...frame });
			assert.deepEqual(errors.map((e) => e.field), [field]);
		}
	});
});

describe('a block', () => {
	it('hides typing both ways, and only between the two', async () => {
		const [one, two] = [await actor(server), await actor(server)];
		const room = await ann.room({ member_ids: [one.id, two.id] });
		await one.want(201, 'POST', '/contacts', { body: { user_id: two.id, blocked: true } });
		const [a, x, y] = [await joined(ann, room), await joined(one, room), await joined(two, room)];
		type(x, room);
		await hears(a, room, one, true);
		type(y, room);
		await hears(a, room, two, true);
		await heard_nothing(x, room, ann);
		await heard_nothing(y, room, ann);
	});
});
