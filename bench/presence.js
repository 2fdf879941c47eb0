// presence.js -- what arrivals and departures cost, by the size of the people's rooms:
// processor time of the broker, and of the PostgreSQL backend of its connection for presence
// (which also writes marks and heartbeats).
//
//	node bench/presence.js         PEOPLE=10000 ROOMS=2,10,100,1000
//
// Each figure is for everybody arriving once, or leaving once; each person is in one room.
// Rooms with more than presence_room_members (100) members get no presence frames.

import fs from 'node:fs';
import process from 'node:process';

process.env.VARIANT = 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { until } = await import('../tests/lib/wait.js');
const { calm, CROWDED, people, prefer, Swarm, table } = await import('./lib/swarm.js');

const PEOPLE = Number(process.env.PEOPLE ?? 10000);
const ROOMS = (process.env.ROOMS ?? '2,10,100,1000').split(',').map(Number);
const GRACE_S = 2, TICKS = 100, DEADLINE_MS = 300000;

// Processor time of a process, in seconds.
function cpu_s(pid) {
	const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
	const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13);
	return (Number(user) + Number(system)) / TICKS;
}

async function main() {
	const server = await private_server({
		name: 'presence', env: { ...CROWDED, FOYER_PRESENCE_GRACE_S: String(GRACE_S) },
	});
	const note = Number(await server.sql(
		"SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%broker note'"));
	const cpu = () => [server.pid('broker'), note].map(cpu_s);
	const here = (count) => until(async () =>
		await server.sql('SELECT count(*) FROM presence') === String(count), `${count} people`, DEADLINE_MS);
	const rows = [];

	for (const [i, size] of ROOMS.entries()) {
		const first = 1000000 * (i + 1);
		await people(server, first, PEOPLE, size);
		const swarm = new Swarm(server, first, size);
		prefer(server, swarm);
		await calm(server);
		const [broker, line] = cpu();
		await swarm.do(`open ${PEOPLE}`);
		await here(PEOPLE);
		const [broker_in, line_in] = cpu();
		await swarm.do('drop');
		await here(0);
		const [broker_out, line_out] = cpu();
		await swarm.end();
		rows.push([size, ...[broker_in - broker, line_in - line, broker_out - broker_in, line_out - line_in]
			.map((s) => s.toFixed(2))]);
	}
	table(['people a room', 'broker, arriving, s', 'backend, arriving, s', 'broker, leaving, s', 'backend, leaving, s'], rows);
}

await main().finally(end_private_servers);
