// read, delivered, receipt: how far people have read a room, told to those who may know, and
// always equal to the status that REST shows.

import assert from 'node:assert/strict';
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

const connect = (who) => live(server, { token: who.token });
async function joined(who, room) {
	const connection = await connect(who);
	await connection.join(room.id);
	return connection;
}
const status_of = async (who, id) => (await who.get(`/messages/${id}`)).status;
const receipts = (ear, room, reader) => ear.frames.filter((f) => f.type === 'receipt'
	&& f.room_id === room.id && f.user_id === reader.id);
const receipt = (ear, room, reader, like = () => true) => ear.find((f) => f.type === 'receipt'
	&& f.room_id === room.id && f.user_id === reader.id && like(f), `receipt of ${reader.login}`);
const read_to = (seq) => (f) => f.read_seq >= seq;
const delivered_to = (seq) => (f) => f.delivered_seq >= seq;
const mark = (ear, type, room, seq) => ear.send({ type, room_id: room.id, seq });
const rest_read = (who, room, seq) =>
	who.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq } });

// Waits until everything before is told, if it is told at all: another person's later mark
// takes the same way.
async function told(ear, room, other) {
	const { seq } = await ann.get(`/rooms/${room.id}`);
	await rest_read(other, room, seq);
	await receipt(ear, room, other, read_to(seq));
}

describe('who has read', () => {
	it('is told to the others, and to the reader\'s other devices, joined or not', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b, b_too, b_idle] = [await joined(ann, room), await joined(bob, room),
			await joined(bob, room), await connect(bob)];
		const { id, seq } = await a.message(room.id, 'hello');
		assert.equal(await status_of(ann, id), 'sent');
		mark(b, 'delivered', room, seq);
		for (const ear of [a, b_too, b_idle]) {
			const heard = await receipt(ear, room, bob, delivered_to(seq));
			assert.deepEqual([heard.delivered_seq, heard.read_seq < seq], [seq, true]);
		}
		assert.equal(await status_of(ann, id), 'delivered');
		mark(b, 'read', room, seq);
		for (const ear of [a, b_too, b_idle])
			assert.equal((await receipt(ear, room, bob, read_to(seq))).read_seq, seq);
		assert.equal(await status_of(ann, id), 'read');
		await b.settled();
		assert.deepEqual(receipts(b, room, bob), []);
	});

	it('is told after REST, too', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await connect(bob)];
		const { seq } = await ann.post(room.id, 'hello');
		await rest_read(bob, room, seq);
		for (const ear of [a, b])
			assert.equal((await receipt(ear, room, bob, read_to(seq))).read_seq, seq);
	});

	it('is told of who says something themselves', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b_idle] = [await joined(ann, room), await connect(bob)];
		const b = await joined(bob, room);
		const { id } = await a.message(room.id, 'hello');
		const { seq } = await b.message(room.id, 'hello yourself');
		await receipt(a, room, bob, read_to(seq));
		await receipt(b_idle, room, bob, read_to(seq));
		assert.equal(await status_of(ann, id), 'read');
	});

	it('goes forward only, and not beyond the log', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		const sent = [];
		for (let i = 0; i < 3; i++)
			sent.push(await a.message(room.id, `${i}`));
		mark(b, 'read', room, sent[1].seq);
		await receipt(a, room, bob, read_to(sent[1].seq));
		mark(b, 'read', room, sent[0].seq);
		mark(b, 'delivered', room, 10 ** 12);
		await receipt(a, room, bob, delivered_to(sent[2].seq));
		mark(b, 'read', room, 10 ** 12);
		await receipt(a, room, bob, read_to(sent[2].seq));
		const heard = receipts(a, room, bob);
		for (const [i, f] of heard.entries()) {
			assert.ok(f.read_seq <= f.delivered_seq && f.delivered_seq <= sent[2].seq);
			assert.ok(i === 0 || (f.read_seq >= heard[i - 1].read_seq
				&& f.delivered_seq >= heard[i - 1].delivered_seq));
		}
		const { me } = (await bob.get(`/rooms/${room.id}`));
		assert.deepEqual([me.read_seq, me.unread], [sent[2].seq, 0]);
	});

	it('of a hundred marks at once is told in few frames', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const [a, b] = [await joined(ann, room), await joined(bob, room)];
		const sent = [];
		for (let i = 0; i < 100; i++)
			sent.push(a.message(room.id, `${i}`));
		const last = Math.max(...(await Promise.all(sent)).map((m) => m.seq));
		for (let seq = last - 99; seq <= last; seq++) {
			mark(b, 'delivered', room, seq);
			mark(b, 'read', room, seq);
		}
		await receipt(a, room, bob, read_to(last));
		assert.ok(receipts(a, room, bob).length < 20, `${receipts(a, room, bob).length} receipts`);
	});
});

describe('who is told nothing', () => {
	it('others hear no read of who keeps it to themselves, but of delivery', async () => {
		const shy = await actor(server, 'shy');
		await shy.want(200, 'PUT', '/users/me', { body: { settings: { send_receipts: false } } });
		const room = await ann.room({ member_ids: [shy.id, bob.id] });
		const [a, s, s_too] = [await joined(ann, room), await joined(shy, room), await connect(shy)];
		const { id, seq } = await a.message(room.id, 'hello');
		await rest_read(bob, room, seq);
		mark(s, 'read', room, seq);
		assert.equal((await receipt(a, room, shy, delivered_to(seq))).read_seq, 0);
		assert.equal((await receipt(s_too, room, shy)).read_seq, seq);
		assert.equal(await status_of(ann, id), 'delivered');
	});

	it('nothing goes between two of whom one blocks the other', async () => {
		const cat = await actor(server, 'cat');
		await cat.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
		const room = await bob.room();
		for (const who of [ann, cat, eve])
			await who.join(room.id);
		const [a, b, c] = [await joined(ann, room), await joined(bob, room), await joined(cat, room)];
		const { seq } = await a.message(room.id, 'hello');
		await rest_read(cat, room, seq);
		await rest_read(ann, room, seq);
		await receipt(b, room, cat, read_to(seq));
		await told(a, room, eve);
		await told(c, room, bob);
		assert.deepEqual(receipts(a, room, cat), []);
		assert.deepEqual(receipts(c, room, ann), []);
	});

	it('in a public room nobody is told but the reader\'s own devices', async () => {
		const room = await ann.room({ kind: 'public', name: 'square' });
		await bob.join(room.id);
		const [a, b, b_too] = [await joined(ann, room), await joined(bob, room), await connect(bob)];
		const { id, seq } = await a.message(room.id, 'hello');
		mark(b, 'read', room, seq);
		await receipt(b_too, room, bob, read_to(seq));
		await a.settled();
		assert.deepEqual(receipts(a, room, bob), []);
		assert.equal(await status_of(ann, id), null);
	});

	it('among some tens of people only who wrote what was read', async () => {
		const room = await ann.room({ join_by_id: true, max_members: 100 });
		const crowd = await Promise.all(Array.from({ length: 32 }, (_, i) => actor(server, `c${i}`)));
		for (const who of [bob, eve, ...crowd])
			await who.join(room.id);
		const [a, e, b] = [await joined(ann, room), await joined(eve, room), await joined(bob, room)];
		const first = await e.message(room.id, 'before');
		mark(b, 'read', room, first.seq);
		await receipt(e, room, bob, read_to(first.seq));
		const { seq } = await a.message(room.id, 'by ann');
		const from = e.frames.length;
		mark(b, 'read', room, seq);
		await receipt(a, room, bob, read_to(seq));
		await e.settled();
		assert.deepEqual(e.frames.slice(from).filter((f) => f.type === 'receipt' && f.user_id === bob.id), []);
	});

	it('who is no member, or has a token without post, cannot say so', async () => {
		const room = await ann.room({ join_by_id: false });
		const other = await ann.room();
		const e = await connect(eve);
		for (const type of ['read', 'delivered']) {
			const error = await e.refused('not_found', { type, room_id: room.id, seq: 1 });
			assert.equal(error.room_id, room.id);
			assert.deepEqual((await e.refused('invalid', { type, room_id: room.id, seq: -1 }))
				.errors.map((f) => f.field), ['seq']);
		}
		const token = async (fields) => (await ann.want(201, 'POST', '/auth/tokens',
			{ body: { name: 'a script', ...fields } })).secret;
		const reader = await live(server, { token: await token({ scopes: ['read'] }) });
		await reader.refused('forbidden', { type: 'read', room_id: room.id, seq: 1 });
		const bound = await live(server,
			{ token: await token({ scopes: ['read', 'post'], room_id: room.id }) });
		await bound.refused('not_found', { type: 'read', room_id: other.id, seq: 1 });
		const a = await connect(ann);
		const [there, here] = [await a.message(other.id, 'x'), await a.message(room.id, 'y')];
		mark(a, 'delivered', other, there.seq);
		mark(a, 'delivered', room, here.seq);
		await receipt(bound, room, ann, delivered_to(here.seq));
		assert.deepEqual(receipts(bound, other, ann), []);
	});
});
