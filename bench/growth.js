// growth.js -- does a message cost more if there is more of everything?
//
//   make bench-growth
//   ROUNDS=1 SECONDS=2 MESSAGES=100000 node bench/growth.js idle
//
// 500 messages a second are sent to a hundred rooms of ten, on two servers in turn that differ
// in one thing only: a thousand messages or a million in the logs of these rooms, a hundred
// rooms or ten thousand, ten idle connections or ten thousand. Prints medians of the broker's
// processor time per delivery, of PostgreSQL's per message, and of the delay, and the ratio of
// the larger to the smaller: flat means up to 1.2.

import process from 'node:process';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { actor } = await import('../tests/lib/rest.js');
const { CROWDED, calm, people, Swarm, until_indexed } = await import('./lib/swarm.js');
const { cpu_seconds, postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');
const { Load, keys_of } = await import('./lib/load.js');

const number = (name, value) => Number(process.env[name] ?? value);
const ROUNDS = number('ROUNDS', 3), SECONDS = number('SECONDS', 5), RATE = 500;
const ROOMS = 100, PER_ROOM = 10, OTHERS = 1000000; // first number of the additional people
const SETTINGS = { ...CROWDED, FOYER_NEWCOMERS_PER_SECOND: '100000' };

const fill = (messages) => `
	INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
	SELECT r.no, n, n, now(), m.user_id, 'message', 'text', 'fill-' || n, repeat('x', 100)
	FROM rooms r JOIN members m ON m.room_no = r.no AND m.role = 'owner', generate_series(1, ${messages / ROOMS}) n;
	UPDATE room_heads SET seq = ${messages / ROOMS}, messages = ${messages / ROOMS},
		last_message = ${messages / ROOMS}, active_at = now()`;

// What grows: [name, [the smaller size, the larger], fill(server, size)].
const GROWING = {
	messages: [[1000, number('MESSAGES', 1000000)], (server, count) => server.sql(fill(count))],
	rooms: [[100, number('ROOMS', 10000)], (server, count) =>
		count > ROOMS && people(server, OTHERS, count - ROOMS, 1)],
	idle: [[10, number('IDLE', 10000)], async (server, count) => {
		await people(server, OTHERS, count, PER_ROOM);
		server.crowd = new Swarm(server, OTHERS, PER_ROOM);
		const { listening } = await server.crowd.do(`open ${count}`);
		if (listening < count)
			throw new Error(`${listening} of ${count} came`);
	}],
};

async function make(size, grow) {
	const server = await private_server({ name: 'growth', env: SETTINGS });

	await people(server, 0, ROOMS * PER_ROOM, PER_ROOM);
	await grow(server, size);
	// Otherwise a million messages would be indexed while others are measured.
	const asker = await actor(server, 'asker');
	await server.sql(`INSERT INTO members (room_no, user_id) SELECT max(room_no), '${asker.id}'
		FROM room_heads WHERE seq = (SELECT max(seq) FROM room_heads)`);
	await until_indexed(asker);
	await server.sql('VACUUM ANALYZE');
	await server.sql('CHECKPOINT');
	await calm(server);
	const keys = keys_of(server);
	server.load = new Load('foyer', server.broker_port, { rooms: ROOMS, per_room: PER_ROOM, keys });
	await server.load.do('open');
	await server.load.do(`offer ${RATE} 1 100`); // warm-up
	return server;
}

async function measure(server) {
	const pids = [[server.pid('broker')], postgresql_of(server)];
	const before = pids.map(cpu_seconds);
	const told = await server.load.do(`offer ${RATE} ${SECONDS} 100`);
	const [broker, postgresql] = pids.map((some, i) => cpu_seconds(some) - before[i]);

	if (told.heard !== told.published * PER_ROOM)
		throw new Error(JSON.stringify(told));
	return { broker_us: 1e6 * broker / told.heard, postgresql_us: 1e6 * postgresql / told.published,
		p50_ms: told.delays.p50_ms };
}

async function range(name, sizes, grow) {
	const servers = [await make(sizes[0], grow), await make(sizes[1], grow)], runs = [[], []];

	for (let n = 0; n < ROUNDS; n++)
		for (const [i, server] of servers.entries())
			runs[i].push(await measure(server));
	for (const server of servers)
		await Promise.all([server.load.end(), server.crowd?.end()]);
	await end_private_servers();
	const of = (i, what) => median(runs[i].map((run) => run[what]));
	return sizes.map((size, i) => Object.fromEntries([['name', name], ['size', size],
		...['broker_us', 'postgresql_us', 'p50_ms'].flatMap((what) => [[what, of(i, what)], [`${what}_ratio`, of(i, what) / of(0, what)]])]));
}

const found = [];
try {
	for (const [name, [sizes, grow]] of Object.entries(GROWING))
		if (process.argv.length < 3 || process.argv.includes(name))
			found.push(...await range(name, sizes, grow));
	keep('growth', { rounds: ROUNDS, seconds: SECONDS, found });
} finally {
	await end_private_servers();
}
