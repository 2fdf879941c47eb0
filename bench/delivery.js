// delivery.js -- Foyer beside other servers that deliver messages: the same work, the same load
// program, in turn, on the same machine.
//
//   make bench-delivery
//   ROUNDS=3 SECONDS=5 WORK='big room, 32 in flight' node bench/delivery.js
//
// Prints a table of medians for each kind of work: deliveries per second of the server's own
// processor time, also as a ratio to a bare server that makes one send() for each; what was
// lost or out of order; and delays. Foyer stores every message before it delivers it, the
// others store nothing: the processor time of its PostgreSQL stands in a column of its own.

import process from 'node:process';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { CROWDED, calm, people } = await import('./lib/swarm.js');
const { FLOOR, PEERS } = await import('./lib/peers.js');
const { cpu_seconds, postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');
const { Load, keys_of } = await import('./lib/load.js');

const number = (name, value) => Number(process.env[name] ?? value);
const ROUNDS = number('ROUNDS', 3), SECONDS = number('SECONDS', 5), BYTES = number('BYTES', 100);

const WORKS = [
	{ name: 'big room, 32 in flight', rooms: 1, per_room: 1000, command: 'flood 32' },
	{ name: 'big room, 1 in flight', rooms: 1, per_room: 1000, command: 'flood 1' },
	{ name: 'small rooms', rooms: 200, per_room: 10, command: 'flood 1' },
	{ name: 'steady', rooms: 100, per_room: 100, command: 'offer 500' },
].filter(({ name }) => !process.env.WORK || process.env.WORK.split(';').includes(name));

// Foyer as one of the peers. It stays up for all rounds of a kind of work, since its database
// takes a while to start.
let ours = null;

async function foyer({ rooms, per_room }) {
	if (!ours) {
		ours = await private_server({ env: CROWDED });
		await people(ours, 0, rooms * per_room, per_room);
	}
	const server = ours;
	return {
		port: server.broker_port,
		keys: keys_of(server),
		pids: () => [server.pid('broker')],
		beside: () => postgresql_of(server),
		// Foyer tells a room's members who has come: wait until that is over.
		settled: () => calm(server),
		end: async () => {},
	};
}

async function end_foyer() {
	ours = null;
	await end_private_servers();
}

const FOYER = 'Foyer';
const ALL = [...PEERS, { name: FOYER, dialect: 'foyer', start: foyer }]
	.filter(({ name }) => !process.env.PEERS || process.env.PEERS.split(';').includes(name));

async function round(peer, work) {
	const server = await peer.start(work);
	const load = new Load(peer.dialect, server.port, { ...work, keys: server.keys });

	try {
		const { entered } = await load.do('open');
		if (entered < work.rooms * work.per_room)
			throw new Error(`${peer.name} let ${entered} in`);
		await server.settled?.();
		await load.do(`${work.command} 1 ${BYTES}`); // warm-up
		const beside = server.beside?.() ?? [];
		const before = [cpu_seconds(server.pids()), cpu_seconds(beside)];
		const told = await load.do(`${work.command} ${SECONDS} ${BYTES}`);
		return {
			...told,
			cpu: cpu_seconds(server.pids()) - before[0],
			beside: cpu_seconds(beside) - before[1],
		};
	} finally {
		await load.end();
		await server.end();
	}
}

// Medians of a server's runs, CPU in seconds per second; lost: the total.
function summary(name, runs, floor) {
	const of = (pick) => median(runs.map(pick));
	const per_cpu = of(({ heard, cpu }) => heard / cpu);

	return {
		name, per_cpu, ratio: per_cpu / floor,
		rate: of(({ heard, seconds }) => heard / seconds),
		cpu: of(({ cpu, seconds }) => cpu / seconds),
		beside: name === FOYER ? of(({ beside, seconds }) => beside / seconds) : null,
		load: of(({ own_cpu_s, seconds }) => own_cpu_s / seconds),
		p50_ms: of(({ delays }) => delays.p50_ms), p99_ms: of(({ delays }) => delays.p99_ms),
		p999_ms: of(({ delays }) => delays.p999_ms),
		lost: runs.reduce((sum, { lost, wrong }) => sum + lost + wrong, 0),
	};
}

async function measure(work) {
	const runs = new Map(ALL.map(({ name }) => [name, []]));

	for (let n = 0; n < ROUNDS; n++)
		for (const peer of ALL)
			runs.get(peer.name).push(await round(peer, work));
	await end_foyer();
	const floor = median((runs.get(FLOOR) ?? []).map(({ heard, cpu }) => heard / cpu));
	return ALL.map(({ name }) => summary(name, runs.get(name), floor));
}

const works = [];
try {
	for (const work of WORKS) {
		const found = await measure(work);
		works.push({ name: work.name, found });
		console.error(`${work.name}: done`);
	}
	keep('delivery', { rounds: ROUNDS, seconds: SECONDS, bytes: BYTES, works });
} finally {
	await end_foyer();
}
