// rest.js -- Foyer's REST routes beside the same work on gin and pgx.
//
//   make bench-rest
//   ROUNDS=5 REQUESTS=1000 node bench/rest.js
//
// Both use the same PostgreSQL, each with a database of its own, and receive requests in turn
// over eight connections. The other server (bench/peers/rest) has as few tables as the work
// allows, speaks HTTP itself, and has neither limits nor sessions that can be ended. The result
// is processor time for a thousand requests: the program's, that of PostgreSQL's backends, and
// that of the lighttpd in front of Foyer's programs. Medians of the rounds. Beside validate
// stands the floor: the least that a FastCGI program can do (bench/peers/fcgi_floor.c).

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, free_port, private_server } = await import('../tests/lib/server.js');
const { until } = await import('../tests/lib/wait.js');
const { answers, go_program } = await import('./lib/peers.js');
const { Asker } = await import('./lib/ask.js');
const { cpu_seconds } = await import('./lib/cpu.js');
const { floors } = await import('./lib/floors.js');
const { keep, median } = await import('./lib/results.js');

const ROUNDS = Number(process.env.ROUNDS ?? 5), REQUESTS = Number(process.env.REQUESTS ?? 1000);
const HASHED = Math.max(8, REQUESTS / 20); // of the routes that take 20 ms each
const PASSWORD = 'correct horse battery staple', TEXT = 'x'.repeat(100);
// Both hash passwords at Foyer's default cost.
const SETTINGS = { ...LOOSE, FOYER_PASSWORD_MEMORY_KIB: '19456', FOYER_PASSWORD_PASSES: '2' };

let people = 0;
const address = () => `10.${people >> 16 & 255}.${people >> 8 & 255}.${people & 255}`;
const newcomer = () => ({ method: 'POST', path: '/auth/register', address: address(),
	body: { login: `person${++people}`, email: `person${people}@example.org`, password: PASSWORD } });

// The requests to either server: how many, and the i-th of them.
const ROUTES = {
	register: () => [HASHED, newcomer],
	login: (side) => [HASHED, (i) => ({ method: 'POST', path: '/auth/login', address: `11.0.0.${i % 256}`,
		body: { login: side.login, password: PASSWORD } })],
	validate: ({ token }) => [REQUESTS, () => ({ path: '/auth/validate', token })],
	'history of 50': ({ token, room }) => [REQUESTS, () => ({ path: `/rooms/${room}/messages?limit=50`, token })],
	post: ({ token, room }) => [REQUESTS, () => ({ method: 'POST', path: `/rooms/${room}/messages`, token,
		body: { text: TEXT } })],
};

// Creates a person with a room and a page of messages in it.
async function furnish(side, room) {
	const who = newcomer();
	const { access_token } = await side.asker.want(who);
	side.login = who.body.login;
	side.token = access_token;
	side.room = (await side.asker.want({ method: 'POST', path: '/rooms', token: side.token, body: room })).id;
	await side.asker.many(100, ROUTES.post(side)[1]);
	return side;
}

async function gin_and_pgx(server) {
	const port = await free_port(), socket = path.join(server.state, 'pg/sock');

	await server.sql('CREATE DATABASE beside');
	const child = spawn('setpriv', [`--reuid=${fs.statSync(socket).uid}`, '--clear-groups',
		go_program('rest'), String(port), `host=${socket} port=5432 user=foyer dbname=beside`],
	{ stdio: ['ignore', 'ignore', 'inherit'] });
	await until(() => answers(port), 'gin answers');
	return { name: 'gin + pgx', child, asker: new Asker(`http://127.0.0.1:${port}`), pids: () => [child.pid],
		front: () => [], database: / beside / };
}

const foyer = (server) => ({ name: 'Foyer', asker: new Asker(server.api), pids: () => server.workers(),
	front: () => [server.pid('lighttpd')], database: / foyer_?\w* foyer / });

// Answers every request in the same two words.
async function least(server) {
	const run = await floors(server);
	return { ...run, name: 'the least FastCGI program', asker: new Asker(`${run.url}/fcgi_floor`), database: /^$/ };
}

async function measure(server, side, route) {
	const [count, request] = ROUTES[route](side);
	const backends = server.children(server.postmaster())
		.filter(({ command }) => side.database.test(command)).map(({ pid }) => pid);
	const of = () => [side.pids(), backends, side.front()].map(cpu_seconds);
	const before = of();
	const seconds = await side.asker.many(count, request);
	const [program, postgresql, front] = of().map((s, i) => 1000 * (s - before[i]) / count);
	return { program, postgresql, front, rate: count / seconds };
}

function report(runs) {
	const found = [...runs].map(([key, list]) => {
		const [route, name] = key.split('|');
		const of = (what) => median(list.map((run) => run[what]));
		return { route, name, program: of('program'), postgresql: of('postgresql'), front: of('front'), rate: of('rate') };
	});
	keep('rest', { rounds: ROUNDS, requests: REQUESTS, found });
}

const server = await private_server({ name: 'rest', env: SETTINGS });
const sides = [await gin_and_pgx(server), foyer(server)], under = await least(server);
const compared = { validate: [...sides, under] };
try {
	const runs = new Map();
	await furnish(sides[0], {});
	await furnish(sides[1], { name: 'room', kind: 'group' });
	under.token = sides[1].token;
	for (let n = 0; n <= ROUNDS; n++)	// the first is the warm-up
		for (const route of Object.keys(ROUTES))
			for (const side of compared[route] ?? sides) {
				const key = `${route}|${side.name}`, run = await measure(server, side, route);
				if (n > 0)
					runs.set(key, [...runs.get(key) ?? [], run]);
			}
	report(runs);
} finally {
	for (const { asker } of [...sides, under])
		asker.end();
	await under.end();
	sides[0].child.kill('SIGTERM');
	await end_private_servers();
}
