// durable.js -- how many messages a second are stored, compared with single inserts.
//
//   make bench-durable
//   ROUNDS=3 SECONDS=5 node bench/durable.js
//
// An acknowledgement means committed. One person in one room with a thousand messages in
// flight, the same with two thousand, and a thousand people in rooms of their own with eight
// each; then pgbench with one client that inserts the same text into a plain table of the same
// cluster, on the same disk with the same settings, one commit each. All in turn; medians are
// printed.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { CROWDED, people } = await import('./lib/swarm.js');
const { cpu_seconds, postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');
const { Load, keys_of } = await import('./lib/load.js');

const ROUNDS = Number(process.env.ROUNDS ?? 3), SECONDS = Number(process.env.SECONDS ?? 5), BYTES = 100;
const WORKS = [
	{ name: 'one room, 1,000 in flight', rooms: 1, per_room: 1, window: 1000 },
	{ name: 'one room, 2,000 in flight', rooms: 1, per_room: 1, window: 2000 },
	{ name: '1,000 rooms, 8 in flight in each', rooms: 1000, per_room: 1, window: 8 },
];

// PostgreSQL reuses its old WAL files. A new cluster has none: it fills each file of 16 MB with
// zeros first, and commits wait for that.
async function write_a_gigabyte(server) {
	await server.sql("CREATE TABLE filling AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 1000000) n");
	await server.sql('CHECKPOINT');
	await server.sql('DROP TABLE filling');
}

async function acknowledged(server, { rooms, per_room, window }) {
	const keys = keys_of(server);
	const load = new Load('foyer', server.broker_port, { rooms, per_room, keys });

	try {
		await load.do('open');
		await load.do(`flood ${window} 1 ${BYTES}`); // warm-up
		const pids = [[server.pid('broker')], postgresql_of(server)];
		const before = pids.map(cpu_seconds);
		const told = await load.do(`flood ${window} ${SECONDS} ${BYTES}`);
		const spent = pids.map((some, i) => cpu_seconds(some) - before[i]);
		if (told.acked !== told.published)
			throw new Error(`${told.published - told.acked} of ${told.published} were not acknowledged`);
		return { rate: told.acked / told.seconds, broker_us: 1e6 * spent[0] / told.acked,
			postgresql_us: 1e6 * spent[1] / told.acked, ...told.acks };
	} finally {
		await load.end();
	}
}

// Runs the pgbench of the cluster's own version, as the owner of the cluster.
async function single_inserts(server) {
	const script = path.join(server.state, 'pg/insert.sql');
	const bin = path.dirname(fs.readlinkSync(`/proc/${server.postmaster()}/exe`));

	await server.sql('CREATE TABLE IF NOT EXISTS single (id bigserial PRIMARY KEY, text text)');
	fs.writeFileSync(script, `INSERT INTO single (text) VALUES ('${'x'.repeat(BYTES)}');\n`);
	const { stdout } = await promisify(execFile)('setpriv', [
		`--reuid=${fs.statSync(path.join(server.state, 'pg/sock')).uid}`, '--clear-groups',
		path.join(bin, 'pgbench'), '-n', '-c', '1', '-M', 'prepared', '-T', String(SECONDS), '-f', script,
		'-h', path.join(server.state, 'pg/sock'), '-p', '5432', '-U', 'foyer', 'foyer']);
	return { rate: Number(/tps = ([\d.]+)/.exec(stdout)[1]) };
}

const server = await private_server({ env: CROWDED });
const runs = new Map([...WORKS.map(({ name }) => [name, []]), ['single inserts', []]]);

try {
	await people(server, 0, 1000, 1);
	await write_a_gigabyte(server);
	for (let n = 0; n < ROUNDS; n++) {
		for (const work of WORKS)
			runs.get(work.name).push(await acknowledged(server, work));
		runs.get('single inserts').push(await single_inserts(server));
	}
	const of = (name, what) => median(runs.get(name).map((run) => run[what]));
	const single = of('single inserts', 'rate');
	const found = [...runs.keys()].map((name) => ({
		name, rate: of(name, 'rate'), ratio: of(name, 'rate') / single, broker_us: of(name, 'broker_us'),
		postgresql_us: of(name, 'postgresql_us'), p50_ms: of(name, 'p50_ms'), p99_ms: of(name, 'p99_ms'),
	}));
	keep('durable', { rounds: ROUNDS, seconds: SECONDS, found });
} finally {
	await end_private_servers();
}
