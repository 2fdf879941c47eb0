// A person who enters or leaves a room is told so on every device, joined or not.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
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
const added = (ear, room_id) =>
	ear.find((f) => f.type === 'room_added' && f.room.id === room_id, `room_added ${room_id}`);
const left = (ear, room_id) =>
	ear.find((f) => f.type === 'room_left' && f.room_id === room_id, `room_left ${room_id}`);
const about = (ear, room_id) => ear.frames.filter((f) =>
	['room_added', 'room_left', 'room_removed'].includes(f.type)
	&& (f.room_id ?? f.room.id) === room_id);

// Once these have received a later event, they have received everything before it.
async function marker(...ears) {
	const room = await ann.room({ name: 'marker', member_ids: [bob.id, eve.id] });

	for (const ear of ears)
		await added(ear, room.id);
}

const ways_in = {
	'joining by REST': (room) => bob.join(room.id),
	'being added': (room) => ann.want(201, 'POST', `/rooms/${room.id}/members`, {
		body: { user_id: bob.id },
	}),
	'an invite': async (room) => {
		const invite = await ann.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });
		await bob.call('POST', `/invites/${invite.code}`);
	},
	'the join frame of another device': async (room) => {
		const other = await device(bob);
		await other.join(room.id);
	},
};

describe('coming into a room', () => {
	for (const [way, come] of Object.entries(ways_in))
		it(`by ${way} tells all of one's devices, and nobody else`, async () => {
			const room = await ann.room({ name: `by ${way}`, description: 'a place' });
			const ears = await Promise.all([device(bob), device(await sign_in(server, bob))]);
			const stranger = await device(eve);
			await ann.post(room.id, 'welcome');
			await come(room);
			const shown = await bob.get(`/rooms/${room.id}`);
			for (const ear of ears) {
				const { room: told, ...rest } = await added(ear, room.id);
				assert.deepEqual(rest, { type: 'room_added' });
				assert.deepEqual(told, shown);
			}
			await marker(...ears, stranger);
			assert.deepEqual(about(stranger, room.id), []);
			for (const ear of ears)
				assert.equal(about(ear, room.id).length, 1, 'once');
		});

	it('tells both of a direct room that is opened', async () => {
		const one = await actor(server, 'one');
		const [a, b] = [await device(one), await device(bob)];
		const room = await one.want(201, 'POST', '/rooms', { body: { kind: 'direct', user_id: bob.id } });
		assert.equal((await added(a, room.id)).room.peer.id, bob.id);
		assert.equal((await added(b, room.id)).room.peer.id, one.id);
	});

	it('tells all whom a new room begins with', async () => {
		const [a, b, e] = [await device(ann), await device(bob), await device(eve)];
		const room = await ann.room({ member_ids: [bob.id] });
		assert.equal((await added(a, room.id)).room.me.role, 'owner');
		assert.equal((await added(b, room.id)).room.me.role, 'member');
		await marker(e);
		assert.deepEqual(about(e, room.id), []);
	});
});

const ways_out = {
	left: (room) => bob.want(204, 'POST', `/rooms/${room.id}/leave`),
	removed: (room) => ann.want(204, 'DELETE', `/rooms/${room.id}/members/${bob.id}`),
	banned: (room) => ann.ban(room.id, bob.id),
	room_removed: (room) => ann.want(204, 'DELETE', `/rooms/${room.id}`),
};

describe('going out of a room', () => {
	for (const [reason, go] of Object.entries(ways_out)) {
		it(`says ${reason} to devices that have not joined it`, async () => {
			const room = await ann.room({ member_ids: [bob.id] });
			const ears = await Promise.all([device(bob), device(await sign_in(server, bob))]);
			const stranger = await device(eve);
			await go(room);
			for (const ear of ears)
				assert.deepEqual(await left(ear, room.id), { type: 'room_left', room_id: room.id, reason });
			await marker(...ears, stranger);
			assert.deepEqual(about(stranger, room.id), []);
			for (const ear of ears)
				assert.equal(about(ear, room.id).filter((f) => f.type === 'room_left').length, 1, 'once');
		});

		it(`says so once to each where one has joined: ${reason}`, async () => {
			const room = await ann.room({ member_ids: [bob.id] });
			const [in_it, not] = [await device(bob), await device(bob)];
			await in_it.join(room.id);
			await go(room);
			await left(not, room.id);
			await in_it.find((f) => ['room_left', 'room_removed'].includes(f.type)
				&& f.room_id === room.id, 'word of it');
			await marker(in_it, not);
			const word = reason === 'room_removed'
				? { type: 'room_removed', room_id: room.id }
				: { type: 'room_left', room_id: room.id, reason };
			assert.deepEqual(about(in_it, room.id).filter((f) => f.type !== 'room_added'), [word]);
			assert.deepEqual(about(not, room.id).filter((f) => f.type !== 'room_added'),
				[{ type: 'room_left', room_id: room.id, reason }]);
		});
	}

	it('and coming back is told in this order', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const b = await device(bob);
		await ann.ban(room.id, bob.id);
		await left(b, room.id);
		await ann.ban(room.id, bob.id, false);
		await added(b, room.id);
		assert.deepEqual(about(b, room.id).map((f) => f.type).slice(-2), ['room_left', 'room_added']);
	});

	it('a ban of somebody who was no member tells them nothing', async () => {
		const room = await ann.room();
		const e = await device(eve);
		await ann.ban(room.id, eve.id);
		await marker(e);
		assert.deepEqual(about(e, room.id), []);
	});
});

describe('an API token', () => {
	const token = async (who, scopes, fields = {}) => (await who.want(201, 'POST', '/auth/tokens', {
		body: { name: 'a script', scopes, ...fields },
	})).secret;

	it('without read hears nothing of it, with read all, a bound one of its room alone', async () => {
		const own = await ann.room({ member_ids: [bob.id] });
		const blind = await device({ token: await token(bob, ['post']) });
		const reader = await device({ token: await token(bob, ['read']) });
		const bound = await device({ token: await token(bob, ['read'], { room_id: own.id }) });
		const person = await device(bob);
		const room = await ann.room({ member_ids: [bob.id] });
		for (const ear of [person, reader])
			await added(ear, room.id);
		await ann.want(204, 'DELETE', `/rooms/${own.id}/members/${bob.id}`);
		for (const ear of [person, reader, bound])
			await left(ear, own.id);
		await marker(person, reader);
		await blind.settled();
		await bound.settled();
		for (const id of [room.id, own.id])
			assert.deepEqual(about(blind, id), []);
		assert.deepEqual(about(bound, room.id), []);
	});
});

describe('a person in a thousand rooms', () => {
	it('hears of each that they come into, and of each that goes', async () => {
		const many = await actor(server, 'many');
		const ear = await device(many);
		const ids = Array.from({ length: 1000 }, () => randomUUID());
		await server.sql(`
			WITH made AS (INSERT INTO rooms (id, kind, name, name_key, max_members)
				SELECT id, 'group', 'one of many', 'one of many', 10
				FROM unnest('{${ids}}'::uuid[]) id RETURNING no),
			heads AS (INSERT INTO room_heads (room_no, seq, member_count) SELECT no, 1, 1 FROM made),
			people AS (INSERT INTO members (room_no, user_id, role, joined_seq, read_seq, delivered_seq)
				SELECT no, '${many.id}', 'owner', 1, 1, 1 FROM made)
			INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, subject_id, type, data)
			SELECT no, 1, 0, statement_timestamp(), '${many.id}', '${many.id}', 'member',
				'{"action": "joined", "role": "owner", "muted_until": null}' FROM made`);
		for (const id of ids)
			await added(ear, id);
		const later = await device(await sign_in(server, many));
		assert.equal(later.ready.rooms.length, 200);
		await server.sql(`DELETE FROM rooms WHERE id = ANY ('{${ids}}')`);
		for (const one of [ear, later])
			for (const id of ids)
				assert.equal((await left(one, id)).reason, 'room_removed');
		await later.settled();
		for (const one of [ear, later])
			assert.equal(one.frames.filter((f) => f.type === 'room_left').length, 1000);
	});
});
