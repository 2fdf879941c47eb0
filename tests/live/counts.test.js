// Unread messages and mentions in `ready`: exactly the same as in the list of rooms, whatever
// happened to the messages.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
});
afterEach(end_all);
after(end_all);

// Each room of a person as `ready` shows it, and as REST lists it.
async function counts(who) {
	const { ready } = await live(server, { token: who.token });
	const { items } = await who.get('/rooms?limit=100');
	const told = Object.fromEntries(ready.rooms.map((r) =>
		[r.id, { seq: r.seq, read_seq: r.read_seq, unread: r.unread, mentions: r.mentions }]));

	assert.deepEqual(told, Object.fromEntries(items.map((r) => [r.id, { seq: r.seq,
		read_seq: r.me.read_seq, unread: r.me.unread, mentions: r.me.mentions }])));
	return (room) => [told[room.id].unread, told[room.id].mentions];
}

describe('ready', () => {
	it('counts messages and mentions in each room by itself', async () => {
		const bob = await actor(server, 'bob');
		const rooms = [];
		for (let i = 0; i < 3; i++) {
			rooms.push(await ann.room({ member_ids: [bob.id] }));
			for (let j = 0; j < i * 2; j++)
				await ann.post(rooms[i].id, j % 2 ? `@${bob.login}` : 'hello');
		}
		const of = await counts(bob);
		assert.deepEqual(rooms.map(of), [[0, 0], [2, 1], [4, 2]]);
	});

	it('follows deletions, edits, reading and posting', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room({ member_ids: [bob.id] });
		const said = [];
		for (const text of ['one', `two @${bob.login}`, `three @${bob.login}`, 'four'])
			said.push(await ann.post(room.id, text));
		assert.deepEqual((await counts(bob))(room), [4, 2]);
		await ann.want(204, 'DELETE', `/messages/${said[1].id}`);
		assert.deepEqual((await counts(bob))(room), [3, 1]);
		await ann.want(200, 'PUT', `/messages/${said[3].id}`, { body: { text: `@${bob.login}` } });
		assert.deepEqual((await counts(bob))(room), [3, 2]);
		await ann.want(200, 'PUT', `/messages/${said[2].id}`, { body: { text: 'three' } });
		assert.deepEqual((await counts(bob))(room), [3, 1]);
		await bob.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq: said[2].seq } });
		assert.deepEqual((await counts(bob))(room), [1, 1]);
		await bob.post(room.id, 'all of it');
		assert.deepEqual((await counts(bob))(room), [0, 0]);
	});

	it('counts no mention by whom one blocks, and what they say all the same', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room({ member_ids: [bob.id] });
		await ann.post(room.id, `before @${bob.login}`);
		await bob.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
		await ann.post(room.id, `after @${bob.login}`);
		assert.deepEqual((await counts(bob))(room), [2, 1]);
	});

	it('leaves out what one is banned from or has left, and begins anew after', async () => {
		const bob = await actor(server, 'bob');
		const room = await ann.room({ member_ids: [bob.id] });
		await ann.post(room.id, `@${bob.login}`);
		await ann.ban(room.id, bob.id);
		await counts(bob);
		await ann.post(room.id, `@${bob.login}`);
		await ann.ban(room.id, bob.id, false);
		assert.deepEqual((await counts(bob))(room), [0, 0]);
		await ann.post(room.id, `@${bob.login}`);
		assert.deepEqual((await counts(bob))(room), [1, 1]);
	});
});
