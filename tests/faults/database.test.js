// The database goes away and comes back: clients are told meanwhile, and nothing needs a
// restart.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, Client, PASSWORD } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server, Server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

let server, ann, bob, room, ear, pids;

before(async () => {
	server = await private_server({ name: 'database', env: LOOSE });
	[ann, bob] = await Promise.all([actor(server, 'ann'), actor(server, 'bob')]);
	room = await ann.room({ member_ids: [bob.id] });
	ear = await live(server, { token: bob.token });
	await ear.join(room.id);
	pids = [...server.workers(), server.pid('broker')];
	await server.cluster('stop', 'immediate');
});
after(end_all);
after(end_private_servers);

it('every route that needs it is 503 unavailable with Retry-After', async () => {
	const nobody = new Client(server);
	const account = { login: 'somebody', email: 'some@body.example', password: PASSWORD };
	for (const [who, method, path, body] of [
		[nobody, 'POST', '/auth/register', account],
		[nobody, 'POST', '/auth/login', { login: ann.login, password: PASSWORD }],
		[nobody, 'POST', '/auth/refresh', { refresh_token: ann.pair.refresh_token }],
		[ann, 'GET', '/rooms'],
		[ann, 'POST', '/rooms', { name: 'x', kind: 'group' }],
		[ann, 'GET', `/rooms/${room.id}`],
		[ann, 'GET', `/rooms/${room.id}/messages`],
		[ann, 'POST', `/rooms/${room.id}/messages`, { text: 'x' }],
		[ann, 'GET', `/rooms/${room.id}/log?after=0`],
	])
		for (let i = 0; i < 3; i++)
			await who.refused(503, 'unavailable', method, path, { body });
});

it('health says that it is not ready, and status still answers', async () => {
	const nobody = new Client(server);
	assert.equal((await nobody.call('GET', '/health')).status, 503);
	assert.ok([200, 503].includes((await nobody.call('GET', '/status')).status));
});

it('whoever is connected hears of it once, with a time to try again', async () => {
	const told = await ear.find((f) => f.type === 'error', 'word of it');
	assert.equal(told.code, 'unavailable');
	assert.ok(told.retry_after > 0);
	assert.equal('ref' in told || 'room_id' in told, false);
});

it('a live connection stays, and a message is refused with unavailable and retry_after', async () => {
	const error = await ear.want('error', {
		type: 'message', room_id: room.id, text: 'lost?', client_id: 'while-away',
	});
	assert.equal(error.code, 'unavailable');
	assert.ok(error.retry_after > 0);
	const from = ear.frames.length;
	for (let i = 0; i < 5; i++)
		await ear.refused('unavailable', { type: 'message', room_id: room.id, text: 'x' });
	await ear.refused('unavailable', { type: 'join', room_id: randomUUID() });
	await ear.settled();
	assert.deepEqual(ear.frames.slice(from).filter((f) => !f.ref), [], 'nobody is told twice');
});

it('when it is back all is as before: the same processes, connections and cursors', async () => {
	await server.cluster('start');
	await until(async () => (await ann.call('GET', '/rooms')).status === 200, 'an answer');
	const sent = await until(async () => {
		const reply = await ann.call('POST', `/rooms/${room.id}/messages`, {
			body: { text: 'back', client_id: 'back' },
		});
		return reply.status === 201 && reply.body;
	}, 'a posted message');
	await ear.find((f) => f.type === 'message' && f.id === sent.id, 'the message, live');
	const again = await until(async () => {
		const reply = await ear.ask({
			type: 'message', room_id: room.id, text: 'lost?', client_id: 'while-away',
		});
		return reply.type === 'ack' && reply;
	}, 'an acknowledgement');
	await ear.find((f) => f.type === 'message' && f.id === again.id, 'own message');
	const log = await ann.get(`/rooms/${room.id}/log?after=0`);
	assert.equal(log.items.filter((e) => e.client_id === 'while-away').length, 1);
	assert.deepEqual(ear.events(room.id), log.items.slice(-ear.events(room.id).length));
	assert.deepEqual(pids.filter((pid) => !alive(pid)), []);
	await ann.post(room.id, 'and on', { client_id: randomUUID() });
	assert.equal((await new Client(server).call('GET', '/health')).status, 200);
});

it('killed with -9 under a writer, and started again: all is told, and all goes on', async () => {
	const writer = await live(server, { token: ann.token });
	const acked = [];
	let writing = true;
	const write = async () => {
		for (let i = 0; writing; i++) {
			const reply = await writer.ask({
				type: 'message', room_id: room.id, text: `k${i}`, client_id: randomUUID(),
			});
			if (reply.type === 'ack')
				acked.push(reply);
			else
				assert.equal(reply.code, 'unavailable', JSON.stringify(reply));
		}
	};
	const done = write();
	await until(() => acked.length > 10, 'acknowledgements');
	const from = ear.frames.length;
	const backends = server.backends();
	process.kill(server.postmaster(), 'SIGKILL');
	await ear.find((f) => f.type === 'error' && f.code === 'unavailable', 'word of it', { from });
	await until(() => !backends.some(alive), 'the end of the backends');
	const before = acked.length;
	await server.cluster('start');
	await until(() => acked.length > before + 10, 'acknowledgements again');
	writing = false;
	await done;
	await ear.find((f) => f.type === 'message' && f.id === acked.at(-1).id, 'the last');
	const seqs = ear.events(room.id).map((e) => e.seq);
	assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
	const got = new Map(ear.messages(room.id).map((m) => [m.id, m.seq]));
	for (const ack of acked)
		assert.equal(got.get(ack.id), ack.seq);
	assert.deepEqual(pids.filter((pid) => !alive(pid)), []);
});

// Puts old files of the database in its place: to all appearances it is the same one.
for (const [way, is_new] of [['another epoch', true], ['nothing to tell it by', false]])
	it(`put back as it once was, with ${way}: who is here begins anew, and hears what is said`, async () => {
		const place = path.join(server.state, 'pg');
		const backup = new Server({ port: 0, state: path.join(server.state, `then-${is_new}`) });
		const then = path.join(backup.state, 'pg');
		fs.mkdirSync(backup.state);
		await server.cluster('stop');
		execFileSync('cp', ['-a', place, then]);
		if (is_new) {
			await backup.cluster('start');
			await backup.sql("UPDATE instance SET epoch = 'restored'");
			await backup.cluster('stop');
		}
		await server.cluster('start');
		await until(async () => (await ann.call('GET', '/rooms')).status === 200, 'an answer');
		const { seq: end, epoch } = await ann.get(`/rooms/${room.id}`);
		const listener = await live(server, { token: bob.token });
		await listener.join(room.id);
		for (let i = 0; i < 3; i++)
			await ann.post(room.id, `to be lost ${i}`);
		await listener.find((f) => f.seq === end + 3, 'the last');

		await server.cluster('stop');
		fs.rmSync(place, { recursive: true });
		fs.renameSync(then, place);
		await server.cluster('start');
		const { code } = await within(listener.closed, 'the end of what was before');
		assert.equal(code, 1001);
		await until(async () => (await bob.call('GET', '/rooms')).status === 200, 'an answer');
		const again = await live(server, { token: bob.token });
		const joined = await again.join(room.id, { after: end + 3, epoch });
		assert.deepEqual([joined.recovered, joined.seq, joined.epoch === epoch], [false, end, !is_new]);
		const sent = await ann.post(room.id, 'another');
		assert.equal(sent.seq, end + 1);
		await again.find((f) => f.type === 'message' && f.id === sent.id, 'it');
		assert.deepEqual(again.events(room.id).map((e) => e.seq), [end + 1]);
		assert.match(server.log('broker.log'), is_new ? /event=db\.epoch/ : /event=db\.old/);
	});
