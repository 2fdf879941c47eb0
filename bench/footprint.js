// footprint.js -- memory of an unused Foyer, and the time of a page of history by plain CGI.
//
//   make bench-footprint
//   REQUESTS=50 node bench/footprint.js
//
// Memory is that of a server just started with its default settings, without PostgreSQL. For
// each process it is what the kernel calls private (freed if that process ended); for all
// together, that and Pss, which counts a page shared by several processes once, since the
// workers of one program share most of what they write. Pss counts libraries whole unless
// something else on the machine uses them.
//
// The CGI times are wall-clock times, one request after the other: a page from a program that
// stays after its answer, which is the default; from one that is started for each request,
// connects to the database, answers and exits (STAY=no); and, in turn with them, the floor: a
// program that connects by libpq, runs SELECT 1 and exits (bench/peers/cgi_floor.c).

import fs from 'node:fs';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, private_server } = await import('../tests/lib/server.js');
const { calm } = await import('./lib/swarm.js');
const { Asker } = await import('./lib/ask.js');
const { floors } = await import('./lib/floors.js');
const { postgresql_of } = await import('./lib/cpu.js');
const { keep, median } = await import('./lib/results.js');

const REQUESTS = Number(process.env.REQUESTS ?? 100);

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// Sum of these lines of the process's smaps_rollup.
function kib_of(pid, lines) {
	const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	return sum([...text.matchAll(new RegExp(`^(?:${lines}):\\s+(\\d+)`, 'gm'))].map(([, kib]) => Number(kib)));
}

async function memory() {
	const server = await private_server({ name: 'empty' });

	await calm(server);
	const database = new Set([server.postmaster(), ...postgresql_of(server)]);
	const workers = server.workers(), broker = server.pid('broker');
	const kib = server.all_pids().filter((pid) => !database.has(pid))
		.map((pid) => ({ pid, own: kib_of(pid, 'Private_Clean|Private_Dirty'), pss: kib_of(pid, 'Pss') }));
	const of = (some) => kib.filter(({ pid }) => some.includes(pid)).map((p) => p.own);
	return { broker: of([broker])[0], worker: median(of(workers)), worker_most: Math.max(...of(workers)),
		workers: workers.length, all_own: sum(kib.map((p) => p.own)), all: sum(kib.map((p) => p.pss)) };
}

const quantiles = (times) => ({ p50_ms: median(times), p90_ms: times.sort((a, b) => a - b)[Math.floor(0.9 * times.length)] });

// Returns functions that request that page and that end it.
async function page_of(name, env) {
	const server = await private_server({ name, env: { ...LOOSE, REST: 'cgi', ...env } });
	const asker = new Asker(server.api, 1);
	const { access_token: token } = await asker.want({ method: 'POST', path: '/auth/register',
		body: { login: 'ann', email: 'ann@example.org', password: 'correct horse battery staple' } });
	const { id } = await asker.want({ method: 'POST', path: '/rooms', token, body: { name: 'room', kind: 'group' } });

	await asker.many(50, (i) => ({ method: 'POST', path: `/rooms/${id}/messages`, token, body: { text: `message ${i}` } }));
	return { server, end: () => asker.end(),
		ask: () => asker.many(1, () => ({ path: `/rooms/${id}/messages?limit=50`, token })) };
}

async function page_by_cgi() {
	const stays = await page_of('stays', {}), ends = await page_of('ends', { STAY: 'no' });
	const floor = await floors(ends.server), under = new Asker(floor.url, 1);
	const asked = [stays.ask, ends.ask, () => under.many(1, () => ({ path: '/cgi_floor' }))], times = asked.map(() => []);

	try {
		for (let i = 0; i < REQUESTS; i++)
			for (const [k, ask] of asked.entries())
				times[k].push(1000 * await ask());
		const [staying, ending, least] = times.map(quantiles);
		return { staying, ending, floor: least };
	} finally {
		stays.end();
		ends.end();
		under.end();
		await floor.end();
	}
}

try {
	const empty = await memory(), cgi = await page_by_cgi();
	keep('footprint', { empty, cgi });
} finally {
	await end_private_servers();
}
