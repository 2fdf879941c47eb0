// connections.js -- what opening and holding a connection costs, beside other servers.
//
//   make bench-connections
//   ROUNDS=1 COUNT=2000 node bench/connections.js
//
// COUNT clients connect, two hundred at a time, into rooms of a hundred, and stay. Measured are
// processor time for each, and how much the server's processes grow (Pss: shared pages divided
// among the processes that share them). Foyer verifies each client's signed token and sends
// `ready` (the user, their rooms), for which it queries PostgreSQL; the other servers query
// nothing. The cost before that query is therefore also measured by itself: FEW clients connect
// while PostgreSQL's processes are stopped, and wait with a verified token. The broker would
// not admit more than FEW in that state.

import fs from 'node:fs';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { CROWDED, calm, memory_kib, people } = await import('./lib/swarm.js');
const { PEERS } = await import('./lib/peers.js');
const { cpu_seconds, postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');
const { Load, keys_of } = await import('./lib/load.js');

const ROUNDS = Number(process.env.ROUNDS ?? 3), COUNT = Number(process.env.COUNT ?? 10000);
const PER_ROOM = 100, ROOMS = COUNT / PER_ROOM, FEW = 200, TIMES = 5;
const SETTINGS = { ...CROWDED, FOYER_NEWCOMERS_PER_SECOND: '100000', FOYER_MAX_CONNECTIONS: String(COUNT + 50) };

async function foyer() {
	const server = await private_server({ name: 'connections', env: SETTINGS });

	await people(server, 0, COUNT, PER_ROOM);
	return {
		port: server.broker_port, pids: () => [server.pid('broker')],
		keys: keys_of(server),
		beside: () => postgresql_of(server),
		rest: () => calm(server), end: end_private_servers,
	};
}

// Some of PostgreSQL's processes exit by themselves.
const is_there = (pid) => fs.existsSync(`/proc/${pid}`);

// Processor time, in microseconds, until a client waits for the database.
async function before_ready() {
	const server = await foyer();
	const tell = (pids, signal) => pids.filter(is_there).forEach((pid) => process.kill(pid, signal));
	const times = [];

	for (let n = 0; n <= TIMES; n++) {
		const halted = server.beside(), before = cpu_seconds(server.pids());
		const load = new Load('foyer-open', server.port, { rooms: FEW, per_room: 1, keys: server.keys });
		tell(halted, 'SIGSTOP');
		try {
			await load.do('open');
			await server.rest();
			times.push(1e6 * (cpu_seconds(server.pids()) - before) / FEW);
		} finally {
			tell(halted, 'SIGCONT');
		}
		await server.rest();
		await load.end();
		await server.rest();
	}
	await server.end();
	return median(times.slice(1)); // the first is the warm-up
}

const FOYER = { name: 'Foyer', dialect: 'foyer-ready', start: foyer };
const ALL = [...PEERS.filter(({ name }) => !/joined|QoS 1/.test(name)), FOYER]
	.filter(({ name }) => !process.env.PEERS || process.env.PEERS.split(';').includes(name));

const memory = (pids) => pids.reduce((sum, pid) => sum + memory_kib(pid).pss, 0);

async function round(peer) {
	const server = await peer.start();
	const load = new Load(peer.dialect, server.port, { rooms: ROOMS, per_room: PER_ROOM, keys: server.keys });

	try {
		const beside = server.beside?.() ?? [], kib = memory(server.pids());
		const before = [cpu_seconds(server.pids()), cpu_seconds(beside)];
		const { entered, seconds } = await load.do('open');
		if (entered < COUNT)
			throw new Error(`${peer.name} let ${entered} in`);
		const cpu = cpu_seconds(server.pids()) - before[0];
		const postgresql = cpu_seconds(beside) - before[1];
		await server.rest?.();
		return { us: 1e6 * cpu / COUNT, postgresql_us: 1e6 * postgresql / COUNT, rate: COUNT / seconds,
			kib: (memory(server.pids()) - kib) / COUNT };
	} finally {
		await load.end();
		await server.end();
	}
}

const runs = new Map(ALL.map(({ name }) => [name, []]));
for (let n = 0; n < ROUNDS; n++)
	for (const peer of ALL)
		runs.get(peer.name).push(await round(peer));
const found = ALL.map(({ name }) => Object.fromEntries([['name', name],
	...['us', 'postgresql_us', 'rate', 'kib'].map((what) => [what, median(runs.get(name).map((run) => run[what]))])]));
if (ALL.includes(FOYER))
	found.push({ name: 'Foyer, before ready', us: await before_ready() });
keep('connections', { rounds: ROUNDS, count: COUNT, found });
