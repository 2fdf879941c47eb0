// connections.js -- what a connection costs to open and to hold, beside other servers.
//
//   make bench-connections
//   ROUNDS=1 COUNT=2000 node bench/connections.js
//
// COUNT clients open, two hundred at a time, into rooms of a hundred, and stay. Processor time for
// each, and the memory that the server's processes (Pss, as the kernel divides what is shared)
// grew by. Foyer's come with a signed token that is checked and are told `ready` (who they
// are, their rooms), for which PostgreSQL is asked; the others ask nobody anything. So what
// the way there takes stands apart: of FEW who find PostgreSQL's processes stopped, and wait
// with a token that was checked. More than that the broker would not let in.

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

// Some of PostgreSQL's processes end by themselves.
const is_there = (pid) => fs.existsSync(`/proc/${pid}`);

// Processor time until each waits for the database, in microseconds.
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
	return median(times.slice(1)); // the first makes it warm
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
