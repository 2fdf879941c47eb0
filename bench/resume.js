// resume.js -- a thousand clients resume, and each has missed a thousand messages.
//
//   make bench-resume
//   ROUNDS=1 CLIENTS=100 node bench/resume.js
//
// A hundred rooms of ten, each with a thousand messages of 100 bytes in its log; everybody
// joins with `after: 0` at once, at a broker that has just started and has none of them in
// memory. Counts what arrives, each message once and in order, until all clients have
// everything.

import process from 'node:process';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { CROWDED, people } = await import('./lib/swarm.js');
const { cpu_seconds, postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');
const { Load, keys_of } = await import('./lib/load.js');

const ROUNDS = Number(process.env.ROUNDS ?? 3), CLIENTS = Number(process.env.CLIENTS ?? 1000);
const MESSAGES = 1000, PER_ROOM = 10;

// Each text is the stamp that bench/load.c looks for: a time (none) and the number.
const FILL = `
INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
SELECT r.no, n, n, now(), m.user_id, 'message', 'text', 'missed-' || n,
	rpad('@@' || repeat('0', 16) || lpad(to_hex(n), 12, '0'), 100, 'x')
FROM rooms r JOIN members m ON m.room_no = r.no AND m.role = 'owner', generate_series(1, ${MESSAGES}) n;
UPDATE room_heads SET seq = ${MESSAGES}, messages = ${MESSAGES}, last_message = ${MESSAGES}, active_at = now();
ANALYZE log`;

async function round() {
	const server = await private_server({ name: 'resume', env: { ...CROWDED, FOYER_NEWCOMERS_PER_SECOND: '100000' } });

	try {
		await people(server, 0, CLIENTS, PER_ROOM);
		await server.sql(FILL);
		const keys = keys_of(server);
		const load = new Load('foyer-resume', server.broker_port, { rooms: CLIENTS / PER_ROOM, per_room: PER_ROOM, keys });
		const pids = [[server.pid('broker')], postgresql_of(server)];
		const before = pids.map(cpu_seconds);
		const told = await load.do(`resume ${MESSAGES}`);
		const [broker, postgresql] = pids.map((some, i) => cpu_seconds(some) - before[i]);
		await load.end();
		if (told.heard !== CLIENTS * MESSAGES || told.lost || told.wrong)
			throw new Error(JSON.stringify(told));
		return { rate: told.heard / told.seconds, broker_us: 1e6 * broker / told.heard,
			postgresql_us: 1e6 * postgresql / told.heard, seconds: told.seconds };
	} finally {
		await end_private_servers();
	}
}

const runs = [];
for (let n = 0; n < ROUNDS; n++)
	runs.push(await round());
const found = Object.fromEntries(Object.keys(runs[0]).map((what) => [what, median(runs.map((run) => run[what]))]));
keep('resume', { rounds: ROUNDS, clients: CLIENTS, messages: MESSAGES, found });
