// idle.js -- what 15,000 connections at one broker cost, and 30,000 at two.
//
//	node bench/idle.js            IDLE=15000 RATE=100 ROUNDS=5
//
// Fifty people in rooms of ten talk, and measure how long a message takes to reach each of the
// ten: alone, and beside IDLE others who are connected and listen to a room of a hundred in
// which nobody talks. It prints medians of ROUNDS, and their ratio to the delay alone. What a
// connection costs is the growth of the broker's Pss. Then a second broker of the same database
// takes as many again; the talkers stay where they are.

import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT = 'release';
const { alive, end_private_servers, free_port, private_server } = await import('../tests/lib/server.js');
const { metrics_of } = await import('../tests/lib/prometheus.js');
const { until } = await import('../tests/lib/wait.js');
const { calm, CROWDED, memory_kib, ms, people, prefer, Swarm, table } = await import('./lib/swarm.js');
const { median } = await import('./lib/results.js');

const IDLE = Number(process.env.IDLE ?? 15000);
const RATE = Number(process.env.RATE ?? 100);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const LIVE = 50, SECONDS = 15;
const SETTINGS = { ...CROWDED, FOYER_NEWCOMERS_PER_SECOND: process.env.NEWCOMERS ?? '1500',
	FOYER_MAX_CONNECTIONS: String(IDLE + LIVE + 50) };

// A second broker beside the first, with its own port and wake-up socket.
async function second_broker(server, port) {
	const broker = spawn(path.resolve(process.env.BUILD ?? 'build', 'release/foyer-broker'),
		['--config', path.join(server.state, 'foyer.yaml')],
		{ env: { ...process.env, ...SETTINGS, FOYER_BROKER_LISTEN: `127.0.0.1:${port}`,
			FOYER_WAKE_SOCKET: 'wake2.sock' }, stdio: 'ignore' });
	await until(async () => (await metrics_of(server, port).catch(() => null))?.get('foyer_database_up') === 1,
		'the second broker');
	return broker;
}

async function main() {
	const server = await private_server({ name: 'idle', env: SETTINGS });
	await people(server, 0, LIVE, 10);
	await people(server, 1000000, 2 * IDLE, 100);
	const port = await free_port();
	const second = await second_broker(server, port);
	const live = new Swarm(server, 0, 10);
	const crowds = [new Swarm(server, 1000000, 100, { nice: 5 }),
		new Swarm(server, 1000000 + IDLE, 100, { nice: 5, port })];
	const pids = [server.pid('broker'), second.pid];
	prefer(server, live, ...crowds, { child: second });
	const rows = [], alone = new Map();
	const measure = async (what) => {
		const delays = [];
		await live.do(`talk ${RATE} 3 200`);
		for (let round = 0; round < ROUNDS; round++) {
			const talk = await live.do(`talk ${RATE} ${SECONDS} 200`);
			if (talk.gaps || talk.refused || talk.acked !== talk.sent)
				throw new Error(JSON.stringify(talk));
			delays.push(talk.delay);
		}
		for (const p of ['p50_ms', 'p90_ms', 'p99_ms'])
			note(what, p, delays.map((delay) => delay[p]));
	};
	const note = (what, p, values) => {
		const middle = median(values);
		alone.set(p, alone.get(p) ?? middle);
		rows.push([what, p.replace('_', ' '), ms(middle), (middle / alone.get(p)).toFixed(2),
			values.map(ms).join(' ')]);
	};
	const fill = async (i, at) => {
		const before = memory_kib(pids[i]);
		const opened = await crowds[i].do(`open ${IDLE}`);
		if (opened.listening !== IDLE)
			throw new Error(JSON.stringify(opened));
		await calm(server, at);
		const after = memory_kib(pids[i]);
		console.log(`broker ${i + 1}: ${opened.listening} connections in ${opened.seconds} s; Pss ${before.pss} `
			+ `-> ${after.pss} KiB, ${((after.pss - before.pss) / IDLE).toFixed(2)} KiB a connection`);
	};

	await live.do(`open ${LIVE}`);
	await calm(server);
	await measure('alone');
	await fill(0, server.broker_port);
	await measure(`beside ${IDLE}`);
	await fill(1, port);
	await measure(`beside ${IDLE}, and ${IDLE} at another broker`);
	// after a ping or two all of them must still be connected
	await new Promise((resolve) => setTimeout(resolve, 30000));
	const ready = [(await metrics_of(server)), (await metrics_of(server, port))]
		.map((m) => m.get('foyer_connections', { state: 'ready' }));
	table(['', 'delay', 'median', 'ratio', 'rounds'], rows);
	console.log(`still connected: ${ready.join(' and ')}`);
	await Promise.all([live, ...crowds].map((s) => s.end()));
	second.kill('SIGTERM');
	await until(() => !alive(second.pid), 'its end');
}

await main().finally(end_private_servers);
