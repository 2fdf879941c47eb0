// How far somebody has read: PUT /rooms/{id}/read.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, owner, bob, room;

before(async () => {
	server = await shared();
	[owner, bob] = await Promise.all(['owner', 'bob'].map((n) => actor(server, n)));
	room = await owner.room({ member_ids: [bob.id] });
});

const me = async (who, id = room.id) => (await who.get(`/rooms/${id}`)).me;
const read = (who, id, seq) => who.want(204, 'PUT', `/rooms/${id}/read`, { body: { seq } });

it('moves the mark forward only, and unread with it', async () => {
	const fresh = await owner.room({ member_ids: [bob.id] });
	const sent = [];
	for (let i = 0; i < 4; i++)
		sent.push(await owner.post(fresh.id, `m${i}`));
	await owner.want(200, 'PUT', `/messages/${sent[3].id}/reactions/a`);
	assert.equal((await me(bob, fresh.id)).unread, 4);
	for (const [seq, mark, unread] of [[sent[1].seq, sent[1].seq, 2], [sent[0].seq, sent[1].seq, 2],
		[0, sent[1].seq, 2], [sent[3].seq + 1, sent[3].seq + 1, 0]]) {
		await read(bob, fresh.id, seq);
		const now = await me(bob, fresh.id);
		assert.deepEqual([now.read_seq, now.unread], [mark, unread], `seq ${seq}`);
	}
	const member = (await owner.get(`/rooms/${fresh.id}/members`)).items
		.find((m) => m.user.id === bob.id);
	assert.equal(member.read_seq, sent[3].seq + 1);
	assert.equal(member.delivered_seq, sent[3].seq + 1);
	assert.equal((await owner.get(`/rooms/${fresh.id}`)).seq, sent[3].seq + 1, 'no event');
});

it('never goes beyond the log', async () => {
	const fresh = await owner.room({ member_ids: [bob.id] });
	const sent = await owner.post(fresh.id, 'x');
	await read(bob, fresh.id, Number.MAX_SAFE_INTEGER);
	assert.equal((await me(bob, fresh.id)).read_seq, sent.seq);
	await owner.post(fresh.id, 'y');
	assert.equal((await me(bob, fresh.id)).unread, 1);
});

it('of many at once the furthest stays', async () => {
	const fresh = await owner.room({ member_ids: [bob.id] });
	const sent = [];
	for (let i = 0; i < 8; i++)
		sent.push(await owner.post(fresh.id, `m${i}`));
	await Promise.all(sent.toReversed().map((m) => read(bob, fresh.id, m.seq)));
	assert.equal((await me(bob, fresh.id)).unread, 0);
});

it('takes a seq and nothing else', async () => {
	for (const body of [{}, { seq: -1 }, { seq: 1.5 }, { seq: '1' }, { seq: null }])
		await bob.refused(422, 'invalid', 'PUT', `/rooms/${room.id}/read`, { body });
	const reply = await bob.refused(422, 'invalid', 'PUT', `/rooms/${room.id}/read`, {
		body: { seq: 1, last: 2 },
	});
	assert.deepEqual(reply.fields, ['last']);
});

it('chats are rooms here too', async () => {
	await bob.want(204, 'PUT', `/chats/${room.id}/read`, { body: { seq: 1 } });
});
