// edit, delete and react over the live connection. They must equal REST's, so the tests compare
// the two.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob, eve, room;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});
afterEach(end_all);
after(end_all);

const connect = (who, options = {}) => live(server, { token: who.token, ...options });

async function joined(who, options) {
	const connection = await connect(who, options);
	await connection.join(room.id);
	return connection;
}

const edit = (id, text) => ({ type: 'edit', id, text });
const remove = (id) => ({ type: 'delete', id });
const react = (id, emoji, on) => ({ type: 'react', id, emoji, ...(on === undefined ? {} : { on }) });
const of_type = (type, seq) => (f) => f.type === type && f.seq === seq;
const the_id = (frame) => frame.id;

describe('what is done to a message', () => {
	it('an edit is acknowledged with its place, and heard by all as it reads now', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const { id } = await a.message(room.id, 'helo');
		const ack = await a.want('ack', edit(id, 'hello'));
		assert.deepEqual(Object.keys(ack).sort(), ['id', 'ref', 'seq', 'type']);
		assert.equal(ack.id, id);
		for (const ear of [a, b]) {
			const heard = await ear.find(of_type('edited', ack.seq), 'the edit');
			assert.deepEqual([heard.id, heard.text, heard.room_id], [id, 'hello', room.id]);
		}
		assert.equal((await bob.get(`/messages/${id}`)).text, 'hello');
	});

	it('a deletion leaves a tombstone', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const { id } = await b.message(room.id, 'never mind');
		const ack = await a.want('ack', remove(id)); // the owner may
		for (const ear of [a, b])
			assert.equal((await ear.find(of_type('deleted', ack.seq), 'it')).id, id);
		assert.notEqual((await bob.get(`/messages/${id}`)).deleted_at, null);
	});

	it('a reaction is counted, and taken back', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const { id } = await a.message(room.id, 'cake?');
		const put = await b.want('ack', react(id, '🍰'));
		const heard = await a.find(of_type('reaction', put.seq), 'the reaction');
		assert.deepEqual([heard.id, heard.user_id, heard.emoji, heard.on, heard.count],
			[id, bob.id, '🍰', true, 1]);
		assert.equal((await b.want('ack', react(id, '🍰', true))).seq >= put.seq, true);
		const back = await b.want('ack', react(id, '🍰', false));
		assert.equal((await a.find(of_type('reaction', back.seq), 'the end of it')).count, 0);
		assert.deepEqual((await ann.get(`/messages/${id}`)).reactions, []);
	});

	it('needs no joining', async () => {
		const a = await connect(ann);
		const { id } = await a.message(room.id, 'from afar');
		const ear = await joined(bob);
		const ack = await a.want('ack', edit(id, 'from far away'));
		await ear.find(of_type('edited', ack.seq), 'the edit');
	});

	it('to what it is already changes nothing', async () => {
		const a = await joined(ann);
		const { id } = await a.message(room.id, 'same');
		const { seq } = await ann.get(`/rooms/${room.id}`);
		assert.equal((await a.want('ack', edit(id, 'same'))).seq, seq);
		assert.equal((await a.want('ack', react(id, '👍', false))).seq, seq);
		assert.equal((await ann.get(`/rooms/${room.id}`)).seq, seq);
	});
});

describe('it is refused as REST refuses it', () => {
	// Each with the REST request that does the same.
	const both = [
		['edit', (id) => edit(id, 'new'), (id) => ['PUT', `/messages/${id}`, { body: { text: 'new' } }]],
		['delete', remove, (id) => ['DELETE', `/messages/${id}`]],
		['react', (id) => react(id, '👍'), (id) => ['PUT', `/messages/${id}/reactions/%F0%9F%91%8D`]],
		['unreact', (id) => react(id, '👍', false),
			(id) => ['DELETE', `/messages/${id}/reactions/%F0%9F%91%8D`]],
	];

	async function agree(who, id, expected) {
		const c = await connect(who);
		for (const [name, frame, request] of both) {
			const rest = await who.call(...request(id));
			const reply = await c.ask(frame(id));
			assert.deepEqual([reply.type, reply.code, reply.detail],
				['error', rest.body.code, rest.body.detail], name);
			assert.equal(reply.code, expected, name);
		}
	}

	it('to who is no member, and for what is not there', async () => {
		const { id } = await ann.post(room.id, 'x');
		await agree(eve, id, 'not_found');
		await agree(ann, randomUUID(), 'not_found');
	});

	it('to who is muted, and to who is banned', async () => {
		const dan = await actor(server, 'dan');
		await dan.join(room.id);
		const { id } = await dan.post(room.id, 'x');
		await ann.want(200, 'PUT', `/rooms/${room.id}/members/${dan.id}`,
			{ body: { muted_until: '2050-01-01T00:00:00Z' } });
		await agree(dan, id, 'forbidden');
		await ann.ban(room.id, dan.id);
		await agree(dan, id, 'not_found');
	});

	it('where it is somebody else\'s, or deleted', async () => {
		const b = await connect(bob);
		const { id } = await ann.post(room.id, 'mine');
		assert.equal((await b.ask(edit(id, 'not yours'))).code, 'forbidden');
		assert.equal((await b.ask(remove(id))).code, 'forbidden');
		await ann.want(204, 'DELETE', `/messages/${id}`);
		const a = await connect(ann);
		assert.equal((await a.ask(edit(id, 'too late'))).code, 'conflict');
		assert.equal((await a.ask(react(id, '👍'))).code, 'conflict');
		assert.equal((await a.ask(remove(id))).type, 'ack');
	});

	it('with the name of each bad field', async () => {
		const a = await connect(ann);
		const { id } = await ann.post(room.id, 'x');
		for (const [frame, field] of [
			[{ type: 'edit', text: 'x' }, 'id'], [edit('seven', 'x'), 'id'],
			[{ type: 'edit', id }, 'text'], [edit(id, null), 'text'], [edit(id, ''), 'text'],
			[{ type: 'react', id }, 'emoji'], [react(id, ' '), 'emoji'],
			[react(id, 'x'.repeat(41)), 'emoji'], [react(id, '👍', 'yes'), 'on'],
			[{ type: 'delete', id, room_id: room.id }, 'room_id'],
		]) {
			const error = await a.refused('invalid', frame);
			assert.deepEqual(error.errors.map((e) => e.field), [field], JSON.stringify(frame));
		}
		assert.equal((await ann.get(`/messages/${id}`)).text, 'x');
	});

	it('to a token without post, and for what is in another room than its own', async () => {
		const other = await ann.room();
		const [here, there] = [await ann.post(room.id, 'x'), await ann.post(other.id, 'x')];
		const token = async (fields) => (await ann.want(201, 'POST', '/auth/tokens',
			{ body: { name: 'a script', ...fields } })).secret;
		const reader = await live(server, { token: await token({ scopes: ['read'] }) });
		const bound = await live(server,
			{ token: await token({ scopes: ['post'], room_id: room.id }) });
		for (const [, frame] of both) {
			await reader.refused('forbidden', frame(here.id));
			await bound.refused('not_found', frame(there.id));
		}
		await bound.want('ack', react(here.id, '👍'));
		assert.equal((await ann.get(`/messages/${there.id}`)).text, 'x');
	});
});

describe('what one connection says about a room is done in that order', () => {
	it('messages, edits, reactions and deletions, all in one breath', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const first = await a.message(room.id, 'first');
		const said = [];
		const say = (frame) => {
			said.push(frame.ref = `n${said.length}`);
			a.send(frame);
		};
		const post = (text) => say({ type: 'message', room_id: room.id, text });

		for (let i = 0; i < 5; i++) {
			post(`before ${i}`);
			say(edit(first.id, `edit ${i}`));
			say(react(first.id, '👍', i % 2 === 0));
			post(`after ${i}`);
		}
		say(remove(first.id));
		post('the end');
		const last = await a.find((f) => f.ref === said.at(-1), 'the last answer');
		const acks = a.frames.filter((f) => said.includes(f.ref));
		assert.deepEqual(acks.map((f) => f.type), said.map(() => 'ack'));
		assert.deepEqual(acks.map((f) => f.ref), said);
		const seqs = acks.map((f) => f.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
		await b.find(of_type('message', last.seq), 'the end');
		assert.deepEqual(b.events(room.id).filter((f) => f.seq >= seqs[0]).map((f) => f.type),
			[...Array.from({ length: 5 }, () => ['message', 'edited', 'reaction', 'message']).flat(),
				'deleted', 'message']);
	});
});

describe('a room that somebody holds', () => {
	const lock = (id) => server.hold('SELECT 1 FROM room_heads h JOIN rooms r ON r.no = h.room_no '
		+ `WHERE r.id = '${id}' FOR UPDATE OF h`);

	it('keeps nobody else waiting, and is changed when it is free', async () => {
		const other = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann), await joined(bob)];
		const held = await ann.post(room.id, 'held');
		const free = await bob.post(other.id, 'free');
		const release = await lock(room.id);
		a.send({ ...edit(held.id, 'later'), ref: 'later' });
		await a.want('pong', { type: 'ping' });
		await b.want('ack', edit(free.id, 'at once'));
		await b.want('ack', react(free.id, '👍'));
		await a.want('ack', react(free.id, '👍'));
		assert.equal(a.frames.some((f) => f.ref === 'later'), false);
		await release();
		const ack = await a.find((f) => f.ref === 'later', 'the ack');
		assert.equal(ack.type, 'ack');
		assert.equal((await b.find(of_type('edited', ack.seq), 'the edit')).text, 'later');
	});
});

describe('when the connection to the database is lost in the middle', () => {
	it('each change is acknowledged and told once', async () => {
		const [a, b] = [await joined(ann), await joined(bob)];
		const { id } = await a.message(room.id, '0');
		const from = b.frames.length;
		const cut = () => server.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
			+ "WHERE application_name = 'foyer-broker join'");
		let cutting = true;
		const cuts = (async () => {
			while (cutting)
				await cut();
		})();
		const acks = [];
		for (let i = 1; i <= 20; i++)
			acks.push(await a.want('ack', edit(id, `${i}`)));
		cutting = false;
		await cuts;
		assert.equal((await ann.get(`/messages/${id}`)).text, '20');
		await b.find((f) => f.type === 'edited' && f.text === '20', 'the last edit', { from });
		const edits = b.frames.slice(from).filter((f) => f.type === 'edited');
		assert.deepEqual(new Set(edits.map(the_id)), new Set([id]));
		assert.equal(edits.length, 20);
		assert.deepEqual(edits.map((f) => f.seq), acks.map((f) => f.seq));
	});
});
