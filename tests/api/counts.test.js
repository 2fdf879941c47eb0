// Unread messages and mentions, as the room list and `ready` count them: exact, whatever
// happened to the messages and to the membership.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
});

// A new member of a room of Ann's, and what the list and the room count as unread.
async function reader(fields = {}) {
	const bob = await actor(server, 'bob');
	const room = await ann.room({ member_ids: [bob.id], ...fields });
	const counts = async () => {
		const one = (await bob.get(`/rooms/${room.id}`)).me;
		const listed = (await bob.get('/rooms')).items.find((r) => r.id === room.id).me;
		assert.deepEqual(listed, one);
		return [one.unread, one.mentions];
	};
	return { bob, room, counts, say: (text) => ann.post(room.id, text) };
}

describe('unread and mentions', () => {
	it('count what came, until it is read', async () => {
		const { bob, room, counts, say } = await reader();
		assert.deepEqual(await counts(), [0, 0]);
		await say('hello');
		const second = await say(`hello @${bob.login}`);
		await say(`@${bob.login} are you there, @${bob.login}?`);
		assert.deepEqual(await counts(), [3, 2]);
		await bob.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq: second.seq } });
		assert.deepEqual(await counts(), [1, 1]);
		await bob.post(room.id, 'I am, and have read it');
		assert.deepEqual(await counts(), [0, 0]);
		assert.equal((await bob.get(`/rooms/${room.id}`)).last_message.text, 'I am, and have read it');
	});

	it('count no message that was deleted, before or after it was read', async () => {
		const { bob, room, counts, say } = await reader();
		const first = await say(`@${bob.login}`), second = await say('two'), third = await say('three');
		await ann.want(204, 'DELETE', `/messages/${first.id}`);
		assert.deepEqual(await counts(), [2, 0]);
		await bob.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq: second.seq } });
		await ann.want(204, 'DELETE', `/messages/${second.id}`);
		assert.deepEqual(await counts(), [1, 0]);
		await ann.want(204, 'DELETE', `/messages/${third.id}`);
		assert.deepEqual(await counts(), [0, 0]);
	});

	it('follow an edit that mentions, or does so no more', async () => {
		const { bob, counts, say } = await reader();
		const message = await say('hello');
		await ann.want(200, 'PUT', `/messages/${message.id}`, { body: { text: `@${bob.login}` } });
		assert.deepEqual(await counts(), [1, 1]);
		await ann.want(200, 'PUT', `/messages/${message.id}`, { body: { text: 'hello' } });
		assert.deepEqual(await counts(), [1, 0]);
	});

	it('begin anew for somebody who leaves and returns', async () => {
		for (const history of ['all', 'since_join']) {
			const { bob, room, counts, say } = await reader();
			await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { settings: { history } } });
			const early = await say(`@${bob.login}`);
			await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
			await say('meanwhile');
			await bob.join(room.id);
			assert.deepEqual(await counts(), [0, 0]);
			await ann.want(204, 'DELETE', `/messages/${early.id}`);
			assert.deepEqual(await counts(), [0, 0]);
			await say(`@${bob.login} again`);
			assert.deepEqual(await counts(), [1, 1]);
		}
	});

	it('are not changed by events that are no messages', async () => {
		const { bob, room, counts, say } = await reader();
		await say('hello');
		await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { name: 'another' } });
		await (await actor(server)).join(room.id);
		assert.deepEqual(await counts(), [1, 0]);
		const { seq } = await bob.get(`/rooms/${room.id}`);
		await bob.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq } });
		assert.deepEqual(await counts(), [0, 0]);
	});
});
