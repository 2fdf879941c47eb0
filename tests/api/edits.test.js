// Messages after posting: edited, deleted, reacted to; over REST, and as listeners see it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, TIME } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, owner, admin, ann, bob, eve, room;

before(async () => {
	server = await shared();
	[owner, admin, ann, bob, eve] = await Promise.all(
		['owner', 'admin', 'ann', 'bob', 'eve'].map((n) => actor(server, n)));
	room = await owner.room({ member_ids: [admin.id, ann.id, bob.id], join_by_id: false });
	await set(admin, { role: 'admin' });
});
afterEach(end_all);
after(end_all);

const set = (who, body) =>
	owner.want(200, 'PUT', `/rooms/${room.id}/members/${who.id}`, { body });
const muted = () => ({ muted_until: new Date(Date.now() + 3600e3).toISOString() });
const at = (message) => `/messages/${message.id}`;
const on = (message, emoji) => `${at(message)}/reactions/${encodeURIComponent(emoji)}`;
const edit = (who, message, text) => who.want(200, 'PUT', at(message), { body: { text } });
const remove = (who, message) => who.want(204, 'DELETE', at(message));
const react = (who, message, emoji) => who.want(200, 'PUT', on(message, emoji));
const seq_of = async (id = room.id) => (await owner.get(`/rooms/${id}`)).seq;
const log_after = async (seq, who = bob) =>
	(await who.get(`/rooms/${room.id}/log?after=${seq}`)).items;

// Each change, with its method and path.
const changes = (message) => [
	['PUT', at(message), { body: { text: 'changed' } }],
	['DELETE', at(message), {}],
	['PUT', on(message, '👍'), {}],
	['DELETE', on(message, '👍'), {}],
];

describe('editing', () => {
	it('the author changes the text, and everybody reads it as it is now', async () => {
		const sent = await ann.post(room.id, 'helo', { client_id: randomUUID() });
		const reply = await edit(ann, sent, 'hello');
		assert.match(reply.edited_at, TIME);
		assert.deepEqual(reply, { ...sent, text: 'hello', edited_at: reply.edited_at });
		for (const seen of [await bob.get(at(sent)),
			(await bob.get(`/rooms/${room.id}/messages`)).items.at(-1),
			(await bob.get(`/rooms/${room.id}`)).last_message]) {
			assert.equal(seen.text, 'hello');
			assert.equal(seen.edited_at, reply.edited_at);
			assert.equal(seen.seq, sent.seq);
		}
	});

	it('is one event of the log, and a wake-up for caches', async () => {
		const sent = await ann.post(room.id, 'before');
		const history = `/rooms/${room.id}/messages`;
		const etag = (await bob.call('GET', history)).headers.get('etag');
		const { edited_at } = await edit(ann, sent, 'after');
		assert.deepEqual(await log_after(sent.seq), [{
			type: 'edited', room_id: room.id, seq: sent.seq + 1, created_at: edited_at,
			id: sent.id, text: 'after', mentions: [], edited_at,
		}]);
		assert.equal((await log_after(sent.seq - 1))[0].text, 'after');
		const again = await bob.call('GET', history, { headers: { 'If-None-Match': etag } });
		assert.equal(again.status, 200);
	});

	it('to what it says already changes nothing', async () => {
		const sent = await ann.post(room.id, 'same');
		assert.deepEqual(await edit(ann, sent, 'same'), sent);
		assert.equal(await seq_of(), sent.seq);
	});

	it('takes PATCH, the other name of the field, and plain text', async () => {
		const sent = await ann.post(room.id, 'x');
		const one = await ann.want(200, 'PATCH', at(sent), { body: { content: 'one' } });
		assert.equal(one.text, 'one');
		const two = await ann.want(200, 'PUT', at(sent), { body: 'two & a=b', type: 'text/plain' });
		assert.equal(two.text, 'two & a=b');
	});

	it('is held to the rules of a text', async () => {
		const sent = await ann.post(room.id, 'x');
		for (const body of [{}, { text: null }, { text: '' }, { text: 1 }, { text: 'x'.repeat(8001) }]) {
			const reply = await ann.refused(422, 'invalid', 'PUT', at(sent), { body });
			assert.deepEqual(reply.fields, ['text']);
		}
		const reply = await ann.refused(422, 'invalid', 'PUT', at(sent), {
			body: { text: 'y', kind: 'text' },
		});
		assert.deepEqual(reply.fields, ['kind']);
		assert.equal((await edit(ann, sent, 'Ж'.repeat(8000))).text.length, 8000);
	});

	it('null clears the words beside a place', async () => {
		const data = { lat: 1.5, lon: 2, label: null };
		const sent = await ann.post(room.id, 'here', { kind: 'location', data });
		const reply = await ann.want(200, 'PUT', at(sent), { body: { text: null } });
		assert.equal(reply.text, null);
		assert.deepEqual(reply.data, data);
	});

	it('is the author\'s alone', async () => {
		const sent = await ann.post(room.id, 'mine');
		for (const who of [bob, admin, owner])
			await who.refused(403, 'forbidden', 'PUT', at(sent), { body: { text: 'theirs' } });
		assert.equal((await ann.get(at(sent))).text, 'mine');
	});

	it('the key still stands for the message, by its first request', async () => {
		const client_id = randomUUID();
		const sent = await ann.post(room.id, 'first', { client_id });
		await edit(ann, sent, 'second');
		const again = await ann.post(room.id, 'first', { client_id });
		assert.equal(again.id, sent.id);
		assert.equal(again.text, 'second');
		await ann.refused(422, 'idempotency_mismatch', 'POST', `/rooms/${room.id}/messages`, {
			body: { text: 'second', client_id },
		});
	});
});

describe('deleting', () => {
	it('leaves a tombstone in its place, and nothing of what was said', async () => {
		const sent = await ann.post(room.id, 'secret one');
		await edit(ann, sent, 'secret two');
		await edit(ann, sent, 'secret three');
		await react(bob, sent, '👍');
		await remove(ann, sent);
		const seen = await bob.get(at(sent));
		assert.match(seen.deleted_at, TIME);
		assert.equal(seen.text, null);
		assert.equal(seen.data, null);
		assert.deepEqual(seen.reactions, []);
		assert.deepEqual([seen.id, seen.seq, seen.sender], [sent.id, sent.seq, sent.sender]);
		const log = await log_after(sent.seq - 1);
		assert.doesNotMatch(JSON.stringify(log), /secret/);
		assert.deepEqual(log.map((e) => e.type),
			['message', 'edited', 'edited', 'reaction', 'deleted']);
		assert.deepEqual(log.at(-1), {
			type: 'deleted', room_id: room.id, seq: sent.seq + 4, id: sent.id,
			created_at: seen.deleted_at,
		});
	});

	it('again is 204, and no second event', async () => {
		const sent = await ann.post(room.id, 'x');
		await remove(ann, sent);
		await remove(ann, sent);
		await remove(owner, sent);
		assert.equal(await seq_of(), sent.seq + 1);
	});

	it('admins and the owner may, other members may not', async () => {
		for (const who of [admin, owner]) {
			const sent = await ann.post(room.id, 'x');
			await bob.refused(403, 'forbidden', 'DELETE', at(sent));
			await remove(who, sent);
		}
	});

	it('in a direct room each deletes their own', async () => {
		const direct = await ann.want(201, 'POST', '/rooms', {
			body: { kind: 'direct', user_id: bob.id },
		});
		const sent = await ann.post(direct.id, 'x');
		await bob.refused(403, 'forbidden', 'DELETE', at(sent));
		await remove(ann, sent);
	});

	it('is the end: no edit and no reaction follows', async () => {
		const sent = await ann.post(room.id, 'x');
		await remove(ann, sent);
		await ann.refused(409, 'conflict', 'PUT', at(sent), { body: { text: 'y' } });
		await bob.refused(409, 'conflict', 'PUT', on(sent, '👍'));
		await bob.want(204, 'DELETE', on(sent, '👍'));
		assert.equal(await seq_of(), sent.seq + 1);
	});

	it('unread does not count it, and its key gives the tombstone', async () => {
		const before_it = (await bob.get(`/rooms/${room.id}`)).me.unread;
		const client_id = randomUUID();
		const sent = await ann.post(room.id, 'x', { client_id });
		await remove(ann, sent);
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.unread, before_it);
		const again = await ann.post(room.id, 'x', { client_id });
		assert.equal(again.id, sent.id);
		assert.match(again.deleted_at, TIME);
	});
});

describe('reacting', () => {
	it('each person once with each emoji, the oldest first', async () => {
		const sent = await ann.post(room.id, 'x');
		assert.deepEqual(await react(bob, sent, '👍'), { emoji: '👍', count: 1, mine: true });
		assert.deepEqual(await react(bob, sent, '👍'), { emoji: '👍', count: 1, mine: true });
		assert.deepEqual(await react(ann, sent, '❤️'), { emoji: '❤️', count: 1, mine: true });
		assert.deepEqual(await react(ann, sent, '👍'), { emoji: '👍', count: 2, mine: true });
		for (const [who, mine] of [[ann, [true, true]], [bob, [true, false]], [owner, [false, false]]])
			for (const seen of [await who.get(at(sent)),
				(await who.get(`/rooms/${room.id}/messages`)).items.at(-1),
				(await who.get(`/rooms/${room.id}`)).last_message])
				assert.deepEqual(seen.reactions, [
					{ emoji: '👍', count: 2, mine: mine[0] },
					{ emoji: '❤️', count: 1, mine: mine[1] },
				]);
	});

	it('with the same emoji, whether or not U+FE0F follows it', async () => {
		const sent = await ann.post(room.id, 'x');
		const line = await live(server, { token: ann.token });
		await line.join(room.id);
		const heart = { emoji: '❤\ufe0f', count: 1, mine: true };
		assert.deepEqual(await react(bob, sent, '❤'), heart);
		assert.deepEqual(await react(bob, sent, '❤\ufe0f'), heart);
		await line.want('ack', { type: 'react', id: sent.id, emoji: '❤' });
		assert.deepEqual((await ann.get(at(sent))).reactions, [{ ...heart, count: 2 }]);
		await bob.want(204, 'DELETE', on(sent, '❤'));
		const last = await line.find((f) => f.type === 'reaction' && !f.on, 'taken back');
		assert.deepEqual(line.events(room.id).map((e) => [e.emoji, e.count]),
			[[heart.emoji, 1], [heart.emoji, 2], [heart.emoji, 1]]);
		assert.equal(last.user_id, bob.id);
		assert.equal((await react(bob, sent, '👍\ufe0f')).emoji, '👍');
	});

	it('is an event, and so is taking it back; neither when nothing changes', async () => {
		const sent = await ann.post(room.id, 'x');
		await react(bob, sent, '+1');
		await react(bob, sent, '+1');
		await react(ann, sent, '+1');
		for (let i = 0; i < 2; i++)
			await bob.want(204, 'DELETE', on(sent, '+1'));
		const log = await log_after(sent.seq - 1);
		assert.deepEqual(log[0].reactions, [{ emoji: '+1', count: 1 }]);
		const expected = [[bob, true, 1], [ann, true, 2], [bob, false, 1]];
		assert.deepEqual(log.slice(1), expected.map(([who, is_on, count], i) => ({
			type: 'reaction', room_id: room.id, seq: sent.seq + 1 + i,
			created_at: log[i + 1].created_at, id: sent.id, user_id: who.id, emoji: '+1',
			on: is_on, count,
		})));
	});

	for (const emoji of ['👩🏽‍❤️‍💋‍👨🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '%', '100%', 'x'.repeat(40)])
		it(`takes ${emoji}`, async () => {
			const sent = await ann.post(room.id, 'x');
			assert.equal((await react(bob, sent, emoji)).emoji, emoji);
			assert.equal((await bob.get(at(sent))).reactions[0].emoji, emoji);
			await bob.want(204, 'DELETE', on(sent, emoji));
			assert.deepEqual((await bob.get(at(sent))).reactions, []);
		});

	for (const bad of [' ', 'a b', '\u202ea', '\u200b', '\ufe0f', '\u200d', 'a\u00a0', 'x'.repeat(41)])
		it(`refuses ${JSON.stringify(bad)}`, async () => {
			const sent = await ann.post(room.id, 'x');
			for (const method of ['PUT', 'DELETE']) {
				const reply = await bob.refused(422, 'invalid', method, on(sent, bad));
				assert.deepEqual(reply.fields, ['emoji']);
			}
		});

	it('at most 20 different ones a message; more people may join in', async () => {
		const sent = await ann.post(room.id, 'x');
		for (let i = 0; i < 20; i++)
			await react(i % 2 ? ann : bob, sent, `e${i}`);
		await admin.refused(409, 'conflict', 'PUT', on(sent, 'e20'));
		assert.equal((await react(admin, sent, 'e7')).count, 2);
		await ann.want(204, 'DELETE', on(sent, 'e1'));
		await react(admin, sent, 'e20');
		assert.equal((await bob.get(at(sent))).reactions.length, 20);
	});

	it('of many at once are all counted', async () => {
		const sent = await ann.post(room.id, 'x');
		const all = [owner, admin, ann, bob];
		await Promise.all(all.flatMap((who) => ['a', 'b', 'a'].map((e) => react(who, sent, e))));
		const { reactions } = await bob.get(at(sent));
		assert.deepEqual(reactions.map((r) => r.count), [4, 4]);
		const events = (await log_after(sent.seq)).filter((e) => e.type === 'reaction');
		assert.equal(events.length, 8);
		for (const emoji of ['a', 'b'])
			assert.deepEqual(events.filter((e) => e.emoji === emoji).map((e) => e.count), [1, 2, 3, 4]);
	});
});

describe('who may', () => {
	it('strangers find nothing, and nothing tells that there is something', async () => {
		const sent = await ann.post(room.id, 'x');
		for (const message of [sent, { id: randomUUID() }])
			for (const [method, path, options] of changes(message))
				await eve.refused(404, 'not_found', method, path, options);
		const read = `/rooms/${room.id}/read`;
		await eve.refused(404, 'not_found', 'PUT', read, { body: { seq: 1 } });
		assert.equal(await seq_of(), sent.seq);
	});

	it('nobody without a token', async () => {
		const sent = await ann.post(room.id, 'x');
		for (const [method, path, options] of changes(sent))
			await ann.refused(401, 'token_invalid', method, path, { ...options, token: null });
	});

	it('the muted change nothing, nor do the banned, for whom nothing is there', async () => {
		const zoe = await actor(server, 'zoe');
		const open = await owner.room({ member_ids: [zoe.id] });
		const sent = await zoe.post(open.id, 'x');
		const { seq } = sent;
		const member = `/rooms/${open.id}/members/${zoe.id}`;
		for (const [body, status, code] of [
			[muted(), 403, 'forbidden'],
			[{ banned: true }, 404, 'not_found'],
		]) {
			await owner.want(200, 'PUT', member, { body });
			for (const [method, path, options] of changes(sent))
				await zoe.refused(status, code, method, path, options);
		}
		assert.equal(await seq_of(open.id), seq + 2);
		await zoe.refused(404, 'not_found', 'PUT', `/rooms/${open.id}/read`, { body: { seq } });
	});

	it('what came before them stays hidden from those who may see only what follows', async () => {
		const late = await actor(server, 'late');
		const since = await owner.room();
		await owner.want(200, 'PUT', `/rooms/${since.id}`, { body: { settings: { history: 'since_join' } } });
		const sent = await owner.post(since.id, 'x');
		await late.join(since.id);
		for (const [method, path, options] of changes(sent))
			await late.refused(404, 'not_found', method, path, options);
	});

	it('what is no message cannot be changed', async () => {
		const sent = await ann.post(room.id, 'x');
		await react(ann, sent, 'a');
		for (const [method, path, options] of changes({ id: randomUUID() }))
			await ann.refused(404, 'not_found', method, path, options);
		await ann.refused(404, 'not_found', 'DELETE', '/messages/none');
		const reply = await ann.call('POST', at(sent), { body: { text: 'x' } });
		assert.equal(reply.status, 405);
		assert.match(reply.headers.get('allow'), /DELETE.*GET.*PUT|GET.*PUT.*DELETE/);
	});
});

describe('live', () => {
	const join = async (who, fields) => {
		const line = await live(server, { token: who.token });
		line.joined = await line.join(room.id, fields);
		return line;
	};

	it('edits, reactions and deletions arrive as the log has them', async () => {
		const sent = await ann.post(room.id, 'one');
		const line = await join(bob);
		await edit(ann, sent, 'two');
		await react(bob, sent, '👍');
		await bob.want(204, 'DELETE', on(sent, '👍'));
		const log = await log_after(sent.seq);
		await line.find((f) => f.type === 'reaction' && f.on === false, 'taken back');
		assert.deepEqual(line.events(room.id), log);
		await remove(admin, sent);
		const gone = await line.find('deleted');
		assert.equal(gone.id, sent.id);
		assert.deepEqual(gone, (await log_after(gone.seq - 1))[0]);
	});

	it('whoever comes back reads the text as it is now, and never what was deleted', async () => {
		const there = await join(ann); // keeps the room and its recent frames in the broker
		const sent = await ann.post(room.id, 'first draft');
		await there.find((f) => f.id === sent.id, 'it');
		await edit(ann, sent, 'second draft');
		await there.find('edited');
		await react(bob, sent, '👍');
		await there.find('reaction');
		const back = await join(bob, { after: sent.seq - 1 });
		const message = await back.find((f) => f.type === 'message' && f.id === sent.id, 'it');
		assert.equal(message.text, 'second draft');
		assert.deepEqual(message.reactions, [{ emoji: '👍', count: 1 }]);
		await back.find('reaction');

		await remove(ann, sent);
		await there.find('deleted');
		for (const after of [sent.seq - 1, sent.seq, sent.seq + 1]) {
			const later = await join(bob, { after });
			await later.find('deleted');
			assert.doesNotMatch(JSON.stringify(later.frames), /draft/);
			assert.deepEqual(later.events(room.id), await log_after(after));
		}
	});
});

it('what this installation can is announced', async () => {
	const { features } = await ann.get('/status', { token: null });
	for (const name of ['edit', 'reactions', 'read'])
		assert.ok(features.includes(name), name);
});
