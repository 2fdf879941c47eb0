// A clean stop: everybody gets a close frame, nothing acknowledged is lost, and the next start
// continues where this one ended.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { after, before, it } from 'node:test';

import { end_all, live, Live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

let server, ann, bob, room;

before(async () => {
	server = await private_server({ name: 'shutdown', env: LOOSE });
	[ann, bob] = await Promise.all([actor(server, 'ann'), actor(server, 'bob')]);
	room = await ann.room({ member_ids: [bob.id] });
});
after(end_all);
after(end_private_servers);

// Writes continuously until the connection is gone; returns the acknowledged messages.
async function write_on(writer) {
	const acked = [];

	for (let i = 0; ; i++) {
		const ack = await writer.message(room.id, `m${i}`, { client_id: randomUUID() })
			.catch(() => null);
		if (!ack)
			return acked;
		acked.push(ack);
	}
}

async function goodbye(connection) {
	const gone = await within(connection.closed, 'close');
	assert.equal(gone.code, 1001, JSON.stringify(gone));
	const seconds = /(\d+(\.\d+)?)/.exec(gone.reason);
	assert.ok(seconds && Number(seconds[1]) >= 0, `retry_after in ${JSON.stringify(gone.reason)}`);
	return Number(seconds[1]);
}

it('SIGTERM to the broker says 1001 with a time to come back, and another is there', async () => {
	const ears = await Promise.all(Array.from({ length: 5 }, () => live(server, { token: bob.token })));
	const writer = await live(server, { token: ann.token });
	const writing = write_on(writer);
	await until(() => writer.frames.some((f) => f.type === 'ack'), 'a first acknowledgement');
	const broker = server.pid('broker');
	process.kill(broker, 'SIGTERM');
	await Promise.all([...ears, writer].map(goodbye));
	const acked = await writing;
	await until(() => ![0, broker].includes(server.pid('broker')), 'the next broker');

	const next = await live(server, { token: bob.token });
	await next.join(room.id, { after: 0, epoch: next.ready.epoch });
	for (const ack of acked)
		assert.equal((await next.find((f) => f.type === 'message' && f.id === ack.id, 'it')).seq,
			ack.seq);
});

it('stopping all says 1001 too; a second start finds the data of the first', async () => {
	const ear = await live(server, { token: bob.token });
	await ear.join(room.id);
	const writer = await live(server, { token: ann.token });
	const writing = write_on(writer);
	await until(() => writer.frames.some((f) => f.type === 'ack'), 'a first acknowledgement');
	const stopping = server.stop();
	await Promise.all([ear, writer].map(goodbye));
	const acked = await writing;
	await stopping;
	await assert.rejects(within(new Live(server, { token: bob.token }).opened, 'upgrade'));

	await server.start();
	// the same tokens, epoch and cursors still work
	const next = await live(server, { token: bob.token });
	assert.equal(next.ready.epoch, ear.ready.epoch);
	const joined = await next.join(room.id, {
		after: ear.events(room.id).at(-1)?.seq ?? 0, epoch: ear.ready.epoch,
	});
	assert.equal(joined.recovered, true);
	const log = [];
	for (let more = true; more;) {
		const page = await ann.get(`/rooms/${room.id}/log?limit=100&after=${log.length}`);
		log.push(...page.items);
		({ more } = page);
	}
	for (const ack of acked)
		assert.equal(log[ack.seq - 1].id, ack.id);
	await until(() => (next.events(room.id).at(-1)?.seq ?? joined.seq) >= log.length, 'the rest');
	assert.deepEqual([...ear.events(room.id), ...next.events(room.id)],
		log.slice(log.length - ear.events(room.id).length - next.events(room.id).length));
});
