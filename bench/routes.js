// routes.js -- what a request costs with 100 messages in the database and with 1,000,000.
//
//	node bench/routes.js            all routes
//	node bench/routes.js history    those whose names contain that
//
// Two servers of the release build run beside each other and differ only in the number of
// messages: one person has fifty rooms, one of which holds a full page even if there are 100
// messages in all, so that the answers are of the same size. Rounds alternate between the
// servers; medians are printed. CPU time is that of the REST programs, PostgreSQL's backends
// and lighttpd, as the kernel counts it. Requests per second are those of eight connections
// that share two cores with all of this, so CPU time is the figure to look at. The last column
// should stay below 1.2. At the end it prints each statement of a route, the buffers it touches
// at either size, and where its rows come from.
//
//	LARGE=10000 ROUNDS=1 node bench/routes.js    fewer

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import process from 'node:process';

process.env.VARIANT = 'release';
const { end_private_servers, private_server, LOOSE } = await import('../tests/lib/server.js');
const { actor } = await import('../tests/lib/rest.js');
const { until } = await import('../tests/lib/wait.js');
const { until_indexed } = await import('./lib/swarm.js');
const { explain_from_now_on, explained, sources } = await import('./lib/explain.js');

const ROOMS = 50;
const SIZES = [100, Number(process.env.LARGE ?? 1000000)];
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = 600;
const CONNECTIONS = 8;

// Messages of a room: a page in the first one, the rest spread evenly.
const share = (size) => `(CASE WHEN r.no = (SELECT min(no) FROM rooms) THEN ${size} - 49 * ${Math.floor((size - 51) / 49)}
	ELSE ${Math.floor((size - 51) / 49)} END)`;

// Texts of six words out of some 40,000, distributed as in a language. The last message of each
// of twenty rooms has one more word, so that as many are found at each size.
const FILL = `
INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
SELECT r.no, h.seq + n, h.messages + n, now() - (:count - n) * interval '1 second', :who,
	'message', 'text', 'fill-' || n,
	(SELECT string_agg('word' || (40000 ^ random())::int, ' ') FROM generate_series(1, 6)
		WHERE n > 0) || CASE WHEN n = :count AND r.no < (SELECT min(no) + 20 FROM rooms)
		THEN ' kestrel' ELSE '' END
FROM rooms r JOIN room_heads h ON h.room_no = r.no, generate_series(1, :count) n;
UPDATE room_heads h SET seq = seq + :count, messages = messages + :count,
	last_message = seq + :count, active_at = now() FROM rooms r WHERE r.no = h.room_no;
UPDATE members m SET read_seq = h.seq, read_messages = h.messages
	FROM room_heads h WHERE h.room_no = m.room_no;
`;

async function make(size) {
	const server = await private_server({ name: `bench-${size}`, env: LOOSE });
	const ann = await actor(server, 'ann');
	const rooms = [];

	for (let i = 0; i < ROOMS; i++)
		rooms.push(await ann.room({ name: `room ${i}` }));
	const text = FILL.replaceAll(':count', share(size)).replaceAll(':who', `'${ann.id}'`);
	await server.sql(text);
	await server.sql('VACUUM ANALYZE');
	await server.sql('CHECKPOINT');
	const file = await ann.call('POST', '/files?name=a.bin', {
		body: Buffer.alloc(20000, 1), type: 'application/octet-stream',
	});
	await until_indexed(ann);
	return { size, server, ann, rooms, file: file.body?.id };
}

const some = (list, i) => list[i % list.length].id;
const middle = (f) => (f.size > 1000 ? Math.floor(f.size / ROOMS / 2) : 60);

const ROUTES = {
	validate: () => ['GET', '/auth/validate'],
	'room list': () => ['GET', '/rooms?limit=50'],
	'history, newest': (f) => ['GET', `/rooms/${f.rooms[0].id}/messages?limit=50`],
	'history, middle': (f) => ['GET', `/rooms/${f.rooms[0].id}/messages?limit=50&before=${middle(f)}`],
	'log, unchanged': (f, i) => ['GET', f.ends[i % ROOMS].path, f.ends[i % ROOMS].tag],
	post: (f, i) => ['POST', `/rooms/${some(f.rooms, i)}/messages`, null, `{"text":"number ${i} of many"}`],
	'search, twenty found': () => ['GET', '/search?q=kestrel'],
	'search, part of a word': () => ['GET', '/search?q=estre'],
	'search, none found': () => ['GET', '/search?q=unheard'],
	'file download': (f) => ['GET', `/files/${f.file}`],
};

function cpu_ns(pid) {
	try {
		return Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
	} catch {
		return 0;
	}
}

function spent(server) {
	const sum = (pids) => pids.reduce((total, pid) => total + cpu_ns(pid), 0);
	return { rest: sum(server.workers()), pg: sum(server.backends()), web: cpu_ns(server.pid('lighttpd')) };
}

function request(agent, fixture, [method, path, tag, body]) {
	const headers = { Authorization: `Bearer ${fixture.ann.token}` };

	if (tag)
		headers['If-None-Match'] = tag;
	if (body)
		headers['Content-Type'] = 'application/json';
	return new Promise((resolve, reject) => {
		const call = http.request(fixture.server.api + path, { method, headers, agent }, (reply) => {
			reply.resume();
			reply.on('end', () => (reply.statusCode < 400 ? resolve(reply)
				: reject(new Error(`${method} ${path}: ${reply.statusCode}`))));
		});
		call.on('error', reject);
		call.end(body ?? undefined);
	});
}

async function round(agent, fixture, route, count) {
	const before = spent(fixture.server);
	const began = process.hrtime.bigint();
	let next = 0;

	await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
		while (next < count)
			await request(agent, fixture, route(fixture, next++));
	}));
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;
	const after = spent(fixture.server);
	const each = (what) => (after[what] - before[what]) / 1000 / count;
	return { rate: count / seconds, rest: each('rest'), pg: each('pg'), web: each('web') };
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function measure(agent, fixtures, route) {
	const rounds = fixtures.map(() => []);

	for (const f of fixtures)
		await round(agent, f, route, 300);
	for (let r = 0; r < ROUNDS; r++)
		for (const [i, f] of fixtures.entries())
			rounds[i].push(await round(agent, f, route, REQUESTS));
	return rounds.map((list) => Object.fromEntries(
		['rate', 'rest', 'pg', 'web'].map((k) => [k, median(list.map((x) => x[k]))])));
}

// ---- the plans -------------------------------------------------------------------------

const SAMPLES = 5;

// The statements that a route's requests run.
async function statements_of(agent, fixture, route) {
	const from = fixture.server.log('postgres.log').length;
	const by_query = new Map();

	for (let i = 0; i < SAMPLES; i++)
		await request(agent, fixture, route(fixture, 1000 + i));
	let before = -1;
	const found = await until(() => {
		const all = explained(fixture.server, from);
		const settled = all.length === before;
		before = all.length;
		return settled && all;
	}, 'explained statements', 10000, 200);
	for (const one of found)
		by_query.set(one.query, [...by_query.get(one.query) ?? [], one]);
	return by_query;
}

const brief = (query) => query.replace(/\s+/g, ' ').slice(0, 76);

async function print_plans(agent, fixtures, routes) {
	console.log('\nstatements: pages touched at either size, and where the rows come from');
	for (const f of fixtures)
		await explain_from_now_on(f.server);
	for (const [name, route] of routes) {
		const sides = [];
		for (const f of fixtures)
			sides.push(await statements_of(agent, f, route));
		console.log(`\n${name}`);
		for (const [query, found] of sides[1]) {
			const other = sides[0].get(query) ?? [];
			const pages = [other, found].map((l) => (l.length ? median(l.map((x) => x.buffers)) : '-'));
			console.log(`  ${brief(query)}\n    pages ${pages.join(' and ')}: ${sources(found.at(-1).plan).join(', ') || 'no table'}`);
		}
	}
}

// ---- the table -------------------------------------------------------------------------

const cell = (value, width = 9) => String(value).padStart(width);

async function main([wanted = '']) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
	const fixtures = [];

	for (const size of SIZES)
		fixtures.push(await make(size));
	for (const f of fixtures) {
		f.ends = [];
		for (const room of f.rooms) {
			const path = `/rooms/${room.id}/log?after=${(await f.ann.get(`/rooms/${room.id}`)).seq}`;
			f.ends.push({ path, tag: (await request(agent, f, ['GET', path])).headers.etag });
		}
	}
	console.log(execFileSync('uname', ['-rm'], { encoding: 'utf8' }).trim());
	console.log(`${'µs of CPU a request'.padEnd(24)}${['messages', 'req/s', 'REST', 'PG', 'lighttpd', 'sum', 'ratio'].map((w) => cell(w)).join('')}`);
	const routes = Object.entries(ROUTES).filter(([name]) => name.includes(wanted));
	for (const [name, route] of routes) {
		const found = await measure(agent, fixtures, route).catch((error) => error);
		if (found instanceof Error) {
			console.log(`${name.padEnd(24)} not measured: ${found.message}`);
			continue;
		}
		const sums = found.map((x) => x.rest + x.pg + x.web);
		found.forEach((x, i) => console.log([name.padEnd(24), cell(SIZES[i]), cell(Math.round(x.rate)),
			cell(x.rest.toFixed(0)), cell(x.pg.toFixed(0)), cell(x.web.toFixed(0)), cell(sums[i].toFixed(0)),
			cell(i ? (sums[i] / sums[0]).toFixed(2) : '')].join('')));
	}
	await print_plans(agent, fixtures, routes);
	agent.destroy();
	await end_private_servers();
}

main(process.argv.slice(2)).catch(async (error) => {
	console.error(error);
	await end_private_servers().catch(() => {});
	process.exit(1);
});
