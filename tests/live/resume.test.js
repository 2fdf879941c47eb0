// Resuming: `after` returns everything since, once and in order, then live events.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { end_streams, follow } from '../lib/stream.js';
import { within } from '../lib/wait.js';

let server, ann, bob;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
});
afterEach(() => {
	end_all();
	end_streams();
});
after(end_all);

const connect = (who) => live(server, { token: who.token });

// A room with count messages, written as fast as one connection can.
async function filled(count, text = (i) => `m${i}`) {
	const room = await ann.room({ member_ids: [bob.id] });
	const writer = await connect(ann);
	for (let i = 0; i < count; i++)
		writer.send({
			type: 'message', room_id: room.id, client_id: randomUUID(), text: text(i), ref: `f${i}`,
		});
	if (count > 0) {
		const last = await writer.find((f) => f.ref === `f${count - 1}`, 'last ack', { ms: 60000 });
		assert.equal(last.type, 'ack', JSON.stringify(last));
	}
	writer.end();
	return room;
}

// The listener must have first..last, each once, in order.
function whole(listener, room_id, first, last) {
	const seqs = listener.events(room_id).map((e) => e.seq);
	assert.equal(seqs.length, last - first + 1, `${seqs.length} events of ${first}..${last}`);
	seqs.forEach((seq, i) => assert.equal(seq, first + i));
}

// An administrator removed it; the two people's room is the same one whoever opens it.
describe('a direct room that was removed and asked for anew', () => {
	const asked = () => ann.call('POST', '/rooms', { body: { kind: 'direct', user_id: bob.id } });

	it('goes on from where the former one ended, so that nobody takes the one for the other', async () => {
		const { body: former } = await asked();
		for (const text of ['1', '2', '3'])
			await ann.post(former.id, text);
		const { seq: end, epoch } = await bob.get(`/rooms/${former.id}/log?after=0`);
		await server.sql(`DELETE FROM rooms WHERE id = '${former.id}'`);
		const { status, body: room } = await asked();
		assert.deepEqual([status, room.id], [201, former.id]);
		const sent = await ann.post(room.id, 'new');
		assert.equal(sent.seq, end + 3);
		const seqs = [end + 1, end + 2, end + 3];

		const log_after = (seq) => bob.get(`/rooms/${room.id}/log?after=${seq}&epoch=${encodeURIComponent(epoch)}`);
		for (const [seq, recovered, after] of [[end, true, seqs], [end - 1, false, []], [2, false, []], [0, false, []]]) {
			const log = await log_after(seq);
			assert.deepEqual([log.recovered, log.items.map((e) => e.seq)], [recovered, after], `after ${seq}`);
			const b = await connect(bob);
			const joined = await b.join(room.id, { after: seq, epoch });
			assert.deepEqual([joined.recovered, joined.seq], [recovered, end + 3], `after ${seq}, live`);
			if (recovered)
				await b.find((f) => f.seq === end + 3 && f.type === 'message', 'what was missed');
			assert.deepEqual(b.events(room.id).map((e) => e.seq), after, `after ${seq}, live`);
			b.end();
		}
		const messages = await bob.get(`/rooms/${room.id}/messages`);
		assert.deepEqual([messages.items.map((m) => m.text), messages.has_before], [['new'], false]);
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.unread, 1);
	});
});

describe('joining', () => {
	it('without after is live from now, and says where now is', async () => {
		const room = await filled(5);
		const b = await connect(bob);
		const joined = await b.join(room.id);
		const seen = await ann.get(`/rooms/${room.id}`);
		assert.equal(joined.room_id, room.id);
		assert.equal(joined.seq, seen.seq);
		assert.equal(joined.epoch, b.ready.epoch);
		assert.equal(joined.member_count, 2);
		assert.ok(joined.online.includes(bob.id));
		assert.equal(typeof joined.recovered, 'boolean');
		const sent = await ann.post(room.id, 'now');
		await b.find((f) => f.id === sent.id && f.type === 'message', 'it');
		whole(b, room.id, sent.seq, sent.seq);
	});

	it('with after: first joined, then exactly what was missed, then what is new', async () => {
		const room = await filled(10);
		const { seq } = await ann.get(`/rooms/${room.id}`);
		for (const at of [0, 1, seq - 1, seq]) {
			const b = await connect(bob);
			const joined = await b.join(room.id, { after: at, epoch: b.ready.epoch });
			assert.equal(joined.recovered, true);
			const sent = await ann.post(room.id, 'new');
			await b.find((f) => f.seq === sent.seq && f.type === 'message', 'new');
			whole(b, room.id, at + 1, sent.seq);
			const place = b.frames.indexOf(joined);
			assert.ok(b.events(room.id).every((e) => b.frames.indexOf(e) > place));
		}
	});

	it('with the epoch before the seq', async () => {
		const room = await filled(3);
		const b = await connect(bob);
		const joined = await b.join(room.id, { after: `${b.ready.epoch}.1` });
		assert.equal(joined.recovered, true);
		await b.find((f) => f.seq === joined.seq && f.type === 'message', 'last');
		whole(b, room.id, 2, joined.seq);
	});

	it('missed events of every kind come as the log has them', async () => {
		const room = await filled(2);
		const eve = await actor(server, 'eve');
		await eve.join(room.id);
		await ann.ban(room.id, eve.id);
		await bob.post(room.id, 'last');
		const log = await ann.get(`/rooms/${room.id}/log?after=0`);
		const b = await connect(bob);
		await b.join(room.id, { after: 0 });
		await b.find((f) => f.text === 'last', 'last');
		assert.deepEqual(b.events(room.id), log.items);
	});

	it('of another epoch, or ahead of the log: recovered is false, and it is live from now', async () => {
		const room = await filled(3);
		const { epoch } = await ann.get(`/rooms/${room.id}`);
		const other = epoch.replace(/./g, (c) => (c === '0' ? '1' : '0'));
		for (const fields of [{ after: 1, epoch: other }, { after: `${other}.1` },
			{ ahead: 1, epoch }, { ahead: 1e9 }, { after: Number.MAX_SAFE_INTEGER }]) {
			if (fields.ahead)
				fields.after = (await ann.get(`/rooms/${room.id}`)).seq + fields.ahead;
			delete fields.ahead;
			const c = await connect(bob);
			const joined = await c.join(room.id, fields);
			assert.equal(joined.recovered, false, JSON.stringify(fields));
			const sent = await ann.post(room.id, 'live');
			await c.find((f) => f.id === sent.id && f.type === 'message', 'live');
			whole(c, room.id, joined.seq + 1, sent.seq);
			c.end();
		}
	});

	for (const bad of [-1, 1.5, 'x', [], {}, true, '1.2.3', '99999999999999999999', ''])
		it(`after ${JSON.stringify(bad)} is invalid and named`, async () => {
			const room = await filled(1);
			const b = await connect(bob);
			const error = await b.ask({ type: 'join', room_id: room.id, after: bad });
			assert.equal(error.type, 'error', JSON.stringify(error));
			assert.equal(error.code, 'invalid');
			await b.settled();
		});

	it('where one sees what came since one joined, nothing from before, from whatever place', async () => {
		const room = await filled(4);
		const eve = await actor(server, 'eve');
		await ann.want(200, 'PUT', `/rooms/${room.id}`,
			{ body: { settings: { history: 'since_join' } } });
		await eve.join(room.id);
		const { seq } = await ann.post(room.id, 'hello eve');
		const is_hello = (f) => f.type === 'message' && f.seq === seq;
		for (const who of [bob, eve]) {
			const { items: [first] } = await who.get(`/rooms/${room.id}/log`);
			for (const at of [0, first.seq - 1]) {
				const l = await connect(who);
				assert.equal((await l.join(room.id, { after: at })).recovered, true);
				await l.find(is_hello, 'hello');
				whole(l, room.id, first.seq, seq);
			}
			const l = await live(server, { token: who.token, path: '/rooms/ws',
				query: { room: room.id, after: 0 } });
			await l.find(is_hello, 'hello');
			whole(l, room.id, first.seq, seq);
			const f = await follow(server, room.id, { token: who.token, query: { after: 0 } });
			await f.at(seq);
			assert.equal(f.seqs()[0], first.seq);
		}
	});

	it('twice is joining once: no event comes double', async () => {
		const room = await filled(2);
		const b = await connect(bob);
		await b.join(room.id);
		await b.join(room.id);
		const one = await ann.post(room.id, 'x');
		const two = await ann.post(room.id, 'y');
		await b.find((f) => f.id === two.id && f.type === 'message', 'y');
		whole(b, room.id, one.seq, two.seq);
	});

	it('a room one may not see is not_found, and the connection stays', async () => {
		const hidden = await ann.room({ join_by_id: false });
		const eve = await actor(server, 'eve');
		const e = await connect(eve);
		for (const room_id of [hidden.id, randomUUID(), 'x', ''])
			assert.ok(['not_found', 'invalid'].includes(
				(await e.want('error', { type: 'join', room_id })).code));
		await e.settled();
	});

	it('a stranger who knows the id becomes a member, as POST /join does', async () => {
		const room = await filled(2);
		const eve = await actor(server, 'eve');
		const e = await connect(eve);
		const joined = await e.join(room.id);
		assert.equal(joined.member_count, 3);
		assert.equal((await eve.get(`/rooms/${room.id}`)).me.role, 'member');
	});
});

describe('a long way back', () => {
	it('4,000 events come once and in order while others write on', async () => {
		const room = await filled(4000);
		const writers = await Promise.all([connect(ann), connect(bob)]);
		let going = true, written = 0;
		const writing = writers.map(async (w) => {
			while (going) {
				await w.message(room.id, 'meanwhile', { client_id: randomUUID() });
				written++;
			}
		});
		const rest = (async () => {
			while (going) {
				await ann.post(room.id, 'rest meanwhile');
				written++;
			}
		})();

		const back = await Promise.all([0, 0, 17, 1999, 3998].map(async (at) => {
			const b = await connect(bob);
			const joined = await b.join(room.id, { after: at, epoch: b.ready.epoch });
			assert.equal(joined.recovered, true);
			return { b, at, joined };
		}));
		for (const { b } of back)
			await b.find((f) => f.type === 'message' && /meanwhile/.test(f.text), 'what is new',
				{ ms: 60000 });
		going = false;
		await within(Promise.all([...writing, rest]), 'end of writing');
		const { seq } = await ann.get(`/rooms/${room.id}`);
		for (const { b, at } of back) {
			await b.find((f) => f.seq === seq && f.room_id === room.id, 'the end', { ms: 60000 });
			whole(b, room.id, at + 1, seq);
		}
		assert.ok(written > 0);
	});

	it('big events in pages, while a listener beside hears what is new', async () => {
		const room = await filled(300, (i) => `${i} ${'ж'.repeat(7900)}`);
		const beside = await connect(ann);
		await beside.join(room.id);
		const b = await connect(bob);
		await b.join(room.id, { after: 0 });
		const sent = await ann.post(room.id, 'beside');
		await beside.find((f) => f.id === sent.id && f.type === 'message', 'beside');
		await b.find((f) => f.seq === sent.seq && f.type === 'message', 'the end', { ms: 60000 });
		whole(b, room.id, 1, sent.seq);
	});

	it('who comes and goes again and again has all of it in the end', async () => {
		const room = await filled(0);
		const writer = await connect(ann);
		let going = true;
		const writing = (async () => {
			for (let i = 0; going; i++)
				await writer.message(room.id, `m${i}`, { client_id: randomUUID() });
		})();
		const seen = [];
		for (let round = 0; round < 15; round++) {
			const b = await connect(bob);
			const from = b.frames.length;
			await b.join(room.id, { after: seen.at(-1)?.seq ?? 0, epoch: b.ready.epoch });
			const last = seen.at(-1)?.seq ?? 0;
			await b.find((f) => f.type === 'message' && f.seq > last, 'more', { from });
			b.end();
			seen.push(...b.events(room.id));
		}
		going = false;
		await writing;
		assert.deepEqual(seen.map((e) => e.seq), seen.map((_, i) => i + 1));
	});
});

describe('while a room is written to as fast as it goes', () => {
	const FLIGHT = 50; // messages that a writer has in flight
	const ROUNDS = 6;

	// Writes until told to stop; returns how many were acknowledged.
	async function flood(room, who, is_going) {
		const writer = await connect(who);
		let count = 0;
		for (; is_going(); count += FLIGHT) {
			const from = writer.frames.length;
			for (let i = 0; i < FLIGHT; i++)
				writer.send({
					type: 'message', room_id: room.id, client_id: randomUUID(), text: `${count + i}`, ref: `w${i}`,
				});
			await writer.find((f) => f.ref === `w${FLIGHT - 1}`, 'the last ack', { from, ms: 60000 });
			for (const reply of writer.frames.slice(from).filter((f) => f.ref))
				assert.equal(reply.type, 'ack', JSON.stringify(reply));
			writer.frames.length = 0;
		}
		writer.end();
		return count;
	}

	it('who joins with after= gets all of it once: what was missed, in pages, then what is live', async () => {
		const [room, other] = [await filled(1200), await filled(1)];
		let going = true;
		const writing = [ann, bob, ann].map((who) => flood(room, who, () => going));
		const beside = await connect(ann);
		await beside.join(other.id);

		// some connect once and stay, from near and far behind; each of the others
		// again and again
		const stay = await Promise.all([0, 199, 200, 1100].map(async (at) => {
			const b = await connect(bob);
			const joined = await b.join(room.id, { after: at, epoch: b.ready.epoch });
			assert.equal(joined.recovered, true);
			assert.ok(joined.seq >= 1200);
			return { b, at };
		}));
		const back = Promise.all([0, 600].map(async (at) => {
			const seen = [];
			const last = () => seen.at(-1) ?? at;
			for (let round = 0; round < ROUNDS; round++) {
				const b = await connect(bob);
				const joined = await b.join(room.id, { after: last(), epoch: b.ready.epoch });
				assert.equal(joined.recovered, true);
				// beyond what was missed, so that it is live when it
				// disconnects
				const enough = joined.seq + (round % 3) * 20;
				await b.find((f) => f.room_id === room.id && f.seq >= enough && f.type !== 'joined',
					'more', { ms: 60000 });
				b.end();
				seen.push(...b.events(room.id).map((e) => e.seq));
			}
			assert.deepEqual(seen, seen.map((_, i) => at + 1 + i));
		}));
		for (let i = 0; i < 5; i++) {
			const sent = await beside.message(other.id, `beside ${i}`);
			await beside.find((f) => f.id === sent.id && f.type === 'message', 'what is said beside');
		}
		const lost = await connect(bob);
		const { seq: now } = await ann.get(`/rooms/${room.id}`);
		for (const place of [{ after: now + 1e6 }, { after: 5, epoch: '0123456789abcdef' }])
			assert.equal((await lost.join(room.id, place)).recovered, false);
		await back;
		going = false;
		const written = (await Promise.all(writing)).reduce((sum, n) => sum + n);
		const { seq } = await ann.get(`/rooms/${room.id}`);
		for (const { b, at } of stay) {
			await b.find((f) => f.room_id === room.id && f.seq === seq && f.type === 'message', 'the end',
				{ ms: 60000 });
			whole(b, room.id, at + 1, seq);
		}
		assert.equal(seq, (await ann.get(`/rooms/${room.id}/log?limit=1&after=${seq - 1}`)).items[0].seq);
		assert.ok(written > 300, `${written} written`);
	});
});
