// brokers.js -- how long a message takes to reach a listener at another broker, by PostgreSQL's
// NOTIFY and by Redis, compared with a listener at the same broker.
//
//	node bench/brokers.js         RATE=500 ROOMS=50 SECONDS=10 ROUNDS=2
//
// Two brokers share one database. In each of ROOMS rooms a person at the first broker sends
// RATE / ROOMS messages a second; one member of the room listens there, one at the second
// broker. Redis is stopped and started in turn, so that the same brokers are measured both ways
// in one run. Besides the delays it prints the share of a processor that the second broker and
// PostgreSQL used.

import fs from 'node:fs';
import process from 'node:process';
import { createRequire } from 'node:module';

process.env.VARIANT = 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { metric, Peer } = await import('../tests/lib/peer.js');
const { Redis } = await import('../tests/lib/redis.js');
const { actor } = await import('../tests/lib/rest.js');
const { tick, until } = await import('../tests/lib/wait.js');
const { CROWDED, ms, prefer, table } = await import('./lib/swarm.js');
const WebSocket = createRequire(new URL('../tests/', import.meta.url))('ws');

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const RATE = number('RATE', 500), ROOMS = number('ROOMS', 50);
const SECONDS = number('SECONDS', 10), ROUNDS = number('ROUNDS', 2);

const now_ms = () => Number(process.hrtime.bigint()) / 1e6;

// Joins a room as who; calls heard for each message.
async function listener(at, who, room, heard = () => {}) {
	const socket = new WebSocket(`${at}/ws`, { headers: { Authorization: `Bearer ${who.token}` } });
	await new Promise((resolve, reject) => {
		socket.on('error', reject);
		socket.on('message', (bytes) => {
			const now = now_ms(), frame = JSON.parse(bytes);
			if (frame.type === 'ready')
				socket.send(JSON.stringify({ type: 'join', room_id: room.id }));
			else if (frame.type === 'joined')
				resolve();
			else if (frame.type === 'message')
				heard(now - Number(frame.text));
		});
	});
	return socket;
}

// User and system time of a process and its children, in seconds.
function used_s(pids) {
	return pids.reduce((sum, pid) => {
		const fields = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
		return sum + (Number(fields[11]) + Number(fields[12])) / 100;
	}, 0);
}

function children(pid) {
	return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number);
}

function quantiles(delays) {
	const sorted = [...delays].sort((a, b) => a - b);
	return [0.5, 0.9, 0.99].map((q) => ms(sorted[Math.floor(q * (sorted.length - 1))]));
}

const redis = await Redis.start();
const server = await private_server({ name: 'brokers', env: { ...CROWDED, ...redis.settings() } });
const peer = await Peer.start(server);
const used = (is) => until(async () => await metric(server.broker_port, 'foyer_bus_used') === is
	&& await metric(peer.port, 'foyer_bus_used') === is, 'the other way');
let here = [], there = [];
const rows = [], sockets = [];

const [ann, bob] = [await actor(server, 'ann'), await actor(server, 'bob')];
for (let i = 0; i < ROOMS; i++) {
	const room = await ann.room({ member_ids: [bob.id] });
	const own = `ws://127.0.0.1:${server.broker_port}${server.prefix}/api/v1`;
	const socket = await listener(own, ann, room, (delay) => here.push(delay));
	sockets.push(Object.assign(socket, { room }),
		await listener(peer.ws, bob, room, (delay) => there.push(delay)));
}

async function talk(seconds) {
	const talkers = sockets.filter((s) => s.room), end = now_ms() + seconds * 1000;
	let sent = 0;
	const began = now_ms();
	while (now_ms() < end) {
		for (; sent < (now_ms() - began) * RATE / 1000; sent++) {
			const to = talkers[sent % talkers.length];
			to.send(JSON.stringify({ type: 'message', room_id: to.room.id, client_id: `k${began}-${sent}`,
				text: String(now_ms()) }));
		}
		await tick(1);
	}
	await until(() => here.length >= sent && there.length >= sent, 'what was said');
	if (here.length !== sent || there.length !== sent)
		throw new Error(`${sent} sent, ${here.length} and ${there.length} heard`);
	return sent;
}

async function measure(way) {
	const postgres = children(server.postmaster());
	await talk(2);
	[here, there] = [[], []];
	const before = [used_s([peer.process.pid]), used_s(postgres)];
	const sent = await talk(SECONDS);
	const after = [used_s([peer.process.pid]), used_s(postgres)];
	const share = after.map((s, i) => `${((s - before[i]) / SECONDS * 100).toFixed(1)} %`);
	rows.push([way, 'the same', sent, ...quantiles(here), '', '']);
	rows.push([way, 'the other', sent, ...quantiles(there), ...share]);
	[here, there] = [[], []];
}

for (let round = 0; round < ROUNDS; round++) {
	await used(1);
	prefer(server, { child: peer.process }, { child: redis.process });
	await measure('Redis');
	await redis.kill();
	await used(0);
	await measure('PostgreSQL');
	await redis.run();
}
table(['by', 'broker', 'messages', 'p50 ms', 'p90 ms', 'p99 ms', 'its processor', 'PostgreSQL\'s'], rows);
for (const socket of sockets)
	socket.terminate();
await peer.end();
await end_private_servers();
await redis.end();
