// SIGTERM under full load: every accepted message is committed and acknowledged, everybody is
// told when to reconnect, and after repeating the rest nothing is lost or doubled.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { after, before, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const WRITERS = 12, IN_FLIGHT = 40, ROOMS = 4;
let server, people, rooms;

before(async () => {
	server = await private_server({ name: 'drain', env: LOOSE });
	people = await Promise.all(Array.from({ length: 4 }, () => actor(server)));
	rooms = [];
	for (let i = 0; i < ROOMS; i++)
		rooms.push(await people[0].room({ member_ids: people.slice(1).map((p) => p.id) }));
});
after(end_all);
after(end_private_servers);

// Keeps so many messages in flight until its connection is gone; returns all of them.
async function write_on(connection, room_id) {
	const all = [];
	const lane = async () => {
		while (!connection.gone) {
			const one = { client_id: randomUUID(), room_id, reply: null };
			all.push(one);
			one.reply = await connection.ask({
				type: 'message', room_id, client_id: one.client_id, text: 'under load',
			}).catch(() => null);
		}
	};
	await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
	return all;
}

async function log_of(room_id) {
	const items = [];

	for (let more = true; more;) {
		const page = await people[0].get(`/rooms/${room_id}/log?limit=100&after=${items.at(-1)?.seq ?? 0}`);
		items.push(...page.items);
		({ more } = page);
	}
	return items;
}

it('no acknowledgement is missing, none is wrong, and the next broker takes the rest', async () => {
	const writers = await Promise.all(Array.from({ length: WRITERS }, (_, i) =>
		live(server, { token: people[i % 4].token })));
	const writing = writers.map((w, i) => write_on(w, rooms[i % ROOMS].id));
	await until(() => writers.every((w) => w.frames.filter((f) => f.type === 'ack').length > 20),
		'full load');
	const broker = server.pid('broker');
	process.kill(broker, 'SIGTERM');
	const ends = await Promise.all(writers.map((w) => within(w.closed, 'close')));
	assert.ok(ends.every((e) => e.code === 1001), JSON.stringify(ends));
	const times = ends.map((e) => Number(/^retry_after=(\d+\.\d+)$/.exec(e.reason)?.[1]));
	assert.ok(times.every((t) => t > 0) && new Set(times).size > WRITERS / 2, 'each at a time of its own');
	await until(() => !alive(broker), 'its end');
	const all = (await Promise.all(writing)).flat();
	const acked = all.filter((m) => m.reply?.type === 'ack');
	const open = all.filter((m) => !m.reply);
	assert.deepEqual(all.filter((m) => m.reply && m.reply.type !== 'ack'), []);
	assert.ok(acked.length > WRITERS * 20 && open.length > 0, `${acked.length} and ${open.length}`);

	// every committed message was acknowledged before the close
	const acks = new Map(acked.map((m) => [m.client_id, m.reply]));
	const logs = (await Promise.all(rooms.map((r) => log_of(r.id)))).flat()
		.filter((e) => e.type === 'message');
	assert.equal(logs.length, acked.length);
	for (const m of logs)
		assert.ok([...acks.values()].some((a) => a.id === m.id && a.seq === m.seq), 'an ack is missing');

	// and the next broker accepts each unanswered one once
	await until(() => ![0, broker].includes(server.pid('broker')), 'the next broker');
	const again = await until(() => live(server, { token: people[0].token }).catch(() => null), 'a way in');
	for (const m of open.slice(0, 50))
		m.reply = await again.want('ack', {
			type: 'message', room_id: m.room_id, client_id: m.client_id, text: 'under load',
		});
	const later = (await Promise.all(rooms.map((r) => log_of(r.id)))).flat()
		.filter((e) => e.type === 'message');
	assert.equal(later.length, acked.length + Math.min(50, open.length));
	assert.equal(new Set(later.map((m) => m.id)).size, later.length);
});
