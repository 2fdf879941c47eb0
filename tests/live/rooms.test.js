// What happens to listeners when their room is removed or they are banned, leave, or are muted.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
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

describe('a removed room', () => {
	it('is told to every listener, once, and the connection stays', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		for (const ear of [a, b]) {
			assert.deepEqual(await ear.find('room_removed'), { type: 'room_removed', room_id: room.id });
			await ear.settled();
			assert.equal(ear.frames.filter((f) => f.type === 'room_removed').length, 1);
		}
		for (const frame of [{ type: 'message', text: 'x', client_id: randomUUID() }, { type: 'join' }])
			await b.refused('not_found', { ...frame, room_id: room.id });
		await b.settled();
	});

	it('does not disturb another room of the same connection', async () => {
		const [one, two] = [await ann.room(), await ann.room()];
		const a = await joined(ann, one);
		await a.join(two.id);
		await ann.want(204, 'DELETE', `/rooms/${one.id}`);
		await a.find('room_removed');
		const ack = await a.message(two.id, 'still here');
		await a.find((f) => f.type === 'message' && f.id === ack.id, 'it');
	});
});

describe('a ban', () => {
	it('ends listening: room_left to the banned, member to the rest, and silence', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const [b, e] = [await joined(bob, room), await joined(eve, room)];
		await ann.ban(room.id, bob.id);
		const left = await b.find('room_left');
		assert.equal(left.room_id, room.id);
		assert.equal(left.reason, 'banned');
		const told = await e.find((f) => f.type === 'member' && f.action === 'banned', 'the ban');
		assert.equal(told.user.id, bob.id);
		const sent = await ann.post(room.id, 'not for bob');
		await e.find((f) => f.type === 'message' && f.id === sent.id, 'the message');
		await b.settled();
		assert.deepEqual(b.events(room.id).filter((f) => f.seq > told.seq), []);
		assert.ok(['forbidden', 'not_found'].includes((await b.want('error',
			{ type: 'message', room_id: room.id, text: 'x', client_id: randomUUID() })).code));
		assert.ok(['forbidden', 'not_found'].includes((await b.want('error',
			{ type: 'join', room_id: room.id })).code));
		assert.equal((await ann.get(`/rooms/${room.id}`)).seq, sent.seq);
	});

	it('reaches all of a person\'s connections', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const ears = await Promise.all([1, 2, 3].map(() => joined(bob, room)));
		await ann.ban(room.id, bob.id);
		for (const ear of ears)
			await ear.find('room_left');
	});

	it('undone lets back in, with everything since by after', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room);
		const { seq } = await ann.get(`/rooms/${room.id}`);
		await ann.ban(room.id, bob.id);
		await b.find('room_left');
		await ann.post(room.id, 'meanwhile');
		await ann.ban(room.id, bob.id, false);
		const back = await b.join(room.id, { after: seq, epoch: b.ready.epoch });
		assert.equal(back.recovered, true);
		const ack = await b.message(room.id, 'back');
		await b.find((f) => f.type === 'message' && f.id === ack.id, 'own message');
		const seqs = b.events(room.id).filter((f) => b.frames.indexOf(f) > b.frames.indexOf(back))
			.map((f) => f.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seq + 1 + i));
		assert.equal(seqs.at(-1), ack.seq);
	});
});

describe('leaving and being put out', () => {
	it('leaving over REST ends listening on every connection of that person', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room);
		await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		assert.equal((await b.find('room_left')).reason, 'left');
		const a = await joined(ann, room);
		const ack = await a.message(room.id, 'alone');
		await a.find((f) => f.type === 'message' && f.id === ack.id, 'it');
		await b.settled();
		assert.deepEqual(b.messages(room.id), []);
	});

	it('the leave frame stops listening only', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room);
		assert.equal((await b.want('left', { type: 'leave', room_id: room.id })).room_id, room.id);
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.role, 'member');
		const ack = await b.message(room.id, 'posting works without listening');
		assert.ok(ack.seq > 0);
	});
});

describe('a mute', () => {
	it('refuses messages, but the person goes on listening', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await joined(bob, room);
		await ann.want(200, 'PUT', `/rooms/${room.id}/members/${bob.id}`, {
			body: { muted_until: new Date(Date.now() + 3600e3).toISOString() },
		});
		await b.refused('forbidden', {
			type: 'message', room_id: room.id, text: 'x', client_id: randomUUID(),
		});
		const sent = await ann.post(room.id, 'you can hear me');
		await b.find((f) => f.type === 'message' && f.id === sent.id, 'it');
	});
});

describe('what one room refuses', () => {
	it('closes no connection and disturbs no other room', async () => {
		const room = await ann.room();
		const hidden = await eve.room({ join_by_id: false });
		const a = await joined(ann, room);
		for (const frame of [
			{ type: 'join', room_id: hidden.id },
			{ type: 'leave', room_id: hidden.id },
			{ type: 'message', room_id: hidden.id, text: 'x', client_id: 'k' },
			{ type: 'message', room_id: room.id, text: 'x'.repeat(8001), client_id: 'k' },
			{ type: 'message', room_id: room.id, text: '', client_id: 'k' },
			{ type: 'message', room_id: room.id, text: 'x', reply_to: randomUUID(), client_id: 'k' },
			{ type: 'message', text: 'no room', client_id: 'k' },
			{ type: 'edit', id: randomUUID(), text: 'x' },
		]) {
			const reply = await a.ask(frame);
			assert.ok(['error', 'left'].includes(reply.type), JSON.stringify(reply));
			if (reply.type === 'error')
				assert.match(reply.code, /^[a-z_]+$/);
		}
		const ack = await a.message(room.id, 'fine');
		await a.find((f) => f.type === 'message' && f.id === ack.id, 'it');
	});
});
