// What the broker reports about itself: /metrics in Prometheus' format, and its health.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { after, afterEach, before, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { metrics_of, parse_metrics } from '../lib/prometheus.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, free_port, LOOSE, private_server } from '../lib/server.js';
import { follow } from '../lib/stream.js';
import { until } from '../lib/wait.js';

let server, ann, bob, room, own_port, broker;

before(async () => {
	own_port = await free_port();
	server = await private_server({ name: 'metrics', env: {
		...LOOSE, FOYER_METRICS_LISTEN: `127.0.0.1:${own_port}`, FOYER_MAX_CONNECTIONS_PER_USER: '100',
	} });
	broker = `http://127.0.0.1:${server.broker_port}`;
	[ann, bob] = await Promise.all([actor(server, 'ann'), actor(server, 'bob')]);
	room = await ann.room({ member_ids: [bob.id] });
});
afterEach(async () => {
	end_all();
	// the next test counts from here; a connection that is being closed counts only as a
	// person
	await until(async () => {
		const { foyer_connections, foyer_people } = (await metrics_of(server)).families;
		return [...foyer_connections.rows, ...foyer_people.rows].every(({ value }) => value === 0);
	}, 'end of all connections');
});
after(end_private_servers);

it('/metrics is text 0.0.4, each name explained, each histogram whole', async () => {
	const reply = await fetch(`${broker}/metrics`);
	assert.equal(reply.status, 200);
	assert.match(reply.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
	const { families } = parse_metrics(await reply.text());
	assert.ok(Object.keys(families).length > 30);
	for (const { name, help } of Object.values(families))
		assert.ok(help.length > 10, name);
});

it('each is explained in docs/operating.md, and nothing else is', async () => {
	const text = fs.readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
	const named = new Set([...text.matchAll(/`((?:foyer|process)_[a-z_]+)/g)].map((m) => m[1]));
	assert.deepEqual([...named].sort(), Object.keys((await metrics_of(server)).families).sort());
});

it('frames sent together are read together, and are one batch', async () => {
	const mouth = await live(server, { token: ann.token, base: `ws://127.0.0.1:${server.broker_port}` });
	const start = await metrics_of(server);

	mouth.socket._socket.cork();
	const acks = Array.from({ length: 40 }, (_, i) =>
		mouth.message(room.id, `breath ${i}`, { client_id: randomUUID() }));
	mouth.socket._socket.uncork();
	await Promise.all(acks);
	const now = await metrics_of(server);
	assert.equal(now.get('foyer_batch_messages_sum') - start.get('foyer_batch_messages_sum'), 40);
	assert.equal(now.get('foyer_batch_messages_count') - start.get('foyer_batch_messages_count'), 1);
});

it('what happens is counted', async () => {
	const start = await metrics_of(server);
	const [ear, mouth] = [await live(server, { token: bob.token }), await live(server, { token: ann.token })];
	const { seq } = await ear.join(room.id);
	await mouth.join(room.id);
	for (let i = 0; i < 20; i++)
		await mouth.message(room.id, `m${i}`, { client_id: randomUUID() });
	await ear.find((f) => f.type === 'message' && f.text === 'm19', 'the last');
	await ear.join(room.id, { after: seq, epoch: ear.ready.epoch });
	await ear.join(room.id, { after: 0, epoch: '0123456789abcdef' });
	const now = await metrics_of(server);
	const grew = (name, labels) => now.get(name, labels) - start.get(name, labels);

	assert.equal(now.get('foyer_connections', { state: 'ready' }), 2);
	assert.equal(now.get('foyer_people'), 2);
	assert.equal(now.get('foyer_rooms'), 1);
	assert.equal(now.get('foyer_listeners'), 2);
	assert.equal(now.get('foyer_database_up'), 1);
	assert.equal(now.get('foyer_draining'), 0);
	assert.equal(grew('foyer_connections_opened_total'), 2);
	assert.equal(grew('foyer_messages_committed_total'), 20);
	assert.equal(grew('foyer_batch_messages_sum'), 20);
	assert.equal(grew('foyer_message_seconds_count'), 20);
	assert.ok(grew('foyer_commit_seconds_count') > 0);
	assert.ok(grew('foyer_frames_received_total') >= 24);
	assert.ok(grew('foyer_frames_sent_total') >= 66);
	assert.ok(grew('foyer_sent_bytes_total') > 20 * 3 * 100);
	assert.ok(grew('foyer_turn_seconds_count') > 20);
	assert.equal(grew('foyer_resumes_total', { from: 'nothing' }), 1);
	assert.equal(grew('foyer_resumes_total', { from: 'ring' })
		+ grew('foyer_resumes_total', { from: 'log' }), 1);
	await ann.post(room.id, 'by REST', { client_id: randomUUID() });
	await ear.find((f) => f.type === 'message' && f.text === 'by REST', 'it');
	await until(async () => (await metrics_of(server)).get('foyer_wakes_total', { by: 'socket' })
		> start.get('foyer_wakes_total', { by: 'socket' }), 'a wake-up');
	end_all();
	await until(async () => (await metrics_of(server)).get('foyer_connections_ended_total', { by: 'gone' })
		- start.get('foyer_connections_ended_total', { by: 'gone' }) === 2, 'their ends');
});

// The broker is stopped meanwhile, so that all of them have ended when it looks again.
it('a crowd that is cut off in one moment is counted one by one, and those who stay are heard', async () => {
	const CROWD = 60, STREAMS = 20, start = await metrics_of(server);
	const base = server.ws.replace(String(server.port), String(server.broker_port));
	const [ear, mouth] = [await live(server, { token: bob.token }), await live(server, { token: ann.token })];
	const crowd = await Promise.all(Array.from({ length: CROWD }, () => live(server, { token: bob.token, base })));
	await Promise.all([ear, mouth, ...crowd].map((c) => c.join(room.id)));
	const streams = await Promise.all(Array.from({ length: STREAMS },
		() => follow(server, room.id, { token: bob.token, port: server.broker_port })));
	const left = async () => (await metrics_of(server)).get('foyer_connections_ended_total', { by: 'gone' })
		- start.get('foyer_connections_ended_total', { by: 'gone' });

	process.kill(server.pid('broker'), 'SIGSTOP');
	mouth.send({ type: 'message', room_id: room.id, text: 'before', client_id: randomUUID() });
	[...crowd, ...streams].forEach((c) => c.end());
	await Promise.all([...crowd.map((c) => c.closed), ...streams.map((s) => s.ended)]);
	process.kill(server.pid('broker'), 'SIGCONT');
	await ear.find((f) => f.type === 'message' && f.text === 'before', 'what was said before');
	await mouth.message(room.id, 'after', { client_id: randomUUID() });
	await ear.find((f) => f.type === 'message' && f.text === 'after', 'what was said after');
	await until(async () => await left() === CROWD + STREAMS, 'their ends');
	const now = await metrics_of(server);
	assert.equal(now.get('foyer_connections', { state: 'ready' }), 2);
	assert.equal(now.get('foyer_listeners'), 2);
});

it('metrics are nobody else\'s: not what was handed on, and not behind the web server', async () => {
	const handed_on = await fetch(`${broker}/metrics`, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
	assert.equal(handed_on.status, 404);
	for (const path of ['/metrics', '/api/v1/metrics', '/ws/metrics']) {
		const reply = await fetch(server.origin + path);
		assert.equal(reply.status, 404, path);
		assert.equal((await reply.text()).includes('foyer_'), false, path);
	}
});

it('the port of its own has metrics and health, and nothing else', async () => {
	const ask = (path, headers = {}) => fetch(`http://127.0.0.1:${own_port}${path}`, { headers });
	assert.ok((await metrics_of(server, own_port)).get('foyer_database_up') === 1);
	assert.equal((await ask('/metrics', { 'X-Forwarded-For': '192.0.2.1' })).status, 200);
	for (const path of ['/health', '/health/ready', '/health/live']) {
		const reply = await ask(path);
		assert.equal(reply.status, 200, path);
		assert.equal((await reply.json()).status, 'ok');
	}
	for (const path of ['/', '/ws', '/api/v1/ws', '/nothing'])
		assert.equal((await ask(path)).status, 404, path);
	await assert.rejects(live(server, { token: ann.token, base: `ws://127.0.0.1:${own_port}/api/v1` }));
});

it('without its database the broker is alive and not ready', async () => {
	const status = async (path) => (await fetch(broker + path)).status;
	await server.cluster('stop', 'immediate');
	await until(async () => await status('/health/ready') === 503, 'an end of readiness');
	assert.equal(await status('/health'), 503);
	assert.equal(await status('/health/live'), 200);
	assert.equal((await metrics_of(server)).get('foyer_database_up'), 0);
	await server.cluster('start');
	await until(async () => await status('/health/ready') === 200, 'readiness');
	const now = await metrics_of(server);
	assert.equal(now.get('foyer_database_up'), 1);
	assert.ok(now.get('foyer_database_connects_total') >= 10);
});
